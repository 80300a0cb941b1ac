"""Draw the pictures of the two apps from our sign, with Chromium: `python bin/make_icons.py`.

The mentors' has the sign's own colours, the mentees' has them turned round, so that both can lie on one telephone.
"""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "mentorpro_plugin/static/mentorpro_plugin/portal"
SIGN = (FOLDER / "icon.svg").read_text(encoding="utf-8")
BLUE, YELLOW, WHITE = "#14506b", "#f2b84b", "#ffffff"
#: Background, big figure, small figure.
COLOURS = {"mentor": (BLUE, WHITE, YELLOW), "mentee": (YELLOW, BLUE, WHITE)}
SIZES = {"any": (192, 512), "maskable": (180, 192, 512)}


def drawing(door: str, purpose: str) -> str:
    """Return the sign in a door's colours; maskable ones fill the square, with the figures in its inner circle."""
    background, big, small = COLOURS[door]
    sign = SIGN.replace(BLUE, "{0}").replace(WHITE, "{1}").replace(YELLOW, "{2}")
    sign = sign.format(background, big, small)
    if purpose == "maskable":
        sign = sign.replace('rx="7"', "").replace('viewBox="0 0 32 32"', 'viewBox="-5 -5 42 42"')
        sign = sign.replace('<rect width="32" height="32"', '<rect x="-5" y="-5" width="42" height="42"')
    return sign


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    (FOLDER / "icons").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for door in COLOURS:
            for purpose, sizes in SIZES.items():
                for size in sizes:
                    page = browser.new_page(viewport={"width": size, "height": size})
                    page.set_content(
                        f"<style>body{{margin:0}}svg{{display:block;width:100vw}}</style>{drawing(door, purpose)}"
                    )
                    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
                    path = FOLDER / "icons" / f"{door}-{purpose}-{size}.png"
                    picture.quantize(64).save(path, optimize=True)
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
