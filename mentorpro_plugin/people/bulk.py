"""What can be done to many people of a roster at once. Other domains register theirs, as they do with panels.

Wagtail's own bulk actions ask about the model and take `id=all` for everybody there is; they stay closed to program
staff (`access/doors.py`). These look like them, and take their people from a `Selection`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from .models import Person
from .selection import MOST, Selection

#: Names that a page shows of each group, before it says how many more there are.
MOST_NAMED = 20


class Group(NamedTuple):
    """Some of the selected, with the reason why nothing is done to them."""

    reason: str
    people: list[Person]

    @property
    def named(self) -> list[Person]:
        return self.people[:MOST_NAMED]

    @property
    def more(self) -> int:
        return max(0, len(self.people) - MOST_NAMED)


@dataclass
class Sorting:
    """Of the selected: those to whom it is done, and those to whom it isn't."""

    chosen: list[Person] = field(default_factory=list)
    skipped: list[Group] = field(default_factory=list)

    @property
    def named(self) -> list[Person]:
        return self.chosen[:MOST_NAMED]

    @property
    def more(self) -> int:
        return max(0, len(self.chosen) - MOST_NAMED)


def sort(people: list[Person], reason_of: Callable[[Person], Any]) -> Sorting:
    """Sort `people` by what `reason_of` says against doing it to each of them; nothing is, for "" and None."""
    sorting, by_reason = Sorting(), {}
    for person in people:
        if reason := reason_of(person):
            by_reason.setdefault(reason, []).append(person)
        else:
            sorting.chosen.append(person)
    sorting.skipped = [Group(str(reason), skipped) for reason, skipped in by_reason.items()]
    return sorting


class BulkActionView(WagtailAdminTemplateMixin, TemplateView):
    """Asks about the selected people, and does it by POST. A subclass says what, whom it skips, and to whom it is open.

    The address carries the selection; a POST brings its `mark` along, and asks again where the people changed meanwhile.
    """

    http_method_names = ["get", "post"]
    template_name = "mentorpro_plugin/people/bulk_confirm.html"
    #: Part of the address.
    name: str
    #: On the button, and as the title of the page.
    label: Any
    icon_name: str
    is_serious = False
    model: type[Person] = Person
    make_listing: Callable[[HttpRequest], Any] | None = None

    @classmethod
    def is_offered(cls, user: Any, model: type[Person]) -> bool:
        """Whether `user` may do this to anybody of `model`, in principle."""
        raise NotImplementedError

    def sort(self) -> Sorting:
        """Sort the selected people into those to whom it can be done, and the others."""
        raise NotImplementedError

    def run(self, chosen: list[Person]) -> HttpResponse:
        """Do it to `chosen`, who may have changed since they were read."""
        raise NotImplementedError

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.selection = Selection(request, self.make_listing(request))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.is_offered(request.user, self.model):
            raise PermissionDenied
        if not self.selection.people:
            messages.warning(request, _("Nobody is selected. Tick people in the list, then say what to do."))
            return redirect(self.selection.roster_url)
        if self.selection.is_too_large:
            limit = {"limit": number_format(MOST, force_grouping=True)}
            messages.error(
                request,
                _("These are more than %(limit)s people. Filter the list to fewer, and select them.") % limit,
            )
            return redirect(self.selection.roster_url)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("mark") != self.selection.mark:
            self.say_that_it_changed()
            return self.get(request, *args, **kwargs)
        if not self.sorting.chosen:
            return self.get(request, *args, **kwargs)
        return self.run(self.sorting.chosen)

    def say_that_it_changed(self) -> None:
        messages.warning(
            self.request, _("Other people than before are selected now. Look at them, and confirm once more.")
        )

    @cached_property
    def sorting(self) -> Sorting:
        return self.sort()

    def leave(self, said: str) -> HttpResponse:
        """Go back to the roster with a message."""
        messages.success(self.request, said)
        return redirect(self.selection.roster_url)

    @property
    def header_icon(self) -> str:
        return self.icon_name

    def get_page_title(self) -> str:
        return str(self.label)

    def get_page_subtitle(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.selection.roster_url, "label": self.get_page_subtitle()},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "selection": self.selection,
            "sorting": self.sorting,
            "submit_url": self.request.get_full_path(),
        }


_actions: list[tuple[int, type[BulkActionView]]] = []


def register_bulk_action(action: type[BulkActionView], *, order: int) -> None:
    """Offer `action` on every roster where its `is_offered` says so; lower `order` stands first."""
    _actions.append((order, action))
    _actions.sort(key=lambda entry: entry[0])


def bulk_buttons(user: Any, model: type[Person], url_name: str) -> list[dict[str, Any]]:
    """Return what `user` may do to many of `model` at once: dictionaries of `label`, `icon_name` and `url`."""
    return [
        {
            "label": action.label,
            "icon_name": action.icon_name,
            "is_serious": action.is_serious,
            "url": reverse(url_name, args=[action.name]),
        }
        for _order, action in _actions
        if action.is_offered(user, model)
    ]


def bulk_view(model: type[Person], make_listing: Callable[[HttpRequest], Any]) -> Any:
    """Return the view of a roster's bulk actions; which one is in the address."""

    def view(request: HttpRequest, action: str) -> HttpResponse:
        for _order, registered in _actions:
            if registered.name == action:
                return registered.as_view(model=model, make_listing=make_listing)(request)
        raise Http404

    return view
