"""History in sentences: entries hold ids, names are looked up here, within the reader's reach."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from .models import HistoryEntry
from .names import Names

_FIELD_LABELS = {
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "phone": gettext_lazy("phone number"),
    "id_number": gettext_lazy("ID"),
    "email": gettext_lazy("e-mail"),
    "about": gettext_lazy("about"),
    "language": gettext_lazy("language"),
    "notice": gettext_lazy("how to be told of messages"),
    "contact_email": gettext_lazy("e-mail for participants"),
    "contact_phone": gettext_lazy("phone number for participants"),
    "contact_note": gettext_lazy("note for participants"),
    "role": gettext_lazy("role"),
    "status": gettext_lazy("status"),
    "organization_id": gettext_lazy("organization"),
    "parent_id": gettext_lazy("parent organization"),
    "region": gettext_lazy("country"),
    "name": gettext_lazy("name"),
    "title": gettext_lazy("title"),
    "description": gettext_lazy("description"),
    "values": gettext_lazy("values"),
    "flash_mentoring": gettext_lazy("Flash Mentoring"),
    "is_offered": gettext_lazy("offered"),
}

#: What somebody did to another person's goal; said otherwise than of their own.
_TO_OTHERS = {
    HistoryEntry.Action.GOAL_PROPOSED: gettext_lazy("proposed a goal to %(name)s"),
    HistoryEntry.Action.GOAL_COMMENTED: gettext_lazy("commented on a goal of %(name)s"),
}

#: By what somebody logged in; whatever isn't here is shown as it was written down.
_WAYS = {
    "password": gettext_lazy("password"),
    "code": gettext_lazy("one-time code"),
    "staff_code": gettext_lazy("code from staff"),
    "totp": gettext_lazy("authenticator app"),
    "webauthn": gettext_lazy("passkey"),
    "recovery_codes": gettext_lazy("recovery code"),
}

#: In what way somebody was refused.
REFUSALS = {
    "refused": pgettext_lazy("access", "seen, but not theirs to do"),
    "hidden": pgettext_lazy("access", "not there for them"),
    "closed": pgettext_lazy("access", "a screen that isn't for them"),
    "spent": pgettext_lazy("access", "too many people beyond their reach for a day"),
}

_COUNTS = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "unchanged": gettext_lazy("unchanged"),
    "refused": gettext_lazy("refused"),
    "rows": gettext_lazy("rows"),
    "removed": gettext_lazy("removed"),
    "restored": gettext_lazy("as before"),
    "kept": gettext_lazy("left as they are"),
}


class Sentences:
    """What happened in some entries, with the names they mention."""

    def __init__(
        self,
        entries: Iterable[HistoryEntry],
        *,
        viewer: Any,
        told_of: int | None = None,
        names: Names | None = None,
    ) -> None:
        """`told_of` is the person whose history it is, by primary key: the one person whom sentences don't name.

        Without one, each entry's person stands beside its sentence.
        """
        self.told_of = told_of
        self.names = names or Names(entries, viewer)

    def sentence(self, entry: HistoryEntry) -> str:
        """Return what happened, as a phrase without the actor."""
        write = self._of_subject(entry.subject_type) or getattr(self, f"_{entry.action}", None)
        return write(entry) if write else force_str(entry.get_action_display())

    def _of_subject(self, kind: str) -> Callable[[HistoryEntry], str] | None:
        return {"goal": self._goal, "exportschedule": self._regular_export}.get(kind)

    def _lead(self, entry: HistoryEntry) -> str:
        old, new = entry.changes.get("lead_id") or (None, None)
        return str(self.names.person(new or old) or "")

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
        program = self.names.program(entry.program_id) or _("a program deleted")
        return (with_lead if lead else without) % {"program": program, "lead": lead}

    def _changed(self, entry: HistoryEntry) -> str:
        what = self._subject(entry)
        changes = self._from_to(entry)
        if what and changes:
            return _("changed %(what)s: %(fields)s") % {"what": what, "fields": changes}
        if what:
            return _("changed %(what)s") % {"what": what}
        return _("changed: %(fields)s") % {"fields": changes} if changes else _("changed")

    # Of their own profile it is said alike; who did it stands beside.
    _profile_changed = _changed

    def _added(self, entry: HistoryEntry) -> str:
        what = self._subject(entry)
        said = _("added %(what)s") % {"what": what} if what else _("added")
        return self._with_changes(said, entry)

    def _deactivated(self, entry: HistoryEntry) -> str:
        return self._with_changes(force_str(entry.get_action_display()), entry)

    _reactivated = _archived = _unarchived = _deactivated

    def _with_changes(self, said: str, entry: HistoryEntry) -> str:
        changes = self._from_to(entry)
        return _("%(said)s (%(changes)s)") % {"said": said, "changes": changes} if changes else said

    def _subject(self, entry: HistoryEntry) -> str:
        """What was added or changed, if it isn't the person beside whom the sentence stands."""
        if entry.subject_type == "organization":
            return self.names.organization(entry.subject_id) or _("an organization")
        if entry.subject_type == "program":
            return _("program “%(name)s”") % {"name": self.names.program(entry.subject_id)}
        if entry.subject_type == "identifier":
            name = self.names.identifiers.get(entry.subject_id)
            return _("identifier “%(name)s”") % {"name": name} if name else _("an identifier deleted")
        if entry.subject_type == "cataloguegoal":
            title = self.names.catalogue_goals.get(entry.subject_id)
            return _("goal “%(title)s” of the catalogue") % {"title": title} if title else _("a goal deleted")
        return ""

    def _from_to(self, entry: HistoryEntry) -> str:
        """The fields that changed: from what to what, where history knows it; else that they did."""
        lines = []
        for field, change in entry.changes.items():
            label = force_str(_FIELD_LABELS.get(field, field))
            if not isinstance(change, list) or field == "values":
                lines.append(label)
                continue
            old, new = (self._value(field, value) for value in change)
            lines.append(f"{label}: {old} → {new}" if change[0] is not None else f"{label}: {new}")
        return ", ".join(lines)

    def _value(self, field: str, value: Any) -> str:
        if value is None or value == "":
            return "–"
        if field in ("organization_id", "parent_id"):
            return self.names.organization(value)
        if field == "lead_id":
            return str(self.names.person(value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return force_str(_choices().get(field, {}).get(value, value))

    def _goal(self, entry: HistoryEntry) -> str:
        what: Any = entry.get_action_display()
        if self.told_of is not None and entry.person_id != self.told_of:
            name = self.names.person(entry.person_id)
            what = _TO_OTHERS.get(entry.action, gettext_lazy("%(what)s, of %(name)s")) % {  # type: ignore[call-overload]
                "what": what,
                "name": name,
            }
        title = self.names.goals.get(entry.subject_id)
        return _("%(what)s: “%(title)s”") % {"what": what, "title": title} if title else str(what)

    def _identifiers_given(self, entry: HistoryEntry) -> str:
        values = self.names.values
        changes = [f"{values.get(old, '–')} → {values.get(new, '–')}" for old, new in entry.changes.values()]
        return _("identifiers: %(changes)s") % {"changes": ", ".join(changes)}

    def _imported(self, entry: HistoryEntry) -> str:
        return self._with_counts(entry)

    _undone = _deleted = _written_to = _imported

    def _downloaded(self, entry: HistoryEntry) -> str:
        if entry.subject_type == "rosterimport":
            return _("downloaded the file of an import")
        return self._with_counts(entry)

    def _exported(self, entry: HistoryEntry) -> str:
        if entry.changes.get("report") == "history":
            return _("exported the history")
        if "tables" in entry.changes:
            return self._with_counts(entry, _("exported the raw data"))
        if role := entry.changes.get("roster"):
            roster = _("exported a roster: %(role)s") % {"role": _choices()["role"].get(role, role)}
            return self._with_counts(entry, roster)
        return self._with_counts(entry)

    def _with_counts(self, entry: HistoryEntry, said: str = "") -> str:
        counts = [
            f"{value} {_COUNTS[name]}" if name in _COUNTS else f"{value} {name}"
            for name, value in entry.changes.items()
            if type(value) is int
        ]
        if command := entry.changes.get("command"):
            counts.append(_("by the command %(command)s") % {"command": command})
        said = said or force_str(entry.get_action_display())
        return _("%(said)s (%(changes)s)") % {"said": said, "changes": ", ".join(counts)} if counts else said

    def _regular_export(self, entry: HistoryEntry) -> str:
        if entry.action == HistoryEntry.Action.DELETED:
            return _("ended regular exports of the raw data")
        is_weekly = entry.changes.get("every", [None, None])[1] == "week"
        return (
            _("raw data to be exported every week") if is_weekly else _("raw data to be exported every month")
        )

    def _logged_in(self, entry: HistoryEntry) -> str:
        ways = entry.changes.get("ways")
        if not ways:
            return force_str(entry.get_action_display())
        return _("logged in by %(ways)s") % {"ways": " + ".join(str(_WAYS.get(way, way)) for way in ways)}

    def _access_denied(self, entry: HistoryEntry) -> str:
        if entry.changes.get("kind") == "beyond":
            return self._with_counts(entry, _("refused rows about people beyond their reach"))
        said = force_str(entry.get_action_display())
        why = REFUSALS.get(entry.changes.get("kind", ""))
        screen = entry.changes.get("screen")
        if not screen or why is None:
            return said
        return _("%(said)s to “%(screen)s”: %(why)s") % {"said": said, "screen": screen, "why": why}


def _choices() -> Mapping[str, Mapping[str, Any]]:
    """What choices of a person are called, by field."""
    person = apps.get_model("mentorpro_plugin", "Person")
    fields = {name: person._meta.get_field(name) for name in ("role", "status", "notice")}
    return {
        **{name: dict(field.flatchoices) for name, field in fields.items()},
        "language": dict(settings.LANGUAGES),
    }
