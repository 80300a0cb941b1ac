"""Connect: the conversations of program staff, in the admin. The same views as behind the doors, in Wagtail's frame."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import HeaderButton

from ..access.doors import open_to_staff
from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS
from ..access.table import Span, span_of
from ..people.models import Person
from ..people.rosters import regions_of
from ..people.search import search_condition
from ..shell.views import person_of
from . import views
from .actions import may_write
from .queries import correspondents_of
from .serving import attachment_response

#: People to whom one could write, on a page; more are searched.
MOST_OFFERED = 20
_TEMPLATES = "mentorpro_plugin/conversations/"


class ConnectPage(WagtailAdminTemplateMixin):
    """Puts a page of the front doors into the admin: other frame and addresses, same rows. Comes first among the bases."""

    header_icon = "comment"
    person: Person

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # Past that of the doors, which there are none of here.
        View.setup(self, request, *args, **kwargs)

    def turn_away(self, request: HttpRequest) -> HttpResponse | None:
        person = person_of(request)
        if person is None:
            # A superuser who is no Person: has no conversations, and is told so by the first page.
            return self.show_nobodys()
        self.person = person
        return None

    def show_nobodys(self) -> HttpResponse:
        raise Http404

    def set_headers(self, response: HttpResponseBase) -> None:
        add_never_cache_headers(response)

    def url(self, view: str, *args: Any) -> str:
        return reverse(f"connect:{view}", args=args)

    def redirect(self, view: str, *args: Any) -> HttpResponse:
        return redirect(self.url(view, *args))

    def render(self, context: dict[str, Any] | None = None, **kwargs: Any) -> TemplateResponse:
        template = kwargs.pop("template_name", "") or self.template_name
        template = template.replace(_TEMPLATES, f"{_TEMPLATES}admin/")
        return TemplateResponse(self.request, template, {**self.get_context(), **(context or {})}, **kwargs)

    def get_context(self) -> dict[str, Any]:
        return {
            **self.get_context_data(),
            "person": getattr(self, "person", None),
            "is_to_use_another_account": self.is_to_use_another_account,
        }

    @property
    def is_to_use_another_account(self) -> bool:
        """Whether this type of account doesn't write, and the screen says which one does."""
        return span_of(reach_of(self.request.user), "write_message") == Span.HINT

    def get_page_title(self) -> str:
        return _("Connect")

    def get_page_subtitle(self) -> str:
        other = getattr(self, "other", None)
        return str(other) if other else ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        other = self.get_page_subtitle()
        here = [{"url": "", "label": other}] if other else []
        return [
            *self.breadcrumbs_items,
            {"url": self.url("messages") if other else "", "label": _("Connect")},
            *here,
        ]


class ConnectView(ConnectPage, views.MessagesView):
    """The account's own conversations, and a search for somebody to write to."""

    template_name = views.MessagesView.template_name

    def show_nobodys(self) -> HttpResponse:
        return self.render({"conversations": [], "correspondents": []})

    def get_context(self) -> dict[str, Any]:
        return {
            **super().get_context(),
            "query": self._query,
            "may_write": not self.is_to_use_another_account,
        }

    @property
    def _query(self) -> str:
        return self.request.GET.get("q", "").strip()[:100]

    def _others(self) -> list[Person]:
        people = correspondents_of(self.request.user)
        if self._query:
            regions = regions_of(self.request.user)
            people = people.filter(search_condition(self._query, regions=regions))
        return list(people[:MOST_OFFERED])


class ConnectNewsView(ConnectPage, views.MessagesNewsView):
    """The beginning of the list, for a page that is open."""


class ConnectConversationView(ConnectPage, views.ConversationView):
    """What the account and one person wrote to each other."""

    template_name = views.ConversationView.template_name


class ConnectConversationNewsView(ConnectPage, views.ConversationNewsView):
    """What came since."""


class ConnectReadView(ConnectPage, views.ReadView):
    """Notes what has been read."""


class ConnectAttachmentView(ConnectPage, views.PortalView):
    """A picture or document, for the two people of its conversation."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return attachment_response(request.user, pk)


class ConnectViewSet(ViewSet):
    """No model behind it: everybody has conversations of their own."""

    name = "connect"
    icon = "comment"
    add_to_admin_menu = True
    menu_label = gettext_lazy("Connect")
    menu_order = 140

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", ConnectView.as_view(), name="messages"),
            path("news/", ConnectNewsView.as_view(), name="messages_news"),
            path("files/<int:pk>/", ConnectAttachmentView.as_view(), name="attachment"),
            path("<int:pk>/", ConnectConversationView.as_view(), name="conversation"),
            path("<int:pk>/news/", ConnectConversationNewsView.as_view(), name="conversation_news"),
            path("<int:pk>/read/", ConnectReadView.as_view(), name="conversation_read"),
        ]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)


def write_button(person: Person, request: HttpRequest) -> HeaderButton | None:
    """The button on the profile of a mentor or mentee to whom the viewer may write."""
    author = person_of(request)
    if author is None or person.role not in PARTICIPANTS or not may_write(request.user, author, person):
        return None
    return HeaderButton(
        _("Write"), url=reverse("connect:conversation", args=[person.pk]), icon_name="comment"
    )
