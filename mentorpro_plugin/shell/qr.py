"""The QR code of each front door, at an address of its own: what e-mails show, and whoever prints a poster."""

import io
from functools import lru_cache
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag

from .doors import Door, door_url
from .views import DoorView

#: Pixels of each square, and squares of white around the code, without which cameras don't find it.
_SCALE, _BORDER = 8, 4
_A_WEEK = 7 * 24 * 60 * 60


class QrCodeView(DoorView):
    """A picture for everybody: it holds the door's address, and nothing of whoever fetches it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(qr_code(self.door), content_type="image/png")
        set_response_etag(response)
        return get_conditional_response(request, etag=response.headers["ETag"], response=response)

    def set_headers(self, response: HttpResponseBase) -> None:
        patch_cache_control(response, public=True, max_age=_A_WEEK)


def qr_code(door: Door) -> bytes:
    """Return a PNG that leads a telephone's camera to `door`."""
    return _drawn(door_url(door))


@lru_cache(maxsize=4)
def _drawn(address: str) -> bytes:
    drawn = io.BytesIO()
    # As much damage as a poster in the rain takes: a quarter of the squares.
    segno.make(address, error="q", micro=False).save(drawn, kind="png", scale=_SCALE, border=_BORDER)
    return drawn.getvalue()
