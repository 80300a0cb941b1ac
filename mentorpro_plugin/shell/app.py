"""What makes an installable app of each front door: manifest, service worker, and the pages that belong to them."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from .doors import Door
from .views import DoorView

#: Static files that every page needs: in the browser before anybody is out of reach of the network.
SHELL_FILES = (
    "mentorpro_plugin/portal/portal.css",
    "mentorpro_plugin/portal/portal.js",
    "mentorpro_plugin/portal/offline.js",
    "mentorpro_plugin/portal/icons.svg",
    "mentorpro_plugin/portal/icon.svg",
    "django_htmx/htmx-2.min.js",
)
#: Purpose and size of the pictures that `bin/make_icons.py` draws for each door.
ICONS = (("any", 192), ("any", 512), ("maskable", 192), ("maskable", 512))
THEME_COLOR = "#14506b"
BACKGROUND_COLOR = "#f6f8f9"


class AppFileView(DoorView):
    """A file that browsers ask for on the app's behalf: asked again each time, sent again only when it changed."""

    def set_headers(self, response: HttpResponse) -> None:
        response.headers["Cache-Control"] = "no-cache"

    def answer(self, request: HttpRequest, content: str, content_type: str) -> HttpResponse:
        response = HttpResponse(content, content_type=content_type)
        set_response_etag(response)
        return get_conditional_response(request, etag=response.headers["ETag"], response=response)


class ManifestView(AppFileView):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        manifest = json.dumps(self.manifest(), indent=2)
        return self.answer(request, manifest, "application/manifest+json; charset=utf-8")

    def manifest(self) -> dict[str, Any]:
        home = self.url("home")
        return {
            "id": home,
            "name": str(self.door.title),
            "short_name": str(self.door.short_title),
            "description": _("Your people, your messages and your goals."),
            "lang": get_language(),
            "dir": "rtl" if get_language_bidi() else "ltr",
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "theme_color": THEME_COLOR,
            "background_color": BACKGROUND_COLOR,
            "icons": [
                {
                    "src": static(icon_name(self.door, purpose, size)),
                    "type": "image/png",
                    "sizes": f"{size}x{size}",
                    "purpose": purpose,
                }
                for purpose, size in ICONS
            ],
        }


class ServiceWorkerView(AppFileView):
    """The service worker, with the names and the version of what it keeps."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        offline = render_to_string(OfflineView.template_name, self.get_context(), request=request)
        app = {
            "door": self.door.name,
            "version": _version(offline),
            "scope": self.url("home"),
            "offline": self.url("offline"),
            "statics": settings.STATIC_URL,
            "files": [static(name) for name in SHELL_FILES],
        }
        script = render_to_string("mentorpro_plugin/shell/service-worker.js", {"app": json.dumps(app)})
        return self.answer(request, script, "text/javascript; charset=utf-8")


class OfflineView(DoorView):
    """What the app shows for pages that it hasn't kept. The same for everybody: it stays on the device."""

    template_name = "mentorpro_plugin/shell/offline.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render()


class InstallView(DoorView):
    """How to get in, and how to put the app on a home screen."""

    template_name = "mentorpro_plugin/shell/install.html"
    keeps_offline = True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render()


def icon_name(door: Door, purpose: str, size: int) -> str:
    """Return the static file of a door's picture."""
    return f"mentorpro_plugin/portal/icons/{door.name}-{purpose}-{size}.png"


def _version(offline: str) -> str:
    """Return a word that changes whenever something that the service worker keeps does: the offline page, or a file."""
    digest = sha256(offline.encode())
    for name in SHELL_FILES:
        path = Path(finders.find(name))
        digest.update(_digest(path, path.stat().st_mtime_ns))
    return digest.hexdigest()[:16]


@lru_cache(maxsize=len(SHELL_FILES))
def _digest(path: Path, changed_at: int) -> bytes:
    return sha256(path.read_bytes()).digest()
