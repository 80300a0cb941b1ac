"""What is measured: who looks at which page, ours and the peers'."""

import datetime
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled
from wagtail import hooks

from mentorpro_plugin.access.doors import open_to_staff
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.viewsets import MenteeViewSet

from .databases import version
from .measuring import page, software, time_pages
from .plain import PlainViewSet, TunedViewSet

PAGE_SIZES = (20, 100)
#: After so many seconds a scene ends, once every page had its fewest requests.
SECONDS = 30.0
#: A Program Manager's mentees, as the design has it.
MENTEES_OF_A_MANAGER = 400

#: By peer and rows a page.
VIEWSETS: dict[tuple[str, int], Any] = {
    (peer, rows): type(
        f"{viewset.__name__}{rows}", (viewset,), {"name": f"{viewset.name}-{rows}", "list_per_page": rows}
    )()
    for peer, viewset in {"ours": MenteeViewSet, "plain": PlainViewSet, "tuned": TunedViewSet}.items()
    for rows in PAGE_SIZES
}
for viewset in VIEWSETS.values():
    viewset.add_to_admin_menu = False
    open_to_staff(viewset.url_namespace)

hooks.register("register_admin_viewset", lambda: list(VIEWSETS.values()))


@dataclass(frozen=True)
class Scene:
    """One user looking at one thing."""

    what: str
    user: Any = None
    who: str = ""
    rows: int = 20
    query: dict[str, str] = field(default_factory=dict)
    #: For the peers, if they don't understand `query`.
    query_of_peers: dict[str, str] | None = None
    #: Stands on the page.
    contains: str = ""

    def measure(self, *, rounds: int, seconds: float) -> dict[str, Any]:
        client = Client()
        client.force_login(self.user, "django.contrib.auth.backends.ModelBackend")
        pages = {}
        for (peer, rows), viewset in VIEWSETS.items():
            if rows == self.rows:
                address = reverse(viewset.get_url_name("index"))
                query = self.query if peer == "ours" else self.query_of_peers or self.query
                pages[peer] = page(client, f"{address}?{urlencode(query)}", contains=self.contains)
        timings = time_pages(pages, rounds=rounds, seconds=seconds)
        return {
            "who": self.who,
            "what": self.what,
            "rows": self.rows,
            "timings": {peer: timing.as_dict() for peer, timing in timings.items()},
        }


@scopes_disabled()
def scenes() -> list[Scene]:
    """All scenes for the people of this database."""
    manager = _manager()
    child = Person._base_manager.select_related("user").get(
        organization=manager.organization_id, role__in=(Role.PARENT, Role.CHILD)
    )
    known = _somebody_of(manager)
    found = []
    for user, who in ((_super_admin(), "Super Admin"), (child.user, "Child account"), (manager.user, "PM")):
        found += [Scene("listing", user, who, rows) for rows in PAGE_SIZES]
        found.append(Scene("latest activity first", user, who, query={"ordering": "-last_activity_at"}))
        found += [replace(search, user=user, who=who) for search in _searches(known)]
    return found


def _searches(person: Person) -> Iterator[Scene]:
    by_name = {"q": person.last_name}
    yield Scene("search: last name", query=by_name, contains=person.last_name)
    # Wagtail finds nobody by two names at once, and a number only as it is stored; ours takes what stands on paper.
    yield Scene(
        "search: full name", query={"q": person.full_name}, query_of_peers=by_name, contains=person.last_name
    )
    typed, stored = person.phone.as_national, person.phone.as_e164
    yield Scene("search: phone", query={"q": typed}, query_of_peers={"q": stored}, contains=person.id_number)
    yield Scene("search: ID", query={"q": person.id_number}, contains=person.id_number)


def _super_admin() -> Any:
    user, _is_new = get_user_model()._base_manager.get_or_create(
        username="benchmark", defaults={"is_superuser": True, "is_staff": True}
    )
    return user


def _manager() -> Person:
    """The Program Manager whose programs have about as many mentees as the design expects."""
    mentees = dict(
        Assignment._base_manager.filter(ended_at=None, person__role=Role.MENTEE)
        .values_list("program")
        .annotate(Count("person", distinct=True))
    )
    programs: dict[int, int] = {}
    managers = Assignment._base_manager.filter(ended_at=None, person__role=Role.PROGRAM_MANAGER)
    for manager, program in managers.values_list("person", "program"):
        programs[manager] = programs.get(manager, 0) + mentees.get(program, 0)
    nearest = min(programs, key=lambda pk: (abs(programs[pk] - MENTEES_OF_A_MANAGER), pk))
    return Person._base_manager.select_related("user").get(pk=nearest)


def _somebody_of(manager: Person) -> Person:
    """A mentee of `manager` to look for, with a number that isn't the telephone's and a name few share."""
    mentees = Person._base_manager.filter(
        role=Role.MENTEE,
        assignments__ended_at=None,
        assignments__program__in=manager.open_program_ids,
    ).exclude(id_number__startswith="+")
    return mentees.exclude(last_name="").order_by("last_name", "pk").distinct()[mentees.count() // 2]


def measure(people: int, rounds: int) -> None:
    """Measure on the database of this process, and print all that was found as JSON."""
    assert not settings.DEBUG
    found = {
        "people": people,
        "database": version(),
        "software": software(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "scenes": [scene.measure(rounds=rounds, seconds=SECONDS) for scene in scenes()],
    }
    json.dump(found, sys.stdout)
