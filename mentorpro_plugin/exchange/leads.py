"""Who is meant by the mentors and Program Managers that a roster names: people there already, or rows of the file."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from ..access.roles import Role
from ..organizations.models import Organization
from ..people.models import Person
from ..programs.models import Program
from .cells import read_number
from .plan import PlannedRow
from .register import People
from .text import folded, shortened

SEPARATOR = ";"
_FEWEST_DIGITS = 7


def named_leads(text: str) -> list[str]:
    """Return the leads that a cell names."""
    return [name for part in text.split(SEPARATOR) if (name := part.strip())]


def as_number(text: str, region: str) -> PhoneNumber | None:
    """Return the telephone number that `text` is, if it is one."""
    if sum(char.isdigit() for char in text) < _FEWEST_DIGITS:
        return None
    try:
        return read_number(text, region=region)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a name may mean: there already, in the file, or both."""

    person: Person | None
    row: PlannedRow | None

    @property
    def key(self) -> Person | PlannedRow:
        """What tells candidates apart, and what an opening keeps."""
        return self.person or self.row  # type: ignore[return-value]

    @property
    def role(self) -> Role | None:
        return Role(self.person.role) if self.person else self.row and self.row.role

    @property
    def name(self) -> str:
        return self.person.full_name if self.person else self.row.name if self.row else ""


class Leads:
    """Finds leads by ID, number or e-mail address: among the rows of the file, wherever they stand, and the people."""

    def __init__(self, people: People, rows: Iterable[PlannedRow]) -> None:
        self._people = people
        self._rows: dict[tuple[int, str], list[PlannedRow]] = defaultdict(list)
        self._of_person: dict[int, PlannedRow] = {}
        for row in rows:
            self._index(row)

    def _index(self, row: PlannedRow) -> None:
        if row.organization is None or row.is_repetition:
            return
        if row.person is not None:
            self._of_person[row.person.pk] = row
        phone = row.values.get("phone")
        for text in (row.values.get("id_number"), row.values.get("email"), phone and phone.as_e164):
            if text:
                self._rows[row.organization.tree_id, folded(text)].append(row)

    def find(self, text: str, *, role: Role, organization: Organization) -> Candidate:
        """Return who is meant by `text`. Raises ValidationError if nobody is, or nobody of `role`, or several are.

        Somebody whom the importer may not see is nobody.
        """
        candidates = self._candidates(text, organization)
        fitting = {candidate.key: candidate for candidate in candidates if candidate.role == role}
        if len(fitting) == 1:
            return next(iter(fitting.values()))
        facts = {"text": shortened(text), "role": role.label}
        if fitting:
            raise ValidationError(_("“%(text)s” may mean several people: name the %(role)s by ID.") % facts)
        if candidates:
            raise ValidationError(_("“%(text)s” is not a %(role)s.") % facts)
        raise ValidationError(_("There is no %(role)s “%(text)s” whom you may choose.") % facts)

    def _candidates(self, text: str, organization: Organization) -> list[Candidate]:
        tree = organization.tree_id
        phone = as_number(text, organization.region)
        if by_id := self._people.with_id(tree, text):
            found = [by_id]
        elif phone and (by_phone := self._people.with_phone(phone)):
            found = [by_phone]
        else:
            found = self._people.with_email(tree, text)
        candidates = [
            Candidate(person, self._of_person.get(person.pk))
            for person in found
            if person.tree_id == tree and self._people.is_visible(person)
        ]
        texts = {folded(text), folded(phone.as_e164)} if phone else {folded(text)}
        rows = [row for text in texts for row in self._rows.get((tree, text), ())]
        return candidates + [Candidate(row.person, row) for row in rows]

    def check(self, lead: Candidate, text: str, program: Program) -> None:
        """Raise ValidationError unless `lead` can lead in `program`, now or once the file is stored."""
        if lead.person is not None:
            if lead.person.is_deactivated:
                raise ValidationError(
                    _("%(name)s is deactivated, and can't be chosen.") % {"name": lead.person}
                )
            if any(row.program_id == program.pk for row in self._people.open_assignments(lead.person)):
                return
        if lead.row is not None and lead.row.refusals:
            raise ValidationError(
                _("“%(text)s” stands on line %(line)d, which is refused.")
                % {"text": shortened(text), "line": lead.row.line}
            )
        if lead.row is None or all(opening.program != program for opening in lead.row.openings):
            raise ValidationError(
                _("“%(text)s” isn't assigned to “%(program)s”.")
                % {"text": shortened(text), "program": program}
            )
