"""Uploads that are larger than a page takes: told by what the browser says of them, before anything is stored.

A view that refuses such an upload is `csrf_exempt`, and has `csrf_protect` around what it does otherwise: the token stands
among the form's fields, so to look for it is to read, and store, the whole upload.
"""

from django.http import HttpRequest

#: Beside the files, a form sends its fields, and what separates them.
_AROUND = 100_000
#: So much is read and forgotten: a browser whose upload nobody reads shows no answer to it. Of more, nobody waits for the end.
_MOST_FORGOTTEN = 200 * 1024**2
_BLOCK = 256 * 1024


def is_oversize(request: HttpRequest, most: int) -> bool:
    """Whether the request brings more than `most` bytes of files. Without a length, servers hand on no body at all."""
    return _length(request) > most + _AROUND


def forget_upload(request: HttpRequest) -> None:
    """Read what the request brings, and keep nothing of it. Afterwards its form is empty."""
    # At least once, so that nobody looks for a form in it later.
    left = _length(request) if _length(request) <= _MOST_FORGOTTEN else 0
    while request.read(min(left, _BLOCK)):
        left -= _BLOCK
        if left <= 0:
            break


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
