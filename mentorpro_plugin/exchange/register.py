"""What is there already of what a file mentions, each in a fixed number of queries for a batch of rows.

What the importer may not use isn't in here, but for people: somebody's number or ID is taken whoever may see them, so
those are looked for past the reach, and told apart by `is_managed` and `is_visible`.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import CharField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..access.roles import STAFF
from ..assignments.models import Assignment
from ..identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from ..organizations.models import Organization
from ..people.leaving import leaving
from ..people.models import Person
from ..programs.models import Program
from .drafts import Known
from .text import folded, shortened, spellings

#: Parameters of a query, since databases bound them; and rows that are planned together.
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
    """Organizations into which a user may import, by name; and any, by primary key."""

    def __init__(self, by: Any, *, within: Organization | None = None) -> None:
        self._usable = Organization.objects.permitted(by, "import_roster").select_related("parent")
        self._within = within
        self._named: dict[str, set[Organization]] = {}
        self._as_written: dict[str, Organization] = {}
        self._by_pk: dict[int, Organization] = {}
        reach = reach_of(by)
        #: To which rows belong that name none; nothing, if that could be several.
        self.usual = within
        if within is None and len(reach.organizations) == 1:
            self.usual = self._usable.first()
        #: The tree in which such rows look for people, and the country as whose they write numbers.
        self.tree = self.usual.tree_id if self.usual else reach.tree
        if self.usual is not None:
            self._by_pk[self.usual.pk] = self.usual

    def fetch(self, names: Iterable[str]) -> None:
        """Look for organizations with these names, unless that was done before."""
        wanted = {name: key for name in dict.fromkeys(names) if (key := folded(name)) not in self._named}
        self._named.update((key, set()) for key in wanted.values())
        for organization in with_names(self._usable, wanted):
            if self._within is None or self._within.pk in (organization.pk, organization.parent_id):
                self._named.setdefault(folded(organization.name), set()).add(organization)
                self._by_pk[organization.pk] = organization

    def of(self, text: str) -> Organization | None:
        """Return what `named` does, or None where that raises."""
        if text not in self._as_written:
            found = self._named.get(folded(text), set())
            if len(found) != 1:
                return None
            self._as_written[text] = next(iter(found))
        return self._as_written[text]

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

    @property
    def trees(self) -> set[int]:
        """Primary keys of the parent organizations of all that were named, and of the usual one."""
        found = {organization.tree_id for found in self._named.values() for organization in found}
        return found if self.tree is None else {self.tree, *found}

    @cached_property
    def usual_region(self) -> str:
        tree = Organization.objects.filter(pk=self.tree).first() if self.tree else None
        return (self.usual or tree or Organization()).region

    @cached_property
    def confines(self) -> set[int]:
        """Primary keys of the organizations among which rows that name none may look for people."""
        if self._within is None:
            return set(self._usable.values_list("pk", flat=True))
        return {self._within.pk, *self._within.children.values_list("pk", flat=True)}

    def fetch_keys(self, keys: Iterable[int | None]) -> None:
        """Look for organizations with these primary keys, whoever may use them."""
        if missing := {key for key in keys if key is not None} - self._by_pk.keys():
            found = Organization._base_manager.select_related("parent").in_bulk(sorted(missing))
            self._by_pk.update(found)

    def with_key(self, key: int | None) -> Organization | None:
        return self._by_pk.get(key) if key is not None else None


class Programs:
    """Programs that a user may see, by name."""

    def __init__(self, by: Any) -> None:
        self._usable = Program.objects.visible_to(by)
        self._named: dict[str, dict[int, Program]] = {}

    def fetch(self, names: Iterable[str]) -> None:
        """Look for programs with these names, unless that was done before."""
        wanted = {name: key for name in dict.fromkeys(names) if (key := folded(name)) not in self._named}
        self._named.update((key, {}) for key in wanted.values())
        for program in with_names(self._usable, wanted):
            self._named.setdefault(folded(program.name), {})[program.organization_id] = program

    def is_name(self, text: str) -> bool:
        return bool(self._named.get(folded(text)))

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

    def of(self, text: str, organization: Organization) -> Program | None:
        """Return what `named` does, or None where that raises."""
        return self._named.get(folded(text), {}).get(organization.pk)


class Identifiers:
    """Identifiers of some trees, by their names."""

    def __init__(self, names: Iterable[str], *, trees: Iterable[int] | None) -> None:
        """Look for identifiers with these `names` in these trees, or in all that the importer reaches."""
        self._named: dict[tuple[int, str], Identifier] = {}
        self._values: dict[int, dict[str, IdentifierValue]] = {}
        everywhere = Identifier.objects.prefetch_related("values")
        batches = (
            [everywhere]
            if trees is None
            else [everywhere.filter(organization__in=batch) for batch in in_batches(sorted(trees))]
        )
        names = list(names)
        for queryset in batches:
            for identifier in with_names(queryset, names):
                self._named[identifier.organization_id, folded(identifier.name)] = identifier
                self._values[identifier.pk] = {folded(value.name): value for value in identifier.values.all()}
        #: Folded names of all that were found.
        self.names = {name for _tree, name in self._named}

    def named(self, tree: int, name: str) -> Identifier | None:
        return self._named.get((tree, folded(name)))

    def values_of(self, identifier: Identifier) -> dict[str, IdentifierValue]:
        """Return the values of an identifier, by their folded names."""
        return self._values[identifier.pk]

    @property
    def keys(self) -> list[int]:
        return list(self._values)


class OpenAssignment(NamedTuple):
    pk: int
    person: int
    program: int
    lead: int | None
    is_primary: bool


class People:
    """People by ID, number and address; who of them the user may see and change; and what they have by now.

    One for each batch of rows.
    """

    def __init__(self, by: Any, *, identifiers: Iterable[int] = ()) -> None:
        self._by = by
        self._identifiers = list(identifiers)
        self._known: dict[int, Known] = {}
        self._by_id: dict[tuple[int, str], Known] = {}
        self._by_phone: dict[str, Known] = {}
        self._by_email: dict[tuple[int, str], list[Known]] = defaultdict(list)
        self._staff_by_email: dict[str, Known] = {}
        self._visible: set[int] = set()
        self._managed: set[int] = set()
        self._leaving: set[int] = set()
        self._open: dict[int, list[OpenAssignment]] = defaultdict(list)
        self._given: dict[tuple[int, int], int] = {}

    def fetch(
        self,
        *,
        ids: Iterable[tuple[int, str]] = (),
        phones: Iterable[str] = (),
        emails: Iterable[tuple[int, str]] = (),
        staff_emails: Iterable[str] = (),
        keys: Iterable[int] = (),
    ) -> None:
        """Look for people with these IDs and e-mail addresses (each with its tree), numbers, and primary keys."""
        everybody = _everybody()
        found: dict[int, Known] = {}

        def keep(rows: Iterable[tuple[Any, ...]]) -> None:
            for row in rows:
                known = Known(*row)
                if known.pk not in self._known:
                    found[known.pk] = known

        keep(_in_trees(everybody, "id_number", ids))
        for batch in in_batches(phones):
            keep(everybody.filter(number__in=batch))
        keep(_in_trees(everybody, "email", emails))
        staff = everybody.filter(role__in=STAFF).alias(lower=Lower("email"))
        for batch in in_batches(text for email in staff_emails for text in sorted(spellings(email))):
            keep(staff.filter(lower__in=batch))
        for batch in in_batches(keys):
            keep(everybody.filter(pk__in=batch))
        for known in found.values():
            self._index(known)
        self._fetch_belongings(list(found))

    def _index(self, known: Known) -> None:
        self._known[known.pk] = known
        if known.tree_id is not None:
            self._by_id[known.tree_id, folded(known.id_number)] = known
            if known.email:
                self._by_email[known.tree_id, folded(known.email)].append(known)
        if known.phone:
            self._by_phone[known.phone] = known
        if known.role in STAFF:
            self._staff_by_email[folded(known.email)] = known

    def _fetch_belongings(self, people: list[int]) -> None:
        is_free = reach_of(self._by).everything
        for batch in in_batches(people):
            visible = Person.objects.visible_to(self._by).filter(pk__in=batch).order_by()
            self._visible.update(batch if is_free else visible.values_list("pk", flat=True))
            managed = Person.objects.managed_by(self._by).filter(pk__in=batch).order_by()
            self._managed.update(batch if is_free else managed.values_list("pk", flat=True))
            self._leaving |= leaving(batch)
            opened = Assignment._base_manager.filter(person__in=batch, ended_at=None).order_by("pk")
            for values in opened.values_list("pk", "person", "program", "lead", "is_primary"):
                assignment = OpenAssignment(*values)
                self._open[assignment.person].append(assignment)
            if self._identifiers:
                given = GivenIdentifier._base_manager.filter(
                    person__in=batch, identifier__in=self._identifiers
                )
                for person, identifier, value in given.values_list("person", "identifier", "value"):
                    self._given[person, identifier] = value

    @property
    def organizations(self) -> set[int | None]:
        """Primary keys of the organizations of all who were found."""
        return {known.organization_id for known in self._known.values()}

    def with_key(self, key: int) -> Known | None:
        return self._known.get(key)

    def with_id(self, tree: int | None, text: str) -> Known | None:
        return self._by_id.get((tree, folded(text))) if tree is not None and text else None

    def with_phone(self, phone: str) -> Known | None:
        return self._by_phone.get(phone)

    def with_email(self, tree: int, text: str) -> list[Known]:
        return self._by_email.get((tree, folded(text)), [])

    def staff_with_email(self, text: str) -> Known | None:
        return self._staff_by_email.get(folded(text))

    def is_visible(self, person: Known) -> bool:
        return person.pk in self._visible

    def is_managed(self, person: Known) -> bool:
        return person.pk in self._managed

    def is_leaving(self, person: Known) -> bool:
        """Whether the person is being deleted."""
        return person.pk in self._leaving

    def open_assignments(self, person: Known) -> list[OpenAssignment]:
        return self._open.get(person.pk, [])

    def given_value(self, person: Known, identifier: Identifier) -> int | None:
        """Return the primary key of the value that `person` has."""
        return self._given.get((person.pk, identifier.pk))


def _everybody() -> QuerySet:
    # As text: the field would check each number anew, on the way in and on the way out.
    number = ExpressionWrapper(F("phone"), output_field=CharField())
    columns = ["number" if name == "phone" else name for name in Known._fields]
    return Person._base_manager.annotate(number=number).order_by().values_list(*columns)


def _in_trees(people: QuerySet, attribute: str, keys: Iterable[tuple[int, str]]) -> Iterator[tuple[Any, ...]]:
    """Yield who has one of the texts as `attribute`, whatever the case, in the tree that goes with it."""
    texts: dict[int, dict[str, None]] = defaultdict(dict)
    for tree, text in keys:
        if text.isascii():
            texts[tree][text.lower()] = None
        else:
            texts[tree].update(dict.fromkeys(sorted(spellings(text))))
    for tree, wanted in texts.items():
        for batch in in_batches(wanted):
            yield from people.filter(tree=tree).alias(lower=Lower(attribute)).filter(lower__in=batch)
