"""A person's history on their profile: entries hold ids, names are looked up here, within the reader's scope."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component

from .models import HistoryEntry
from .names import name_of

#: How many entries a profile shows, newest first.
MOST_SHOWN = 100

_FIELD_LABELS = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "phone": gettext_lazy("phone number"),
    "id_number": gettext_lazy("ID"),
    "email": gettext_lazy("e-mail"),
}


class HistoryPanel(Component):
    """History of one person, for those who may see it."""

    template_name = "mentorpro_plugin/activity/history.html"

    def __init__(self, person: Any, request: Any) -> None:
        self.person, self.user = person, request.user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if not self.user.has_perm("mentorpro_plugin.view_history", self.person):
            return {"is_shown": False}
        entries = HistoryEntry.objects.filter(person=self.person.pk).select_related("actor__mentorpro_person")
        entries = entries.filter(_about_visible_programs(self.user))
        found = list(entries[: MOST_SHOWN + 1])
        shown = found[:MOST_SHOWN]
        names = _Names(shown)
        return {
            "is_shown": True,
            "rows": [
                {
                    "at": entry.at,
                    "by": name_of(entry.actor, self.user),
                    "via": _via(entry),
                    "what": names.sentence(entry),
                }
                for entry in shown
            ],
            "has_more": len(found) > MOST_SHOWN,
            "person": self.person,
        }


def _about_visible_programs(user: Any) -> Q:
    program = apps.get_model("mentorpro_plugin", "Program")
    return Q(program=None) | Q(program__in=program.objects.visible_to(user))


def _via(entry: HistoryEntry) -> str:
    return "" if entry.via == HistoryEntry.Via.SCREEN else entry.get_via_display()


class _Names:
    """Names of everything that some entries mention, in one query a model. What is gone has none."""

    def __init__(self, entries: Iterable[HistoryEntry]) -> None:
        people, programs, values = set(), set(), set()
        for entry in entries:
            programs.add(entry.program_id)
            people.update(entry.changes.get("lead_id") or ())
            for field, change in entry.changes.items():
                if field.startswith("identifier_"):
                    values.update(change)
        self.people = _in_bulk("Person", people)
        self.programs = _in_bulk("Program", programs)
        self.values = _in_bulk("IdentifierValue", values)

    def sentence(self, entry: HistoryEntry) -> str:
        """Return what happened, as a phrase without the actor."""
        write = getattr(self, f"_{entry.action}", None)
        return write(entry) if write else entry.get_action_display()

    def _lead(self, entry: HistoryEntry) -> str:
        old, new = entry.changes.get("lead_id") or (None, None)
        return self.people.get(new or old, _("somebody deleted")) if (new or old) else ""

    def _program(self, entry: HistoryEntry) -> str:
        return self.programs.get(entry.program_id, _("a program deleted"))

    def _assigned(self, entry: HistoryEntry) -> str:
        return self._with_lead(
            entry, _("assigned to “%(program)s” with %(lead)s"), _("assigned to “%(program)s”")
        )

    def _unassigned(self, entry: HistoryEntry) -> str:
        return self._with_lead(
            entry, _("removed from “%(program)s” with %(lead)s"), _("removed from “%(program)s”")
        )

    def _reopened(self, entry: HistoryEntry) -> str:
        return self._with_lead(
            entry, _("assigned to “%(program)s” with %(lead)s again"), _("assigned to “%(program)s” again")
        )

    def _primary_set(self, entry: HistoryEntry) -> str:
        return self._with_lead(entry, _("%(lead)s made Primary Mentor in “%(program)s”"), "")

    def _primary_cleared(self, entry: HistoryEntry) -> str:
        return self._with_lead(entry, _("%(lead)s no longer Primary Mentor in “%(program)s”"), "")

    def _with_lead(self, entry: HistoryEntry, with_lead: str, without: str) -> str:
        lead = self._lead(entry)
        return (with_lead if lead else without) % {"program": self._program(entry), "lead": lead}

    def _changed(self, entry: HistoryEntry) -> str:
        fields = [str(_FIELD_LABELS.get(field, field)) for field in entry.changes]
        return _("changed: %(fields)s") % {"fields": ", ".join(fields)}

    def _identifiers_given(self, entry: HistoryEntry) -> str:
        changes = [
            f"{self.values.get(old, '–')} → {self.values.get(new, '–')}"
            for old, new in entry.changes.values()
        ]
        return _("identifiers: %(changes)s") % {"changes": ", ".join(changes)}


def _in_bulk(model_name: str, keys: set[int | None]) -> dict[int, str]:
    keys.discard(None)
    if not keys:
        return {}
    model = apps.get_model("mentorpro_plugin", model_name)
    return {row.pk: str(row) for row in model.objects.filter(pk__in=keys)}
