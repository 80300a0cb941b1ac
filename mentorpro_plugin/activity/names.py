"""Names of what history mentions by id, as far as the reader may know them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ..access.extents import holds
from ..access.reach import reach_of
from .models import HistoryEntry


def name_of(user: Any, viewer: Any) -> str:
    """Return who `user` is to `viewer`: their name in the viewer's own organizations, else their role only."""
    if user is None:
        return ""
    person = getattr(user, "mentorpro_person", None)
    if person is None:
        return _("the site's administrator")
    reach = reach_of(viewer)
    if reach.everything or person.organization_id in reach.organizations:
        return person.labelled_name
    return person.get_role_display()


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, as a reader may know them: with the `person` only where the reader may see them.

    As text, with the label of somebody deactivated.
    """

    name: str
    person: Any = None

    def __str__(self) -> str:
        return self.person.labelled_name if self.person is not None else self.name


class Names:
    """Names of everything that some entries mention: one query a model, however many entries.

    Looked up when shown, so that of what is deleted nothing is left but that it was. Whatever the reader may not see
    has no name either.
    """

    def __init__(self, entries: Iterable[HistoryEntry], viewer: Any) -> None:
        self.viewer = viewer
        self._keys = _Keys(entries)
        self._read_people()
        self.programs = self._in_reach("Program", self._keys.programs)
        self.identifiers = self._within_scope("Identifier", self._keys.identifiers)
        self.values = self._within_scope("IdentifierValue", self._keys.values)
        self.catalogue_goals = self._within_scope("CatalogueGoal", self._keys.catalogue_goals)
        self.goals = self._within_scope("Goal", self._keys.goals, is_narrowed=True)

    @cached_property
    def organizations(self) -> dict[int, str | None]:
        # Every entry has one, and a timeline doesn't say it.
        return self._in_reach("Organization", self._keys.organizations)

    def person(self, pk: int | None) -> Named | None:
        """Whom an entry is on; None for nobody."""
        if pk is None:
            return None
        if pk not in self._people:
            return Named(_("somebody deleted"))
        person = self._people[pk]
        return Named(str(person), person) if person.is_within_reach else Named(_("somebody"))

    def actor(self, user_pk: int | None) -> Named | None:
        """Who did it: by name, or by role where the reader may not see them; None for the installation itself."""
        if user_pk is None:
            return None
        person = self._person_of_user.get(user_pk)
        if person is None:
            is_known = user_pk in self._other_users
            return Named(_("the site's administrator") if is_known else _("somebody deleted"))
        if person.is_within_reach:
            return Named(str(person), person)
        if user_pk == self.viewer.pk:
            return Named(str(person))
        return Named(str(person.get_role_display()))

    def organization(self, pk: int | None) -> str:
        return _name(self.organizations, pk, _("an organization"), _("an organization deleted"))

    def program(self, pk: int | None) -> str:
        return _name(self.programs, pk, _("a program"), _("a program deleted"))

    def _read_people(self) -> None:
        model = apps.get_model("mentorpro_plugin", "Person")
        people, users = self._keys.people, self._keys.users
        within = model.objects.visible_to(self.viewer).filter(pk=OuterRef("pk"))
        # Past the scope: that somebody out of reach is there at all tells them from somebody deleted.
        found = (
            model._base_manager.filter(Q(pk__in=people) | Q(user__in=users)).annotate(
                is_within_reach=Exists(within)
            )
            if people or users
            else ()
        )
        self._people = {person.pk: person for person in found}
        self._person_of_user = {person.user_id: person for person in self._people.values()}
        others = users - self._person_of_user.keys()
        accounts = get_user_model()._base_manager.filter(pk__in=others).values_list("pk", flat=True)
        self._other_users = set(accounts) if others else set()

    def _in_reach(self, model_name: str, keys: set[int]) -> dict[int, str | None]:
        """Map keys of what is there to names, with their label; to None where the reader may not see it."""
        if not keys:
            return {}
        model = apps.get_model("mentorpro_plugin", model_name)
        codename = f"view_{model._meta.model_name}"
        return {
            row.pk: row.labelled_name if holds(self.viewer, codename, row) else None
            for row in model._base_manager.filter(pk__in=keys)
        }

    def _within_scope(self, model_name: str, keys: set[int], *, is_narrowed: bool = False) -> dict[int, str]:
        """Map keys to names, within the scope; narrowed to what the reader may see, where that is less."""
        if not keys:
            return {}
        rows = apps.get_model("mentorpro_plugin", model_name).objects.filter(pk__in=keys)
        return {row.pk: str(row) for row in (rows.visible_to(self.viewer) if is_narrowed else rows)}


class _Keys:
    """Primary keys of everything that entries mention, by model."""

    def __init__(self, entries: Iterable[HistoryEntry]) -> None:
        self.people: set[int] = set()
        self.users: set[int] = set()
        self.organizations: set[int] = set()
        self.programs: set[int] = set()
        self.identifiers: set[int] = set()
        self.values: set[int] = set()
        self.catalogue_goals: set[int] = set()
        self.goals: set[int] = set()
        by_subject = {
            "goal": self.goals,
            "identifier": self.identifiers,
            "cataloguegoal": self.catalogue_goals,
        }
        by_field = {
            "lead_id": self.people,
            "organization_id": self.organizations,
            "parent_id": self.organizations,
        }
        for entry in entries:
            self.people.add(entry.person_id)  # type: ignore[arg-type]
            self.users.add(entry.actor_id)
            self.organizations.add(entry.organization_id)  # type: ignore[arg-type]
            self.programs.add(entry.program_id)  # type: ignore[arg-type]
            if entry.subject_type in by_subject:
                by_subject[entry.subject_type].add(entry.subject_id)
            for field, change in entry.changes.items():
                if isinstance(change, list):
                    keys = self.values if field.startswith("identifier_") else by_field.get(field, set())
                    keys.update(key for key in change if isinstance(key, int))
        for keys in vars(self).values():
            keys.discard(None)


def _name(names: dict[int, str | None], pk: int | None, hidden: str, deleted: str) -> str:
    if pk is None:
        return ""
    return names[pk] or hidden if pk in names else deleted
