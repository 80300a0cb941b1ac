"""Pictures are drawn anew: what comes out holds what is seen, and neither place, camera nor anything else."""

import io

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageCms

#: Longest side of what is stored, in pixels: fills a telephone, and a screen at a desk nearly.
LONGEST_SIDE = 1600

#: Pixels of what is taken. A JPEG is read at a fraction of its size, the others as they are: 4 bytes each.
_MOST_PIXELS = {"JPEG": 80_000_000, "PNG": 30_000_000, "WEBP": 30_000_000, "GIF": 30_000_000}

_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}

#: What undoes each way of holding a camera, as EXIF numbers them.
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def encode_again(file: File, name: str) -> tuple[bytes, str]:
    """Return the picture in `file` drawn anew, upright and of bounded size, and the extension that fits it.

    Of a moving picture that is the first frame, as PNG. Raises ValidationError for what isn't the kind of picture
    that `name` says, is broken, or has too many pixels.
    """
    format_name = _FORMATS[name.rpartition(".")[2]]
    file.seek(0)
    try:
        # Only the reader for what the name says: no other one, of the dozens there are, gets to see the bytes.
        with Image.open(file, formats=[format_name]) as picture:
            if picture.width * picture.height > _MOST_PIXELS[format_name]:
                raise ValidationError(_("“%(name)s” has too many pixels.") % {"name": name})
            return _drawn_anew(picture, format_name)
    except ValidationError:
        raise
    except Exception as error:
        raise ValidationError(
            _("“%(name)s” can't be sent: it is broken, or its content isn't what its name says.")
            % {"name": name}
        ) from error


def _drawn_anew(picture: Image.Image, format_name: str) -> tuple[bytes, str]:
    # Lets the JPEG reader skip what would be thrown away; does nothing for the others.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    profile = picture.info.get("icc_profile")
    orientation = picture.getexif().get(0x0112)
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    drawn = picture.convert("RGBA" if has_alpha else "RGB")
    drawn.info.clear()
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    drawn = _upright(drawn, orientation)
    if profile and not has_alpha:
        drawn = _in_usual_colours(drawn, profile)
    drawn.info.clear()
    result = io.BytesIO()
    if format_name == "JPEG":
        drawn.save(result, "JPEG", quality=82, optimize=True, progressive=True)
        return result.getvalue(), "jpg"
    if format_name == "WEBP":
        drawn.save(result, "WEBP", quality=82)
        return result.getvalue(), "webp"
    drawn.save(result, "PNG", optimize=True)
    return result.getvalue(), "png"


def _upright(picture: Image.Image, orientation: object) -> Image.Image:
    """Turn the picture as its camera was held."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _in_usual_colours(picture: Image.Image, profile: bytes) -> Image.Image:
    """Telephones have colour spaces of their own; without the profile, everybody would look grey."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")) or picture
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
