"""Computes the plan of an import: reads the rows, finds the people, and says what is to be done or what is wrong."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS, STAFF, Role
from ..identifiers.models import Identifier, IdentifierValue
from ..organizations.models import Organization
from ..people.models import Person, codename_of
from .assigning import Assigner
from .cells import read_email, read_id, read_number, read_role, read_text
from .headings import Column, Headings, headings_of
from .leads import Leads, as_number, named_leads
from .plan import Plan, PlannedRow, rank
from .reading import Table
from .register import Identifiers, Organizations, People, Programs
from .text import clean, folded, shortened

_NAMES = (Column.FIRST_NAME, Column.LAST_NAME)
_LEADS = (Column.PROGRAM_MANAGER, Column.MENTOR, Column.PRIMARY_MENTOR)
#: At most so many values of an identifier are named in a sentence.
_MOST_NAMED = 10


def plan_import(table: Table, *, by: Any, organization: Organization | None = None) -> Plan:
    """Return what importing `table` as the user `by` would do. Writes nothing; call it within the scope of `by`.

    `organization` stands for those that rows don't name, and confines the import to itself and its children.
    Raises FileRefused if the columns make no roster.
    """
    return _Planner(table, by, organization).plan()


class _Planner:
    def __init__(self, table: Table, by: Any, organization: Organization | None) -> None:
        self.by = by
        self.headings: Headings = headings_of(table)
        self.rows = [PlannedRow(source) for source in table.rows]
        self.organizations = Organizations(by, self._texts(Column.ORGANIZATION), within=organization)
        self.usual = organization or self._only_organization
        self.tree = self.usual.tree_id if self.usual else reach_of(by).tree
        self.programs = Programs(by, self._texts(Column.PROGRAM))
        self.people = People(by)
        self._may_add: dict[tuple[Role, int], bool] = {}
        self._seen: dict[tuple[Any, ...], int] = {}

    @property
    def _only_organization(self) -> Organization | None:
        """The organization of somebody who answers for one."""
        reach = reach_of(self.by)
        if len(reach.organizations) != 1:
            return None
        return Organization.objects.permitted(self.by, "import_roster").first()

    def _texts(self, column: Column) -> set[str]:
        return {text for row in self.rows if (text := self.text(row, column))}

    def text(self, row: PlannedRow, column: Column) -> str:
        return self.headings.text(row.source, column)

    def plan(self) -> Plan:
        for row in self.rows:
            self._read(row)
        self._fetch()
        for row in self.rows:
            self._identify(row)
            self._refuse_repetition(row)
            self._give_identifiers(row)
        assigner = Assigner(self.by, self.headings, self.programs, self.people, Leads(self.people, self.rows))
        for row in sorted(self.rows, key=lambda row: rank(row.role)):
            assigner.assign(row)
        return Plan(self.headings, self.rows, self._notes())

    def _notes(self) -> list[str]:
        return [
            _("The column “%(heading)s” means nothing here, and was passed over.") % {"heading": heading}
            for heading in self.headings.others
            if folded(heading) not in self.identifiers.names
        ]

    # Reading: what the cells of a row say, whoever it is about.

    def _read(self, row: PlannedRow) -> None:
        if len(row.source.cells) > len(self.headings.texts):
            row.refuse("", _("This row has more cells than there are headings: is there a comma in one?"))
        row.organization = self.usual
        if text := self.text(row, Column.ORGANIZATION):
            row.organization = None
            with row.refusing(self.headings.name(Column.ORGANIZATION)):
                row.organization = self.organizations.named(text)
        if text := self.text(row, Column.ROLE):
            with row.refusing(self.headings.name(Column.ROLE)):
                row.role = read_role(text)
        for column in _NAMES:
            if text := self.text(row, column):
                with row.refusing(self.headings.name(column)):
                    row.values[column.value] = read_text(text, column.value)
        if text := self.text(row, Column.ID):
            with row.refusing(self.headings.name(Column.ID)):
                row.values["id_number"] = read_id(text)
        if text := self.text(row, Column.EMAIL):
            with row.refusing(self.headings.name(Column.EMAIL)):
                row.values["email"] = read_email(text)
        if text := self.text(row, Column.PHONE):
            with row.refusing(self.headings.name(Column.PHONE)):
                row.values["phone"] = read_number(text, region=self._region(row))
        self._check_right(row)

    def _region(self, row: PlannedRow) -> str:
        return row.organization.region if row.organization else self._usual_region

    @cached_property
    def _usual_region(self) -> str:
        tree = Organization.objects.filter(pk=self.tree).first() if self.tree else None
        return (tree or Organization()).region

    def _tree(self, row: PlannedRow) -> int | None:
        return row.organization.tree_id if row.organization else self.tree

    # Looking up: all that the rows mention, at once.

    def _fetch(self) -> None:
        ids, phones, emails = [], [], []
        for row in self.rows:
            tree = self._tree(row)
            texts = [name for column in _LEADS for name in named_leads(self.text(row, column))]
            if row.values.get("phone"):
                phones.append(row.values["phone"])
            phones += filter(None, (as_number(text, self._region(row)) for text in dict.fromkeys(texts)))
            if tree is not None:
                ids += [(tree, text) for text in (*texts, self._effective_id(row)) if text]
                emails += [(tree, text) for text in (*texts, row.values.get("email", "")) if "@" in text]
        trees = {tree for row in self.rows if (tree := self._tree(row)) is not None}
        self.identifiers = Identifiers(sorted(trees), self.headings.others)
        self.people.fetch(ids=ids, phones=phones, emails=emails, identifiers=self.identifiers.all())

    @staticmethod
    def _effective_id(row: PlannedRow) -> str:
        """The ID that a new person would get: the number or address, where none is given."""
        phone = row.values.get("phone")
        return row.values.get("id_number") or (phone.as_e164 if phone else row.values.get("email", ""))

    # Identifying: whom the row is about, and what of them changes.

    def _identify(self, row: PlannedRow) -> None:
        person = self._found(row)
        if row.refusals and person is None:
            self._complain_of_gaps(row)
            return
        if person is None:
            row.is_new = True
            self._complain_of_gaps(row)
            self._check_new(row)
            return
        self._check_same(row, person)
        is_checked = row.role is not None and row.organization is not None
        row.person = person
        row.role, row.organization = Role(person.role), person.organization
        if not is_checked:
            self._check_right(row)
        if person.is_deactivated and not row.refusals:
            row.note("", _("%(name)s is deactivated, and was left as is.") % {"name": person})
            row.values = {}
            return
        row.values = {name: value for name, value in row.values.items() if _differs(person, name, value)}
        if row.role in STAFF and "email" in row.values:
            self._check_staff_email(row)

    def _found(self, row: PlannedRow) -> Person | None:
        """Return who is meant by the ID, or the number, of the row; refuse the row if they don't go together."""
        phone = row.values.get("phone")
        by_id = self.people.with_id(self._tree(row), self._named_id(row))
        by_phone = self.people.with_phone(phone) if phone else None
        for found, column in ((by_id, Column.ID), (by_phone, Column.PHONE)):
            if found and not self.people.is_managed(found):
                self._refuse_beyond_reach(row, column)
                return None
        if by_phone is None or by_phone == by_id:
            return by_id
        has_own_id = by_phone.id_number != by_phone.phone.as_e164
        if by_id or (row.values.get("id_number") and has_own_id):
            row.refuse(
                self.headings.name(Column.PHONE),
                _("“%(phone)s” belongs to another ID, %(id)s.")
                % {"phone": self.text(row, Column.PHONE), "id": by_phone.id_number},
            )
            return None
        return by_phone

    def _named_id(self, row: PlannedRow) -> str:
        """The ID by which the row names a person: that of the column, or the address of staff without a number."""
        if "phone" in row.values or self.text(row, Column.PHONE):
            return row.values.get("id_number", "")
        return self._effective_id(row)

    def _refuse_beyond_reach(self, row: PlannedRow, column: Column) -> None:
        # One sentence for all that is taken by people beyond the reach, whoever and wherever they are.
        row.refuse(
            self.headings.name(column),
            _("“%(text)s” can't be used here. Somebody who answers for more of the organization can say why.")
            % {"text": shortened(self.text(row, column))},
        )

    def _complain_of_gaps(self, row: PlannedRow) -> None:
        """Refuse a new person without what everybody needs; what is there but wrong was refused before."""
        needed = {
            Column.ROLE: _("Say which role this person has."),
            Column.FIRST_NAME: _("The first name is missing."),
            Column.ORGANIZATION: _("Say which organization this person belongs to."),
        }
        if row.role in PARTICIPANTS:
            needed[Column.PHONE] = _("A mentor or mentee needs a phone number: it is how they log in.")
        elif row.role is not None:
            needed[Column.EMAIL] = _("Staff need an e-mail address: it is how they log in.")
        for column, sentence in needed.items():
            is_usual = column == Column.ORGANIZATION and row.organization is not None
            if not self.text(row, column) and not is_usual:
                row.refuse(self.headings.name(column), sentence)

    def _check_new(self, row: PlannedRow) -> None:
        if row.refusals:
            return
        if holder := self.people.with_id(self._tree(row), self._effective_id(row)):
            # Without an ID of its own, the row's number would be one; and that is taken.
            if self.people.is_managed(holder):
                row.refuse(self.headings.name(Column.PHONE), _("This is the ID of another person."))
            else:
                self._refuse_beyond_reach(row, Column.PHONE)
        if row.role in STAFF:
            self._check_staff_email(row)

    def _check_same(self, row: PlannedRow, person: Person) -> None:
        if row.role is not None and row.role != person.role:
            row.refuse(
                self.headings.name(Column.ROLE),
                _("%(name)s is a %(role)s. Nobody changes role by import.")
                % {"name": person, "role": person.get_role_display()},
            )
        named = self.text(row, Column.ORGANIZATION) or person.organization_id not in self._confines
        if named and row.organization is not None and row.organization != person.organization:
            row.refuse(
                self.headings.name(Column.ORGANIZATION),
                _("%(name)s belongs to “%(organization)s”. Nobody changes organization by import.")
                % {"name": person, "organization": person.organization},
            )

    @cached_property
    def _confines(self) -> set[int]:
        """Primary keys of the organizations among which rows that name none may look for people."""
        within = self.organizations.within
        if within is None:
            return set(Organization.objects.permitted(self.by, "import_roster").values_list("pk", flat=True))
        return {within.pk, *within.children.values_list("pk", flat=True)}

    def _check_right(self, row: PlannedRow) -> None:
        """Refuse a role that the importer may not add; the same goes for changes."""
        if row.role is None or row.organization is None:
            return
        key = (row.role, row.organization.pk)
        if key not in self._may_add:
            permission = f"mentorpro_plugin.add_{codename_of(row.role)}"
            self._may_add[key] = self.by.has_perm(permission, row.organization)
        if not self._may_add[key]:
            row.refuse(
                self.headings.name(Column.ROLE),
                _("You may not import a %(role)s.") % {"role": row.role.label},
            )

    def _check_staff_email(self, row: PlannedRow) -> None:
        holder = self.people.staff_with_email(row.values.get("email", ""))
        if holder is None or holder == row.person:
            return
        if not self.people.is_managed(holder):
            self._refuse_beyond_reach(row, Column.EMAIL)
            return
        row.refuse(
            self.headings.name(Column.EMAIL),
            _("This e-mail address belongs to another member of staff."),
        )

    # Comparing: rows with each other, and with the identifiers.

    def _refuse_repetition(self, row: PlannedRow) -> None:
        for key, column, sentence in self._marks(row):
            line = self._seen.setdefault(key, row.line)
            if line != row.line and not row.is_repetition:
                row.is_repetition = True
                row.refuse(self.headings.name(column) if column else "", sentence % {"line": line})

    def _marks(self, row: PlannedRow) -> Iterable[tuple[tuple[Any, ...], Column | None, str]]:
        """What no two rows may share. Read from the cells, since the values of a known person are only changes."""
        if text := self.text(row, Column.ID):
            yield ("id", self._tree(row), folded(text)), Column.ID, _("The same ID stands on line %(line)d.")
        phone = row.values.get("phone") or (row.person.phone if row.person else None)
        if phone and self.text(row, Column.PHONE):
            number = phone.as_e164
            yield ("phone", number), Column.PHONE, _("The same phone number stands on line %(line)d.")
        if row.person:
            yield ("person", row.person.pk), None, _("Line %(line)d is about the same person.")
        if row.role in STAFF and (text := self.text(row, Column.EMAIL)):
            yield ("email", folded(text)), Column.EMAIL, _("The same e-mail address stands on line %(line)d.")

    def _give_identifiers(self, row: PlannedRow) -> None:
        tree = self._tree(row)
        for heading, position in self.headings.others.items():
            text = row.source.cells[position]
            if not text or tree is None or folded(heading) not in self.identifiers.names:
                continue
            identifier = self.identifiers.named(tree, heading)
            if identifier is None:
                row.refuse(heading, _("There is no identifier “%(name)s” here.") % {"name": heading})
                continue
            values = {folded(value.name): value for value in identifier.values.all()}
            value = values.get(folded(text))
            if value is None:
                row.refuse(heading, _unknown_value(text, heading, [value.name for value in values.values()]))
            elif self._is_news(row.person, identifier, value):
                row.identifiers[identifier] = value

    def _is_news(self, person: Person | None, identifier: Identifier, value: IdentifierValue) -> bool:
        if person is None:
            return True
        return not person.is_deactivated and self.people.given_value(person, identifier) != value.pk


def _differs(person: Person, name: str, value: Any) -> bool:
    """Whether `value` is another one than `person` has, and not only another way to write it."""
    had = getattr(person, name)
    if name == "phone":
        return had != value
    if name == "id_number":
        return folded(had) != folded(value)
    return clean(had) != value


def _unknown_value(text: str, heading: str, names: list[str]) -> str:
    facts = {"text": shortened(text), "identifier": heading, "values": ", ".join(names[:_MOST_NAMED])}
    if len(names) > _MOST_NAMED:
        return _("“%(text)s” isn't a value of “%(identifier)s”. The first are: %(values)s.") % facts
    return _("“%(text)s” isn't a value of “%(identifier)s”. There are: %(values)s.") % facts
