"""What is said where the database lets nobody write at the moment: on SQLite, while a large import is being stored."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .doors import door_of_request
from .views import DoorView, is_of_htmx

logger = logging.getLogger(__name__)

#: Seconds after which to try again.
LATER = 60
# SQLITE_BUSY and SQLITE_LOCKED; what else SQLite knows of them stands in further bits.
_SQLITE_CODES = (5, 6)
# A lock that wasn't had in time, a conflict of transactions, two that wait for each other.
_POSTGRESQL_CODES = ("55P03", "40001", "40P01")


def sentence_on(error: BaseException | None) -> str:
    """Return what to say if `error` means that somebody else is writing; empty for any other."""
    if not isinstance(error, OperationalError):
        return ""
    cause = error.__cause__
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_CODES:
        return _("The site is busy storing a large import. Please try again in a minute.")
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_CODES:
        return _("Somebody else is changing the same at this moment. Please try again in a minute.")
    return ""


class BusyMiddleware:
    """Answers 503 instead of 500 where a view waited in vain for whoever else is writing.

    What goes wrong outside of views, such as a session that isn't stored, is for `errors.server_error`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return busy(request, exception)


class BusyView(DoorView):
    """A page behind a front door that asks for patience, whatever the method."""

    template_name = "mentorpro_plugin/shell/503.html"
    sentence = ""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render(_context(request, self.sentence), status=503).render()

    post = put = patch = delete = options = get


def busy(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return what to answer if `error` means that somebody else is writing; None for any other."""
    sentence = sentence_on(error)
    if not sentence:
        return None
    # Its class only: what it says may quote rows.
    cause = type(getattr(error, "__cause__", None)).__name__
    logger.warning("%s %s was answered with 503 (%s).", request.method, request.path, cause)
    if hasattr(request, "session"):
        # As with any other error, nothing of it is kept: it may belong to a log-in of which the rest wasn't stored.
        request.session.modified = False
    response = _answer(request, sentence)
    response.headers["Retry-After"] = str(LATER)
    add_never_cache_headers(response)
    return response


def _answer(request: HttpRequest, sentence: str) -> HttpResponse:
    if is_of_htmx(request):
        part = format_html('<div class="notice notice--error" role="alert"><p>{}</p></div>', sentence)
        return HttpResponse(part, status=503)
    if _is_of_script(request):
        # Under both names by which our scripts know what is wrong.
        return JsonResponse({"said": sentence, "errors": {"": [sentence]}}, status=503)
    if door := door_of_request(request):
        try:
            return BusyView.as_view(sentence=sentence)(request, door=door.name)
        except DatabaseError:
            # Without WAL, nobody can read at such a moment either.
            logger.warning("The page of the front door couldn't be made.")
    text = render_to_string("mentorpro_plugin/shell/busy.html", _context(request, sentence))
    return HttpResponse(text, status=503)


def _context(request: HttpRequest, sentence: str) -> dict[str, Any]:
    return {"sentence": sentence, "was_sent": request.method not in ("GET", "HEAD")}


def _is_of_script(request: HttpRequest) -> bool:
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
