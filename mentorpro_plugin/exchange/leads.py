"""Who leads whom: leads are named in cells, and may stand later in the same file.

Of a hundred thousand rows, those are remembered that some cell names, and of each only what others need to know.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..access.roles import Role
from ..organizations.models import Organization
from ..programs.models import Program
from .cells import read_number
from .drafts import Draft, Known
from .register import People
from .several import BETWEEN_LEADS
from .text import folded, shortened

#: What people put between leads where nobody is named so; the first that does is taken.
_ALSO_BETWEEN = (",", "/", "|", "&", "+", None)
#: As many leads as a cell may name in other ways than ours. It could have ten thousand words.
_MOST_PIECES = 20
_FEWEST_DIGITS = 7


def named_leads(text: str) -> list[str]:
    """Return the leads that a cell names, as far as it separates them with semicolons."""
    return [name for part in text.split(BETWEEN_LEADS) if (name := part.strip())]


def readings(text: str) -> Iterator[list[str]]:
    """Yield each way to take `text` for several leads."""
    for separator in _ALSO_BETWEEN:
        pieces = [piece for part in text.split(separator) if (piece := part.strip())]
        if 1 < len(pieces) <= _MOST_PIECES:
            yield pieces


def candidates_in(text: str) -> Iterator[str]:
    """Yield whatever in a cell may name a lead."""
    for name in named_leads(text):
        yield name
        for pieces in readings(name):
            yield from pieces


@lru_cache(maxsize=10_000)
def as_number(text: str, region: str) -> str | None:
    """Return the telephone number that `text` is, in E.164, if it is one."""
    if sum(char.isdigit() for char in text) < _FEWEST_DIGITS:
        return None
    try:
        return read_number(text, region=region)
    except ValidationError:
        return None


@dataclass(slots=True)
class LeadRow:
    """What others need to know of a row that some cell names."""

    line: int
    name: str
    role: Role | None
    person: int | None
    is_refused: bool = False
    #: Programs in which the row opens an assignment.
    programs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a name may mean: there already, in the file, or both."""

    person: Known | None
    row: LeadRow | None

    @property
    def key(self) -> tuple[int | None, int | None]:
        """What tells candidates apart, and what an opening keeps: a primary key, or else a line."""
        return (self.person.pk, None) if self.person else (None, self.row.line if self.row else None)

    @property
    def role(self) -> Role | None:
        return Role(self.person.role) if self.person else self.row and self.row.role

    @property
    def name(self) -> str:
        return str(self.person) if self.person else self.row.name if self.row else ""


class Leads:
    """Finds leads by ID, number or e-mail address: among the rows of the file, wherever they stand, and the people."""

    def __init__(self) -> None:
        # Hashes of what cells name; None where all that could be named has to be remembered.
        self._named: set[int] | None = set()
        self._rows: dict[tuple[int, str], list[LeadRow]] = defaultdict(list)
        self._of_person: dict[int, LeadRow] = {}
        self._by_line: dict[int, LeadRow] = {}
        #: People, with programs, whose last assignment there ends by this file.
        self.ending: set[tuple[int, int]] = set()

    def name(self, text: str, organization: Organization | None) -> None:
        """Note that a cell names `text`, before the rows are looked through for whom it may mean."""
        if self._named is None:
            return
        if organization is None:
            # Which country's numbers to read turns out only when the row's person is found.
            self._named = None
            return
        self._named.add(hash(folded(text)))
        if number := as_number(text, organization.region):
            self._named.add(hash(number))

    def remember(self, draft: Draft) -> None:
        """Keep what others need to know of `draft`, if any cell names it."""
        if draft.organization is None or draft.is_repetition:
            return
        texts = {folded(text) for name in ("id_number", "email", "phone") if (text := draft.values.get(name))}
        person = draft.person
        known = (
            {folded(text) for text in (person.id_number, person.email, person.phone) if text}
            if person
            else set()
        )
        named = self._named
        if named is not None and not any(hash(text) in named for text in texts | known):
            return
        draft.may_lead = True
        row = LeadRow(draft.line, draft.name, draft.role, person.pk if person else None, bool(draft.refusals))
        self._by_line[draft.line] = row
        if person:
            self._of_person[person.pk] = row
        for text in texts:
            self._rows[draft.organization.tree_id, text].append(row)

    def settle(self, draft: Draft) -> None:
        """Keep what became of `draft`, for those who name it."""
        if row := self._by_line.get(draft.line):
            row.is_refused = bool(draft.refusals)
            row.programs = tuple(opening.program for opening in draft.openings)

    def find(self, text: str, *, role: Role, organization: Organization, people: People) -> Candidate:
        """Return who is meant by `text`. Raises ValidationError if nobody is, or nobody of `role`, or several are.

        Somebody whom the importer may not see is nobody.
        """
        candidates = self._candidates(text, organization, people)
        fitting = {candidate.key: candidate for candidate in candidates if candidate.role == role}
        if len(fitting) == 1:
            return next(iter(fitting.values()))
        facts = {"text": shortened(text), "role": role.label}
        if fitting:
            raise ValidationError(_("“%(text)s” may mean several people: name the %(role)s by ID.") % facts)
        if candidates:
            raise ValidationError(_("“%(text)s” is not a %(role)s.") % facts)
        raise ValidationError(_("There is no %(role)s “%(text)s” whom you may choose.") % facts)

    def means_somebody(self, text: str, *, organization: Organization, people: People) -> bool:
        return bool(self._candidates(text, organization, people))

    def names_in(self, cell: str, *, organization: Organization, people: People) -> list[str]:
        """Return the leads that a cell names: with semicolons between them, or as people wrote it who didn't know.

        Whatever else might separate leads may be a part of a name; so a text that means somebody is never divided.
        """
        found: list[str] = []
        for text in named_leads(cell):
            found += self._divided(text, organization, people)
        return list(dict.fromkeys(found))

    def people_in(self, cell: str, *, organization: Organization, people: People) -> set[int]:
        """Return primary keys of all whom a cell may mean."""
        names = self.names_in(cell, organization=organization, people=people)
        found = (candidate for name in names for candidate in self._candidates(name, organization, people))
        return {candidate.person.pk for candidate in found if candidate.person}

    def _divided(self, text: str, organization: Organization, people: People) -> list[str]:
        if self.means_somebody(text, organization=organization, people=people):
            return [text]
        nearest: list[str] = [text]
        for pieces in readings(text):
            known = [self.means_somebody(piece, organization=organization, people=people) for piece in pieces]
            if all(known):
                return pieces
            if any(known) and nearest == [text]:
                # Those who are nobody are refused one by one.
                nearest = pieces
        return nearest

    def _candidates(self, text: str, organization: Organization, people: People) -> list[Candidate]:
        tree = organization.tree_id
        number = as_number(text, organization.region)
        if by_id := people.with_id(tree, text):
            found = [by_id]
        elif number and (by_phone := people.with_phone(number)):
            found = [by_phone]
        else:
            found = people.with_email(tree, text)
        candidates = [
            Candidate(person, self._of_person.get(person.pk))
            for person in found
            if person.tree_id == tree and people.is_visible(person)
        ]
        texts = dict.fromkeys([folded(text), number] if number else [folded(text)])
        rows = [row for key in texts for row in self._rows.get((tree, key), ())]
        if candidates:
            # A row that was refused because it is about somebody whom the importer may not change is nobody else.
            rows = [row for row in rows if row.person is not None or not row.is_refused]
        return candidates + [Candidate(self._person_of(row, people), row) for row in rows]

    @staticmethod
    def _person_of(row: LeadRow, people: People) -> Known | None:
        return people.with_key(row.person) if row.person is not None else None

    def people_among(self, texts: Iterable[str], organization: Organization) -> Iterator[int]:
        """Yield primary keys of those whom the rows that `texts` name are about: they have to be looked up as well."""
        for text in texts:
            for key in (folded(text), as_number(text, organization.region)):
                for row in self._rows.get((organization.tree_id, key), ()) if key else ():
                    if row.person is not None:
                        yield row.person

    def check(self, lead: Candidate, text: str, program: Program, people: People) -> None:
        """Raise ValidationError unless `lead` can lead in `program`, now or once the file is stored."""
        if lead.person is not None:
            if lead.person.is_deactivated:
                raise ValidationError(
                    _("%(name)s is deactivated, and can't be chosen.") % {"name": lead.person}
                )
            stays = (lead.person.pk, program.pk) not in self.ending
            if stays and any(row.program == program.pk for row in people.open_assignments(lead.person)):
                return
        if lead.row is not None and lead.row.is_refused:
            raise ValidationError(
                _("“%(text)s” stands on line %(line)d, which is refused.")
                % {"text": shortened(text), "line": lead.row.line}
            )
        if lead.row is None or program.pk not in lead.row.programs:
            raise ValidationError(
                _("“%(text)s” isn't assigned to “%(program)s”.")
                % {"text": shortened(text), "program": program}
            )
