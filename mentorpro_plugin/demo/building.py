"""Builds the whole demo: trees of organizations, their programs and identifiers, and everybody in them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from ..access.roles import Role
from ..conf import imported_setting
from ..identifiers.models import Identifier, IdentifierValue
from ..organizations.models import Organization
from ..people.models import Person
from ..people.users import follow_person
from ..programs.models import Program
from .circle import add_circle
from .crowd import SMALLEST, Crowd
from .households import Household
from .lives import Calendar
from .numbers import PhoneBook
from .places import LARKSPUR, PlannedOrganization, PlannedTree, plan
from .register import Register, Tree
from .writing import Writer, insert, without_garbage_collector

PASSWORD = "mentorpro-demo"  # noqa: S105 - printed by `make run`, and made only where DEBUG is on

#: Who gets a log-in in the first tree: in the parent, and in the first child.
_PARENT_LOG_INS = {Role.PARENT: "parent@demo.test"}
_CHILD_LOG_INS = {
    Role.CHILD: "child@demo.test",
    Role.PROGRAM_MANAGER: "pm@demo.test",
    Role.SUCCESS_COORDINATOR: "sc@demo.test",
}
_SUPER_ADMIN = "superadmin@demo.test"

#: Above so many people, nobody reads histories.
_MOST_WITH_HISTORY = 2_000


@dataclass(frozen=True)
class Demo:
    """What to build. `people` doesn't count the Super Admin and the circle, who come with the log-ins."""

    people: int = 300
    organizations: int = 6
    seed: int = 1
    log_ins: bool = False


def is_there() -> bool:
    """Whether the demo was built in this database."""
    return Organization._base_manager.filter(name=LARKSPUR.parent.name, parent=None).exists()


@scopes_disabled()
@transaction.atomic
def build(demo: Demo, *, written: Callable[[int], None] = lambda count: None) -> int:
    """Build `demo`, all or nothing; return the number of people. `written` hears of it batch by batch.

    The database may hold nobody yet. The same demo gives the same people, at the same distances from now.
    """
    builder = _Builder(demo, Writer(with_history=demo.people <= _MOST_WITH_HISTORY, written=written))
    with without_garbage_collector():
        builder.build()
    return builder.writer.count


class _Builder:
    def __init__(self, demo: Demo, writer: Writer) -> None:
        self.demo = demo
        self.writer = writer
        # Not for secrets: the point is that the numbers can be foretold.
        self.rng = Random(demo.seed)  # noqa: S311
        self.phones = PhoneBook(self.rng)
        self.calendar = Calendar(timezone.now(), self.rng)
        self.password = make_password(PASSWORD) if demo.log_ins else None

    def build(self) -> None:
        trees = list(plan(self.demo.organizations, self.rng))
        sizes = iter(
            self._sizes([planned.share for tree in trees for planned in (tree.parent, *tree.children)])
        )
        if self.demo.log_ins:
            self.writer.add(self._super_admin())
        for number, planned in enumerate(trees):
            self._build_tree(planned, sizes, is_first=number == 0)
        self.writer.flush()
        if self.demo.log_ins and (manager := self._manager()):
            add_circle(self.writer, self.calendar, manager, domain=LARKSPUR.domain)

    def _manager(self) -> Person | None:
        """The Program Manager with a log-in; none where there is but the one organization."""
        people = Person._base_manager.select_related("organization__parent", "user")
        return people.filter(email=_CHILD_LOG_INS[Role.PROGRAM_MANAGER]).first()

    def _sizes(self, shares: Sequence[float]) -> list[int]:
        """Split the people by `shares`, every organization getting the fewest that make sense."""
        free = self.demo.people - SMALLEST * len(shares)
        total = sum(shares)
        bounds = [0, *(round(free * share / total) for share in accumulate(shares))]
        return [SMALLEST + end - start for start, end in pairwise(bounds)]

    def _build_tree(self, planned: PlannedTree, sizes: Iterator[int], *, is_first: bool) -> None:
        parent = Organization(
            name=planned.parent.name,
            region=planned.region,
            contact_email=f"mentoring@{planned.domain}",
            contact_note="The office is open from Monday to Friday, 9 to 5.",
        )
        insert(Organization, [parent])
        children = [
            Organization(name=child.name, region=planned.region, parent=parent) for child in planned.children
        ]
        insert(Organization, children)
        tree = Tree(planned.parent.name, planned.domain, self._identifiers(parent, planned))
        first_child = children[0] if children else None
        for plan_of, organization in zip(
            (planned.parent, *planned.children), (parent, *children), strict=True
        ):
            log_ins = {}
            if is_first and self.demo.log_ins:
                log_ins = {parent: _PARENT_LOG_INS, first_child: _CHILD_LOG_INS}.get(organization, {})
            register = Register(
                organization,
                tree,
                self.phones,
                self.calendar,
                self.rng,
                names=list(plan_of.names),
                log_ins=dict(log_ins),
                password=self.password,
            )
            crowd = Crowd(register, self._programs(organization, plan_of), next(sizes))
            for household in crowd.households():
                self.writer.add(household)

    def _identifiers(self, parent: Organization, planned: PlannedTree) -> list[list[IdentifierValue]]:
        identifiers = [Identifier(organization=parent, name=name) for name in planned.identifiers]
        insert(Identifier, identifiers)
        values = [
            [
                IdentifierValue(identifier=identifier, name=name, sort_order=position)
                for position, name in enumerate(planned.identifiers[identifier.name])
            ]
            for identifier in identifiers
        ]
        insert(IdentifierValue, [value for group in values for value in group])
        return values

    def _programs(
        self, organization: Organization, planned: PlannedOrganization
    ) -> list[tuple[Program, int]]:
        programs = [
            Program(organization=organization, name=program.name, flash_mentoring=program.flash_mentoring)
            for program in planned.programs
        ]
        insert(Program, programs)
        return [(program, planned.share) for program, planned in zip(programs, planned.programs, strict=True)]

    def _super_admin(self) -> Household:
        user = imported_setting("BUILD_USER")(Role.SUPER_ADMIN, _SUPER_ADMIN)
        person = Person(
            user=user, role=Role.SUPER_ADMIN, first_name="Sybil", last_name="Overton", email=_SUPER_ADMIN
        )
        self.calendar.live(person, added_at=self.calendar.ago(900), at_work=True)
        follow_person(user, person)
        user.password = self.password
        user.is_superuser = user.is_staff = True
        return Household(people=[person])
