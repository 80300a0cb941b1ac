"""What is there already of what a file mentions, each in a fixed number of queries for so many rows.

Queries go in batches, since databases bound the parameters of one. What the importer may not use isn't in here, but
for people: somebody's number or ID is taken whoever may see them, so those are looked for past the reach, and told
apart by `is_managed` and `is_visible`.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from ..access.roles import STAFF
from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier, Identifier
from ..organizations.models import Organization
from ..people.models import Person
from ..programs.models import Program
from .text import folded, shortened, spellings

BATCH = 1_000


def in_batches(keys: Iterable[Hashable]) -> Iterator[list[Any]]:
    """Yield the distinct keys, at most `BATCH` at a time, in an order that doesn't depend on hashes."""
    distinct = iter(dict.fromkeys(keys))
    while batch := list(islice(distinct, BATCH)):
        yield batch


def with_names(queryset: QuerySet, names: Iterable[str]) -> Iterator[Any]:
    """Yield the rows of `queryset` that have one of `names`, whatever the case."""
    lower = queryset.alias(lower_name=Lower("name"))
    for batch in in_batches(spelling for name in names for spelling in sorted(spellings(name))):
        yield from lower.filter(lower_name__in=batch)


class Organizations:
    """Organizations into which a user may import, by name."""

    def __init__(self, by: Any, names: Iterable[str], *, within: Organization | None = None) -> None:
        queryset = Organization.objects.permitted(by, "import_roster").select_related("parent")
        self.within = within
        self._named: dict[str, set[Organization]] = defaultdict(set)
        for organization in with_names(queryset, names):
            if within is None or within.pk in (organization.pk, organization.parent_id):
                self._named[folded(organization.name)].add(organization)

    def named(self, text: str) -> Organization:
        found = self._named.get(folded(text), set())
        if not found:
            raise ValidationError(
                _("There is no organization “%(text)s” that you may use here.") % {"text": shortened(text)}
            )
        if len(found) > 1:
            raise ValidationError(
                _("There are several organizations “%(text)s”. Import into one of them at a time.")
                % {"text": shortened(text)}
            )
        return next(iter(found))


class Programs:
    """Programs that a user may see, by name."""

    def __init__(self, by: Any, names: Iterable[str]) -> None:
        self._named: dict[str, dict[int, Program]] = defaultdict(dict)
        for program in with_names(Program.objects.visible_to(by), names):
            self._named[folded(program.name)][program.organization_id] = program

    def named(self, text: str, *, organization: Organization) -> Program:
        found = self._named.get(folded(text), {})
        if organization.pk in found:
            return found[organization.pk]
        if found:
            raise ValidationError(
                _("The program “%(text)s” belongs to another organization than “%(organization)s”.")
                % {"text": shortened(text), "organization": organization}
            )
        raise ValidationError(
            _("There is no program “%(text)s” that you may use here.") % {"text": shortened(text)}
        )


class Identifiers:
    """Identifiers of some trees, by the headings that name them."""

    def __init__(self, trees: Iterable[int], headings: Iterable[str]) -> None:
        self._named: dict[tuple[int, str], Identifier] = {}
        headings = list(headings)
        for batch in in_batches(trees):
            queryset = Identifier.objects.filter(organization__in=batch).prefetch_related("values")
            for identifier in with_names(queryset, headings):
                self._named[identifier.organization_id, folded(identifier.name)] = identifier

    def named(self, tree: int, heading: str) -> Identifier | None:
        return self._named.get((tree, folded(heading)))

    @property
    def names(self) -> set[str]:
        """Folded names of all that were found."""
        return {name for _tree, name in self._named}

    def all(self) -> Iterable[Identifier]:
        return self._named.values()


class People:
    """People by ID, number and address; who of them the user may see and change; and what they have by now."""

    def __init__(self, by: Any) -> None:
        self._by = by
        self._by_id: dict[tuple[int, str], Person] = {}
        self._by_phone: dict[str, Person] = {}
        self._by_email: dict[tuple[int, str], list[Person]] = defaultdict(list)
        self._staff_by_email: dict[str, Person] = {}
        self._visible: set[int] = set()
        self._managed: set[int] = set()
        self._open: dict[int, list[Assignment]] = defaultdict(list)
        self._given: dict[tuple[int, int], int] = {}

    def fetch(
        self,
        *,
        ids: Iterable[tuple[int, str]],
        phones: Iterable[PhoneNumber],
        emails: Iterable[tuple[int, str]],
        identifiers: Iterable[Identifier],
    ) -> None:
        """Look for people with these IDs and e-mail addresses (each with its tree), and numbers."""
        people: dict[int, Person] = {}
        everybody = Person._base_manager.select_related("organization")
        for person in _in_trees(everybody, "id_number", ids):
            people[person.pk] = person
        for batch in in_batches(phones):
            people.update((person.pk, person) for person in everybody.filter(phone__in=batch))
        emails = list(emails)
        for person in _in_trees(everybody, "email", emails):
            people[person.pk] = person
        staff = everybody.filter(role__in=STAFF).alias(lower=Lower("email"))
        for batch in in_batches(spelling for _tree, text in emails for spelling in sorted(spellings(text))):
            people.update((person.pk, person) for person in staff.filter(lower__in=batch))
        for person in people.values():
            self._index(person)
        self._fetch_belongings(list(people), [identifier.pk for identifier in identifiers])

    def _index(self, person: Person) -> None:
        if person.tree_id is not None:
            self._by_id[person.tree_id, folded(person.id_number)] = person
            if person.email:
                self._by_email[person.tree_id, folded(person.email)].append(person)
        if person.phone:
            self._by_phone[person.phone.as_e164] = person
        if person.role in STAFF:
            self._staff_by_email[folded(person.email)] = person

    def _fetch_belongings(self, people: list[int], identifiers: list[int]) -> None:
        for batch in in_batches(people):
            visible = Person.objects.visible_to(self._by).filter(pk__in=batch)
            self._visible.update(visible.order_by().values_list("pk", flat=True))
            managed = Person.objects.managed_by(self._by).filter(pk__in=batch)
            self._managed.update(managed.order_by().values_list("pk", flat=True))
            for assignment in Assignment._base_manager.filter(person__in=batch, ended_at=None):
                self._open[assignment.person_id].append(assignment)
            given = GivenIdentifier._base_manager.filter(person__in=batch, identifier__in=identifiers)
            for person, identifier, value in given.values_list("person_id", "identifier_id", "value_id"):
                self._given[person, identifier] = value

    def with_id(self, tree: int | None, text: str) -> Person | None:
        return self._by_id.get((tree, folded(text))) if tree is not None else None

    def with_phone(self, phone: PhoneNumber) -> Person | None:
        return self._by_phone.get(phone.as_e164)

    def with_email(self, tree: int, text: str) -> list[Person]:
        return self._by_email.get((tree, folded(text)), [])

    def staff_with_email(self, text: str) -> Person | None:
        return self._staff_by_email.get(folded(text))

    def is_visible(self, person: Person) -> bool:
        return person.pk in self._visible

    def is_managed(self, person: Person) -> bool:
        return person.pk in self._managed

    def open_assignments(self, person: Person) -> list[Assignment]:
        return self._open.get(person.pk, [])

    def given_value(self, person: Person, identifier: Identifier) -> int | None:
        """Return the primary key of the value that `person` has."""
        return self._given.get((person.pk, identifier.pk))


def _in_trees(people: QuerySet, attribute: str, keys: Iterable[tuple[int, str]]) -> Iterator[Person]:
    """Yield who has one of the texts as `attribute`, whatever the case, in the tree that goes with it."""
    texts: dict[int, set[str]] = defaultdict(set)
    for tree, text in keys:
        texts[tree].update(spellings(text))
    for tree, wanted in texts.items():
        for batch in in_batches(sorted(wanted)):
            yield from people.filter(tree=tree).alias(lower=Lower(attribute)).filter(lower__in=batch)
