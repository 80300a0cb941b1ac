"""Reads the cells of a row, finds whom it is about, and says what of them changes or what is wrong."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ..access.roles import PARTICIPANTS, STAFF, Role
from ..identifiers.models import Identifier, IdentifierValue
from ..organizations.models import Organization
from ..people.leaving import being_deleted
from ..people.models import codename_of
from ..people.phones import number_from_e164
from .beyond import Beyond
from .cells import read_email, read_id, read_number, read_role, read_text
from .drafts import Draft, Known
from .headings import Column, Headings
from .marks import Marks
from .register import Identifiers, Organizations, People
from .text import clean, folded, shortened

_NAMES = (Column.FIRST_NAME, Column.LAST_NAME)
#: What single cells are read by, in the order in which they are refused; numbers come last, country by country.
_READERS = {
    Column.FIRST_NAME: partial(read_text, attribute="first_name"),
    Column.LAST_NAME: partial(read_text, attribute="last_name"),
    Column.ID: read_id,
    Column.EMAIL: read_email,
}
#: At most so many values of an identifier are named in a sentence.
_MOST_NAMED = 10


class Finder:
    """Give it the rows in the order of the file, batch by batch: `read`, then `look_up`, then `identify`.

    Between batches it keeps nothing but marks of what stood where.
    """

    def __init__(
        self, by: Any, headings: Headings, organizations: Organizations, identifiers: Identifiers
    ) -> None:
        self._by = by
        #: Whom the rows came upon that the user doesn't see.
        self.beyond = Beyond()
        self._headings = headings
        self._organizations = organizations
        self._identifiers = identifiers
        self._positions = headings.columns
        self._readers = [
            (column, column.value, read) for column, read in _READERS.items() if self._is_there(column)
        ]
        self._roles: dict[str, Role] = {}
        self._may_add: dict[tuple[Role, int | None], bool] = {}
        self._marks = Marks()

    def _is_there(self, column: Column) -> bool:
        """Whether the file says anything in `column`."""
        headings = self._headings
        is_part = column in _NAMES and Column.FULL_NAME in headings.columns
        return is_part or column in headings.columns or column in headings.constants

    def text(self, draft: Draft, column: Column) -> str:
        position = self._positions.get(column)
        return self._headings.text(draft, column) if position is None else draft.cells[position]

    # Reading: what the cells of a row say, whoever it is about.

    def read(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self._read(draft)
        # Of one country after the other: the patterns of several at a time don't fit where the library keeps them.
        for region, draft in sorted(self._with_numbers(drafts), key=lambda pair: pair[0]):
            try:
                draft.values["phone"] = read_number(self.text(draft, Column.PHONE), region=region)
            except ValidationError as refusal:
                draft.refuse(self._headings.name(Column.PHONE), *refusal.messages)
        for draft in drafts:
            self._check_right(draft)

    def _read(self, draft: Draft) -> None:
        if len(draft.cells) > len(self._headings.texts):
            draft.refuse("", _("This row has more cells than there are headings: is there a comma in one?"))
        draft.organization = self._organizations.usual
        if text := self.text(draft, Column.ORGANIZATION):
            draft.organization = self._organizations.of(text)
            if draft.organization is None:
                with draft.refusing(self._headings.name(Column.ORGANIZATION)):
                    draft.organization = self._organizations.named(text)
        if text := self.text(draft, Column.ROLE):
            # The same few, again and again.
            draft.role = self._roles.get(text)
            if draft.role is None:
                with draft.refusing(self._headings.name(Column.ROLE)):
                    draft.role = self._roles[text] = read_role(text)
        for column, name, read in self._readers:
            if text := self.text(draft, column):
                try:
                    draft.values[name] = read(text)
                except ValidationError as refusal:
                    draft.refuse(self._headings.name(column), *refusal.messages)

    def _with_numbers(self, drafts: Iterable[Draft]) -> Iterator[tuple[str, Draft]]:
        usual = self._organizations.usual_region
        for draft in drafts:
            if self.text(draft, Column.PHONE):
                yield (draft.organization.region if draft.organization else usual), draft

    def _tree(self, draft: Draft) -> int | None:
        return draft.organization.tree_id if draft.organization else self._organizations.tree

    # Looking up: all that a batch mentions, at once.

    def look_up(self, drafts: list[Draft]) -> People:
        """Return who is there already of those whom the rows may be about."""
        people = People(self._by, identifiers=self._identifiers.keys)
        ids, phones, emails = [], [], []
        for draft in drafts:
            tree = self._tree(draft)
            if tree is not None and (text := _effective_id(draft)):
                ids.append((tree, text))
            if phone := draft.values.get("phone"):
                phones.append(phone)
            if draft.role not in PARTICIPANTS and (email := draft.values.get("email")):
                emails.append(email)
        people.fetch(ids=ids, phones=phones, staff_emails=emails)
        self._organizations.fetch_keys(people.organizations)
        return people

    # Identifying: whom the row is about, and what of them changes.

    def identify(self, drafts: list[Draft], people: People) -> None:
        for draft in drafts:
            if draft.is_barred:
                # Other rows may repeat its ID or number all the same.
                self._refuse_repetition(draft)
                continue
            self._identify(draft, people)
            self._refuse_repetition(draft)
            self._give_identifiers(draft, people)

    def _identify(self, draft: Draft, people: People) -> None:
        person = self._found(draft, people)
        if draft.refusals and person is None:
            self._complain_of_gaps(draft)
            return
        if person is None:
            draft.is_new = True
            self._complain_of_gaps(draft)
            self._check_new(draft, people)
            return
        self._check_same(draft, person)
        is_checked = draft.role is not None and draft.organization is not None
        draft.person = person
        draft.role = Role(person.role)
        draft.organization = self._organizations.with_key(person.organization_id)
        if not is_checked:
            self._check_right(draft)
        if people.is_leaving(person):
            draft.refuse("", being_deleted(person))
            return
        if person.is_deactivated and not draft.refusals:
            draft.note("", _("%(name)s is deactivated, and was left as is.") % {"name": person})
            draft.values = {}
            return
        draft.values = {name: value for name, value in draft.values.items() if _differs(person, name, value)}
        for name, value in draft.values.items():
            draft.change(str(Column(name).label), _shown(name, getattr(person, name)), _shown(name, value))
        if draft.role in STAFF and "email" in draft.values:
            self._check_staff_email(draft, people)

    def _found(self, draft: Draft, people: People) -> Known | None:
        """Return who is meant by the ID, or the number, of the row; refuse the row if they don't go together."""
        phone = draft.values.get("phone")
        by_id = people.with_id(self._tree(draft), self._named_id(draft))
        by_phone = people.with_phone(phone) if phone else None
        for found, column in ((by_id, Column.ID), (by_phone, Column.PHONE)):
            if found and not people.is_managed(found):
                self._refuse_beyond_reach(draft, column, found, people)
                return None
        if by_phone is None or by_phone == by_id:
            return by_id
        if by_id or (draft.values.get("id_number") and by_phone.has_own_id):
            draft.refuse(
                self._headings.name(Column.PHONE),
                _("“%(phone)s” belongs to another ID, %(id)s.")
                % {"phone": self.text(draft, Column.PHONE), "id": by_phone.id_number},
            )
            return None
        return by_phone

    def _named_id(self, draft: Draft) -> str:
        """The ID by which the row names a person: that of the column, or the address of staff without a number."""
        if "phone" in draft.values or self.text(draft, Column.PHONE):
            return draft.values.get("id_number", "")
        return _effective_id(draft)

    def _refuse_beyond_reach(self, draft: Draft, column: Column, holder: Known, people: People) -> None:
        if not people.is_visible(holder):
            self.beyond.add(draft.line, holder.pk)
        # One sentence for all that is taken by people beyond the reach, whoever and wherever they are.
        draft.refuse(
            self._headings.name(column),
            _("“%(text)s” can't be used here. Somebody who answers for more of the organization can say why.")
            % {"text": shortened(self.text(draft, column))},
        )

    def _complain_of_gaps(self, draft: Draft) -> None:
        """Refuse a new person without what everybody needs; what is there but wrong was refused before."""
        for column in self._needed(draft.role):
            is_usual = column == Column.ORGANIZATION and self._organizations.usual is not None
            if not is_usual and not self.text(draft, column):
                draft.refuse(self._headings.name(column), _sentence_on_gap(column))

    @staticmethod
    def _needed(role: Role | None) -> tuple[Column, ...]:
        needed = (Column.ROLE, Column.FIRST_NAME, Column.ORGANIZATION)
        if role is None:
            return needed
        return (*needed, Column.PHONE if role in PARTICIPANTS else Column.EMAIL)

    def _check_new(self, draft: Draft, people: People) -> None:
        if draft.refusals:
            return
        if holder := people.with_id(self._tree(draft), _effective_id(draft)):
            # Without an ID of its own, the row's number would be one; and that is taken.
            if people.is_managed(holder):
                draft.refuse(self._headings.name(Column.PHONE), _("This is the ID of another person."))
            else:
                self._refuse_beyond_reach(draft, Column.PHONE, holder, people)
        if draft.role in STAFF:
            self._check_staff_email(draft, people)

    def _check_same(self, draft: Draft, person: Known) -> None:
        if draft.role is not None and draft.role != person.role:
            draft.refuse(
                self._headings.name(Column.ROLE),
                _("%(name)s is a %(role)s. Nobody changes role by import.")
                % {"name": person, "role": Role(person.role).label},
            )
        named = (
            self.text(draft, Column.ORGANIZATION)
            or person.organization_id not in self._organizations.confines
        )
        if named and draft.organization is not None and draft.organization.pk != person.organization_id:
            draft.refuse(
                self._headings.name(Column.ORGANIZATION),
                _("%(name)s belongs to “%(organization)s”. Nobody changes organization by import.")
                % {"name": person, "organization": self._organizations.with_key(person.organization_id)},
            )

    def _check_right(self, draft: Draft) -> None:
        """Refuse a role that the importer may not add, there or anywhere; the same goes for changes."""
        if draft.role is None or self._is_barred(draft, None) or draft.organization is None:
            return
        if draft.organization.is_archived:
            draft.refuse(
                self._headings.name(Column.ORGANIZATION),
                _("“%(organization)s” is archived, and takes nobody and nothing new.")
                % {"organization": draft.organization},
            )
            return
        self._is_barred(draft, draft.organization)

    def _is_barred(self, draft: Draft, organization: Organization | None) -> bool:
        role: Role = draft.role  # type: ignore[assignment]
        key = (role, organization.pk if organization else None)
        if key not in self._may_add:
            permission = f"mentorpro_plugin.add_{codename_of(role)}"
            self._may_add[key] = self._by.has_perm(permission, organization)
        if not self._may_add[key]:
            draft.bar(
                self._headings.name(Column.ROLE),
                _("You may not import a %(role)s.") % {"role": role.label},
            )
        return draft.is_barred

    def _check_staff_email(self, draft: Draft, people: People) -> None:
        holder = people.staff_with_email(draft.values.get("email", ""))
        if holder is None or holder == draft.person:
            return
        if not people.is_managed(holder):
            self._refuse_beyond_reach(draft, Column.EMAIL, holder, people)
            return
        draft.refuse(
            self._headings.name(Column.EMAIL),
            _("This e-mail address belongs to another member of staff."),
        )

    # Comparing: rows with each other, and with the identifiers.

    def _refuse_repetition(self, draft: Draft) -> None:
        for thing, column, sentence in self._unrepeatable(draft):
            line = self._marks.first(thing, draft.line)
            if line != draft.line and not draft.is_repetition:
                draft.is_repetition = True
                heading = self._headings.name(column) if column else ""
                draft.refuse(heading, _(sentence) % {"line": line})

    def _unrepeatable(self, draft: Draft) -> Iterator[tuple[tuple[Any, ...], Column | None, str]]:
        """What no two rows may share. Read from the cells, since the values of a known person are only changes."""
        if text := self.text(draft, Column.ID):
            yield ("id", self._tree(draft), folded(text)), Column.ID, _SAME_ID
        phone = draft.values.get("phone") or (draft.person.phone if draft.person else None)
        if phone and self.text(draft, Column.PHONE):
            yield ("phone", phone), Column.PHONE, _SAME_PHONE
        if draft.person:
            yield ("person", draft.person.pk), None, _SAME_PERSON
        if draft.role in STAFF and (text := self.text(draft, Column.EMAIL)):
            yield ("email", folded(text)), Column.EMAIL, _SAME_EMAIL

    def _give_identifiers(self, draft: Draft, people: People) -> None:
        tree = self._tree(draft)
        for name, position in self._headings.others.items():
            text = draft.cells[position]
            if not text or tree is None or folded(name) not in self._identifiers.names:
                continue
            heading = self._headings.texts[position]
            identifier = self._identifiers.named(tree, name)
            if identifier is None:
                draft.refuse(heading, _("There is no identifier “%(name)s” here.") % {"name": name})
                continue
            values = self._identifiers.values_of(identifier)
            value = values.get(folded(text))
            if value is None:
                draft.refuse(heading, _unknown_value(text, name, [value.name for value in values.values()]))
            else:
                self._give(draft, people, identifier, value)

    @staticmethod
    def _give(draft: Draft, people: People, identifier: Identifier, value: IdentifierValue) -> None:
        person = draft.person
        had = people.given_value(person, identifier) if person else None
        if had == value.pk or (person and person.is_deactivated):
            return
        draft.add("identifiers", (identifier.pk, value.pk))
        if person:
            names = {value.pk: value.name for value in identifier.values.all()}
            draft.change(identifier.name, names.get(had, ""), value.name)


def _effective_id(draft: Draft) -> str:
    """The ID that a new person would get: the number or address, where none is given."""
    values = draft.values
    return values.get("id_number") or values.get("phone") or values.get("email", "")


def _sentence_on_gap(column: Column) -> str:
    return {
        Column.ROLE: _("Say which role this person has."),
        Column.FIRST_NAME: _("The first name is missing."),
        Column.ORGANIZATION: _("Say which organization this person belongs to."),
        Column.PHONE: _("A mentor or mentee needs a phone number: it is how they log in."),
        Column.EMAIL: _("Staff need an e-mail address: it is how they log in."),
    }[column]


_SAME_ID = gettext_noop("The same ID stands on line %(line)d.")
_SAME_PHONE = gettext_noop("The same phone number stands on line %(line)d.")
_SAME_PERSON = gettext_noop("Line %(line)d is about the same person.")
_SAME_EMAIL = gettext_noop("The same e-mail address stands on line %(line)d.")


def _differs(person: Known, name: str, value: str) -> bool:
    """Whether `value` is another one than `person` has, and not only another way to write it."""
    had = getattr(person, name) or ""
    if name == "phone":
        return had != value
    if name == "id_number":
        return folded(had) != folded(value)
    return clean(had) != value


def _shown(name: str, value: str | None) -> str:
    try:
        return number_from_e164(value).as_international if value and name == "phone" else value or ""
    except ValueError:
        # Kept as it was typed, before it was known to be no number.
        return value or ""


def _unknown_value(text: str, identifier: str, names: list[str]) -> str:
    facts = {"text": shortened(text), "identifier": identifier, "values": ", ".join(names[:_MOST_NAMED])}
    if len(names) > _MOST_NAMED:
        return _("“%(text)s” isn't a value of “%(identifier)s”. The first are: %(values)s.") % facts
    return _("“%(text)s” isn't a value of “%(identifier)s”. There are: %(values)s.") % facts
