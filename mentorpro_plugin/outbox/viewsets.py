"""The Outbox tab: what became of every message to the people that the user may see. Its text isn't shown."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from ..access.pagination import BoundedPaginator
from ..access.views import ScopedIndexView
from ..access.viewsets import ScopedViewSet
from ..tables import LabelledColumn, LinesColumn, moment_text
from .actions import is_offered_again, send_again
from .models import OutboxMessage
from .queries import used_up_budgets, used_up_numbers


class PersonColumn(Column):
    """The person a message goes to, with a link to their profile; the address, if it goes to nobody in particular."""

    cell_template_name = "mentorpro_plugin/outbox/person_cell.html"

    def __init__(self, *args: Any, get_url: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.get_url = get_url

    def get_cell_context_data(self, instance: OutboxMessage, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "url": self.get_url(instance.person) if instance.person else ""}


class StateColumn(Column):
    """State and reason."""

    cell_template_name = "mentorpro_plugin/outbox/state_cell.html"


class SendAgainColumn(Column):
    """A button, beside failed messages that the user may have sent again."""

    cell_template_name = "mentorpro_plugin/outbox/send_again_cell.html"

    def get_cell_context_data(self, instance: OutboxMessage, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        is_offered = is_offered_again(instance, parent_context["request"].user)
        return {**context, "is_offered": is_offered, "csrf_token": parent_context.get("csrf_token", "")}


class OutboxFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=OutboxMessage.State.choices, empty_label=gettext_lazy("All")
    )
    channel = django_filters.ChoiceFilter(
        label=gettext_lazy("Channel"), choices=OutboxMessage.Channel.choices, empty_label=gettext_lazy("All")
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=OutboxMessage.Kind.choices, empty_label=gettext_lazy("All")
    )

    class Meta:
        model = OutboxMessage
        # All declared above.
        fields: list[str] = []


class MessagesPaginator(BoundedPaginator):
    """Counts messages: the plural of the model names the page, and nobody has three outbox."""

    verbose_name_plural = gettext_lazy("messages")


class OutboxIndexView(ScopedIndexView):
    paginator_class = MessagesPaginator
    filterset_class = OutboxFilterSet
    default_ordering = "-pk"
    template_name = "mentorpro_plugin/outbox/index.html"
    #: Where a person's profile is: people stand above the outbox in the order of imports.
    get_person_url: Callable[[Any], str] | None = None

    @cached_property
    def columns(self) -> list[Any]:
        return [
            PersonColumn("person", label=_("Recipient"), get_url=self.get_person_url),
            LinesColumn(
                "kind",
                label=_("Message"),
                accessor=lambda message: [message.get_kind_display(), message.get_channel_display()],
            ),
            StateColumn("state", label=_("State")),
            LabelledColumn("attempts", label=_("Attempts"), accessor=lambda message: str(message.attempts)),
            LabelledColumn(
                "created_at", label=_("Written"), accessor=lambda message: moment_text(message.created_at)
            ),
            LabelledColumn("sent_at", label=_("Sent"), accessor=lambda message: moment_text(message.sent_at)),
            SendAgainColumn("again", label=_("Action")),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().with_people()

    @cached_property
    def no_results_message(self) -> str:
        if self.is_filtering:
            return super().no_results_message
        return _("No message has been written yet.")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if not self.results_only:
            user = self.request.user
            numbers = used_up_numbers(user)
            context["used_up"] = [
                *(used_up.sentence for used_up in used_up_budgets(user)),
                *([numbers] if numbers else []),
            ]
        return context


class SendAgainView(View):
    """Has a failed message sent again, by POST; leads back to the list, or to the profile where it was pressed."""

    http_method_names = ["post"]
    get_person_url: Callable[[Any], str] | None = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        visible = OutboxMessage.objects.visible_to(request.user).select_related("person")
        message = get_object_or_404(visible, pk=pk)
        try:
            send_again(message, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(
                request, _("The message to %(person)s is being sent again.") % {"person": message.to}
            )
        if request.POST.get("back") == "person" and message.person and self.get_person_url:
            return redirect(self.get_person_url(message.person))
        return redirect("outbox:index")


class OutboxViewSet(ScopedViewSet):
    """Nothing is added or changed here."""

    model = OutboxMessage
    name = "outbox"
    icon = "mail"
    menu_label = gettext_lazy("Outbox")
    menu_order = 170
    index_view_class = OutboxIndexView
    get_person_url: Callable[[Any], str] | None = None

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(get_person_url=self.get_person_url, **kwargs)

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path(
                "<int:pk>/again/",
                SendAgainView.as_view(get_person_url=self.get_person_url),
                name="send_again",
            ),
        ]
