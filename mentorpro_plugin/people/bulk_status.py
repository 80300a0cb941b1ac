"""Deactivating and reactivating many people at once."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..access.extents import holds
from .bulk import BulkActionView, Sorting, sort
from .models import Person
from .switching import deactivate_many, reactivate_many


class _SwitchView(BulkActionView):
    @classmethod
    def is_offered(cls, user: Any, model: type[Person]) -> bool:
        # Not `has_perm`: Django grants a superuser whatever is asked, and nobody deactivates organization accounts.
        return holds(user, cls._codename(model))

    @staticmethod
    def _codename(model: type[Person]) -> str:
        return f"deactivate_{model._meta.model_name}"

    def _sort(
        self, *, by_status: Person.Status, reason: str, refusal: str, archived: frozenset[int] = frozenset()
    ) -> Sorting:
        """Leave out whom the user may not switch, who has the status already, and people of an `archived` organization."""
        permitted = self.selection.permitted(self._codename(self.model))

        def reason_of(person: Person) -> str:
            if person.pk not in permitted:
                return refusal
            if person.status == by_status:
                return reason
            return _("their organization is archived") if person.pk in archived else ""

        return sort(self.selection.people, reason_of)


class DeactivateManyView(_SwitchView):
    name = "deactivate"
    label = gettext_lazy("Deactivate")
    icon_name = "lock"
    is_serious = True

    def sort(self) -> Sorting:
        return self._sort(
            by_status=Person.Status.DEACTIVATED,
            reason=_("deactivated already"),
            refusal=_("you may see, but not deactivate"),
        )

    def run(self, chosen: list[Person]) -> HttpResponse:
        count = deactivate_many([person.pk for person in chosen], by=self.request.user)
        said = ngettext(
            "%(count)d person was deactivated: logged out everywhere, and shut out until reactivated.",
            "%(count)d people were deactivated: logged out everywhere, and shut out until reactivated.",
            count,
        )
        return self.leave(said % {"count": count})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = len(self.sorting.chosen)
        return {
            **super().get_context_data(**kwargs),
            "question": ngettext("Deactivate %(count)d person?", "Deactivate %(count)d people?", count)
            % {"count": count},
            "explanation": _(
                "They are logged out everywhere at once, and can't log in. Nothing is deleted, and Reactivate takes "
                "it back."
            ),
        }


class ReactivateManyView(_SwitchView):
    name = "reactivate"
    label = gettext_lazy("Reactivate")
    icon_name = "lock-open"

    def sort(self) -> Sorting:
        archived = self.selection.queryset.filter(organization__archived_at__isnull=False)
        return self._sort(
            by_status=Person.Status.ENABLED,
            reason=_("not deactivated"),
            refusal=_("you may see, but not reactivate"),
            archived=frozenset(archived.order_by().values_list("pk", flat=True)),
        )

    def run(self, chosen: list[Person]) -> HttpResponse:
        count = reactivate_many([person.pk for person in chosen], by=self.request.user)
        said = ngettext(
            "%(count)d person was reactivated, and can log in again.",
            "%(count)d people were reactivated, and can log in again.",
            count,
        )
        return self.leave(said % {"count": count})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = len(self.sorting.chosen)
        return {
            **super().get_context_data(**kwargs),
            "question": ngettext("Reactivate %(count)d person?", "Reactivate %(count)d people?", count)
            % {"count": count},
            "explanation": _("They can log in again. Sessions from before stay closed."),
        }
