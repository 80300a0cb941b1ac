"""Conversations behind the front doors. Staff have theirs in the admin, made of the same actions and queries."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from ..conf import setting
from ..oversize import forget_upload, is_oversize
from ..people.models import Person
from ..shell.views import DoorView, PortalView, is_of_htmx
from .actions import MAX_LENGTH, conversation_between, mark_read, may_write, why_not, write_message
from .display import shown
from .inbox import mark_of
from .models import Conversation, Message
from .notices import person_of_token, stop_notices
from .queries import (
    conversations_of,
    correspondents_of,
    messages_after,
    messages_before,
    older_than,
    sides_of,
    unread_total,
)
from .serving import attachment_response
from .uploads import accepted_extensions

#: Conversations on a page.
PAGE = 30


class MessagesView(PortalView):
    """All conversations, and those with whom there could be one."""

    template_name = "mentorpro_plugin/conversations/messages.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        mark = mark_of(self.person)
        rows = conversations_of(self.person)
        before = _cursor(request.GET.get("before", ""))
        if before is not None:
            rows = older_than(rows, *before)
        page = list(rows[: PAGE + 1])
        context = {
            "conversations": page[:PAGE],
            "older": _cursor_text(page[PAGE - 1]) if len(page) > PAGE else "",
            "correspondents": [] if before else self._others(),
            "mark": mark,
        }
        return self.render(context)

    def _others(self) -> list[Person]:
        known = conversations_of(self.person).values("other")
        return list(correspondents_of(self.request.user).exclude(pk__in=known)[:100])


class NewsView(PortalView):
    """What is new, for pages that are open: 304 as long as nothing is, without a query of its own.

    The page repeats the mark it was made at (`If-None-Match`); see `inbox`.
    """

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        mark = mark_of(self.person)
        tag = f'"{mark}"'
        if request.headers.get("If-None-Match") == tag:
            response = HttpResponse(status=304)
        else:
            response = self.news(**kwargs)
        response["ETag"] = tag
        return response


class MessagesNewsView(NewsView):
    """The beginning of the list of conversations."""

    def news(self) -> HttpResponse:
        context = {
            "conversations": conversations_of(self.person)[:PAGE],
            "count": unread_total(self.person),
        }
        return self.render(context, template_name="mentorpro_plugin/conversations/_messages_news.html")


class WithOther(PortalView):
    """A page about the conversation with one other person, in the address by primary key."""

    other: Person
    conversation: Conversation | None

    def find(self, pk: int) -> None:
        """Set `other` and `conversation`. Raises Http404 where there is nothing between the two, nor may be."""
        other = Person.objects.select_related("user").filter(pk=pk).first()
        if other is None or other.pk == self.person.pk:
            raise Http404
        self.other = other
        self.conversation = conversation_between(self.person, other)
        if self.conversation is None and not may_write(self.request.user, self.person, other):
            raise Http404


# See `oversize`.
@method_decorator(csrf_exempt, name="dispatch")
class ConversationView(WithOther):
    """What two people wrote to each other, newest at the bottom, and a box to write more."""

    template_name = "mentorpro_plugin/conversations/conversation.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        # Looking at the page doesn't mark anything as read. Browsers fetch pages ahead, restore them in tabs that
        # nobody looks at, and a GET is to change nothing. The page's script says by POST what has been on the screen;
        # where there is none, an answer does, and a button.
        mark = mark_of(self.person)
        self.find(pk)
        before = _number(request.GET.get("before", ""))
        if before is not None and is_of_htmx(request):
            return self._older(before)
        return self._page(before=before, mark=mark)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        self.find(pk)
        most = setting("ATTACHMENTS_PER_MESSAGE") * setting("ATTACHMENT_MAX_MB") * 1_000_000
        if is_oversize(request, most):
            forget_upload(request)
            sentence = _("These files are too large: a file has at most %(most)s MB.")
            return self._refused([sentence % {"most": setting("ATTACHMENT_MAX_MB")}], text="", status=413)
        return csrf_protect(self._send)(request)

    def _send(self, request: HttpRequest) -> HttpResponse:
        text = request.POST.get("text", "")
        try:
            message = write_message(
                author=self.person,
                to=self.other,
                text=text,
                files=request.FILES.getlist("files"),
                key=_uuid(request.POST.get("key", "")),
                by=request.user,
            )
        except PermissionDenied as error:
            raise Http404 from error
        except ValidationError as error:
            return self._refused(error.messages, text=text, status=422)
        # Whoever answers has read what was on the page.
        if seen := _number(request.POST.get("seen", "")):
            mark_read(message.conversation, self.person, up_to=seen)
        if not is_of_htmx(request):
            response = self.redirect("conversation", self.other.pk)
            response["Location"] += "#latest"
            return response
        return self._sent(message.conversation, seen or 0)

    def _page(self, *, before: int | None = None, mark: str = "", **context: Any) -> HttpResponse:
        status = context.pop("status", 200)
        messages: list[Message] = []
        has_older, unread, read_up_to = False, 0, 0
        if self.conversation is not None:
            messages, has_older = messages_before(self.conversation, before)
            own, others = sides_of(self.conversation, self.person)
            unread, read_up_to = own.unread_count, others.read_up_to
        return self.render(
            {
                "other": self.other,
                "written": shown(messages, self.person, read_up_to=read_up_to),
                "older": messages[0].pk if has_older else None,
                "is_latest": before is None,
                "seen": messages[-1].pk if messages else 0,
                "unread": unread,
                "mark": mark,
                "why_not": why_not(self.request.user, self.person, self.other),
                "key": uuid4(),
                "max_length": MAX_LENGTH,
                "accept": accepted_extensions(),
                "most_files": setting("ATTACHMENTS_PER_MESSAGE"),
                "most_mb": setting("ATTACHMENT_MAX_MB"),
                "text": "",
                "problems": [],
                **context,
            },
            status=status,
        )

    def _older(self, before: int) -> HttpResponse:
        messages, has_older = messages_before(self.conversation, before) if self.conversation else ([], False)
        # What the other one has read is marked on the page already, further down.
        context = {
            "other": self.other,
            "written": shown(messages, self.person, read_up_to=0),
            "older": messages[0].pk if has_older else None,
        }
        return self.render(context, template_name="mentorpro_plugin/conversations/_older.html")

    def _sent(self, conversation: Conversation, seen: int) -> HttpResponse:
        """What the page doesn't have yet: the message just sent, and what came meanwhile."""
        context = {
            "other": self.other,
            "written": shown(messages_after(conversation, seen), self.person, read_up_to=0),
        }
        response = self.render(context, template_name="mentorpro_plugin/conversations/_written.html")
        response["X-Next-Key"] = str(uuid4())
        return response

    def _refused(self, sentences: list[str], *, text: str, status: int) -> HttpResponse:
        if is_of_htmx(self.request):
            return self.render(
                {"problems": sentences},
                template_name="mentorpro_plugin/conversations/_problems.html",
                status=status,
            )
        return self._page(problems=sentences, text=text, status=status)


class ConversationNewsView(WithOther, NewsView):
    """Messages after the last one that the page has (`?after=`), and what the other one has read."""

    def news(self, pk: int) -> HttpResponse:
        self.find(pk)
        messages: list[Message] = []
        read_up_to = 0
        if self.conversation is not None:
            after = _number(self.request.GET.get("after", "")) or 0
            messages = messages_after(self.conversation, after)
            read_up_to = sides_of(self.conversation, self.person)[1].read_up_to
        context = {
            "other": self.other,
            "written": shown(messages, self.person, read_up_to=0),
            "count": unread_total(self.person),
            "read_up_to": read_up_to,
        }
        return self.render(context, template_name="mentorpro_plugin/conversations/_conversation_news.html")


class ReadView(WithOther):
    """By POST: `up_to` is the last message that has been on the screen."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.find(pk)
        up_to = _number(request.POST.get("up_to", ""))
        if self.conversation is not None and up_to is not None:
            mark_read(self.conversation, self.person, up_to=up_to)
        if request.POST.get("from") == "button":
            response = self.redirect("conversation", self.other.pk)
            response["Location"] += "#latest"
            return response
        return HttpResponse(status=204)


class AttachmentView(PortalView):
    """A picture or document, for the two people of its conversation."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return attachment_response(request.user, pk)


class StopNoticesView(DoorView):
    """Where a notice's own link leads: stops notices, by POST, since mail programs open links to look at them."""

    template_name = "mentorpro_plugin/conversations/stop_notices.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        self._person(token)
        return self.render({"is_stopped": False})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        stop_notices(self._person(token))
        return self.render({"is_stopped": True})

    def _person(self, token: str) -> Person:
        person = person_of_token(token)
        if person is None:
            raise Http404
        return person


def _number(text: str) -> int | None:
    """A primary key from an address or a form; None for whatever else stands there."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _cursor(text: str) -> tuple[datetime, int] | None:
    """Where a page of conversations begins: moment and primary key."""
    moment, _separator, pk = text.partition("|")
    number = _number(pk)
    try:
        at = parse_datetime(moment)
        # Databases are asked in UTC, where the first and the last day of all have no neighbours.
        return None if at is None or at.tzinfo is None or number is None else (at.astimezone(UTC), number)
    except (ValueError, OverflowError):
        return None


def _cursor_text(participation: Any) -> str:
    return f"{participation.last_message_at.isoformat()}|{participation.pk}"
