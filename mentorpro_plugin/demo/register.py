"""Draws one person at a time: name, numbers, address, past and identifiers."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from ..access.roles import ACCOUNTS, PARTICIPANTS, STAFF, Role
from ..conf import imported_setting
from ..identifiers.models import GivenIdentifier, IdentifierValue
from ..organizations.models import Organization
from ..people.models import Person
from ..people.users import follow_person
from .households import Household
from .lives import Calendar
from .names import Name, NameBook
from .numbers import PhoneBook


class Tree:
    """What the organizations of one tree share: the run of their ID numbers, a domain, identifiers."""

    def __init__(self, name: str, domain: str, values: list[list[IdentifierValue]]) -> None:
        self.domain = domain
        #: The values of each identifier.
        self.values = values
        self._prefix = name[0]
        self._numbers = count(100_001)

    def next_number(self) -> str:
        return f"{self._prefix}{next(self._numbers)}"


@dataclass
class Register:
    """The people of `organization` to be. The same `rng` draws the same ones."""

    organization: Organization
    tree: Tree
    phones: PhoneBook
    calendar: Calendar
    rng: Random
    #: Names that some mentees bear in any case.
    names: list[Name] = field(default_factory=list)
    #: Log-ins of the demo: the first person of the role gets the address and the (hashed) password.
    log_ins: dict[Role, str] = field(default_factory=dict)
    password: str | None = None

    def __post_init__(self) -> None:
        self._name_book = NameBook(self.rng)
        self._build_user = imported_setting("BUILD_USER")

    def enter(self, household: Household, role: Role, *, added_at: datetime, at_work: bool = False) -> Person:
        """Add a new person to `household`; those `at_work` have logged in lately and aren't deactivated."""
        name = self._name(role)
        log_in = self.log_ins.pop(role, None)
        number = self.tree.next_number()
        email = log_in or self._email(role, name, number)
        phone = self._phone(role)
        # Some have no number of the organization's own: the telephone number stands in.
        has_number = phone is None or self.rng.random() < 0.75
        person = Person(
            user=self._build_user(role, email),
            role=role,
            organization=self.organization,
            first_name=name.first,
            last_name=name.last,
            phone=phone,
            id_number=number if has_number else "",
            email=email,
        )
        self.calendar.live(person, added_at=added_at, at_work=at_work or role in ACCOUNTS)
        person.user.is_active = not person.is_deactivated
        if role in STAFF:
            follow_person(person.user, person)
        if log_in:
            person.user.password = self.password
        household.people.append(person)
        if role in PARTICIPANTS:
            household.given += self._identifiers(person)
        return person

    def _name(self, role: Role) -> Name:
        if role == Role.MENTEE and self.names:
            return self.names.pop(0)
        return self._name_book.draw()

    def _email(self, role: Role, name: Name, number: str) -> str:
        if role in STAFF:
            return f"{name.address}.{number[1:]}@{self.tree.domain}"
        if self.rng.random() < 0.1:
            return ""
        return f"{name.address}.{number[1:]}@mail.{self.tree.domain}"

    def _phone(self, role: Role) -> Any:
        if role in PARTICIPANTS or self.rng.random() < 0.5:
            return self.phones.next(self.organization.region)
        return None

    def _identifiers(self, person: Person) -> list[GivenIdentifier]:
        likely = 0.9 if person.role == Role.MENTEE else 0.5
        given = []
        for values in self.tree.values:
            if self.rng.random() < likely:
                value = self.rng.choice(values)
                given.append(GivenIdentifier(person=person, identifier_id=value.identifier_id, value=value))
        return given
