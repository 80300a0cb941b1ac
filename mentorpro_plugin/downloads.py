"""Files that browsers are sent."""

from typing import TypeVar

from django.http import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header

Response = TypeVar("Response", bound=HttpResponseBase)


def as_download(response: Response, name: str, *, inline: bool = False) -> Response:
    """Have browsers keep `response` as a file called `name`, or with `inline` show it; return it.

    They take it for nothing but what it says it is, and neither they nor what stands between keep it besides.
    """
    response.headers["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    add_never_cache_headers(response)
    return response
