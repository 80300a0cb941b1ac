"""What happens in the processes of `benchmarks.imports`: the same rosters imported by the peer and by ours."""

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings
from django_scopes import scopes_disabled

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.actions import assign
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.planfile import PlanFile
from mentorpro_plugin.exchange.reading import read_table
from mentorpro_plugin.exchange.rosters import plan_roster, store_roster
from mentorpro_plugin.identifiers.models import Identifier, IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.users import build_user
from mentorpro_plugin.programs.models import Program

from . import stock_import
from .databases import version
from .measuring import software

ORGANIZATION = "Riverside"
PROGRAMS = ("First-Year Engineers", "Transfer Students", "Evening Circle")
#: Of a realistic roster, each so-manieth person is a mentor.
MENTEES_OF_A_MENTOR = 9
HEADINGS = ("role", "first_name", "last_name", "phone", "id_number", "email", "organization")
#: Of the peer: without those of this site, which would keep Django's admin from everybody.
_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
#: Rows that warm a process up before it is measured.
_WARM = 50


# Rosters.


def people(rows: int, turn: int) -> Iterator[list[str]]:
    """Yield cells of so many mentees, none of whom another turn has."""
    for number in range(rows):
        unique = turn * 200_000 + number
        # The peer knows no other notation.
        phone = f"+1{415 + unique // 8_000_000}{2_000_000 + unique % 8_000_000:07}"
        names = (f"First{number * 7919 % rows}", f"Last{number * 104_729 % rows}")
        yield ["mentee", *names, phone, f"R{unique}", f"person{unique}@example.edu", ORGANIZATION]


def roster(rows: int, turn: int) -> bytes:
    """Return a roster that the peer understands as well: no programs, leads and identifiers."""
    return _csv(HEADINGS, people(rows, turn))


def realistic_roster(rows: int, turn: int) -> bytes:
    """Return a cohort: mentors with a Program Manager, mentees with a mentor of the file, all with a grade."""

    def cells() -> Iterator[list[str]]:
        mentors = [""] * len(PROGRAMS)
        for number, row in enumerate(people(rows, turn)):
            program = number // (MENTEES_OF_A_MENTOR + 1) % len(PROGRAMS)
            if number % (MENTEES_OF_A_MENTOR + 1) == 0:
                mentors[program] = row[4]
                yield ["mentor", *row[1:], PROGRAMS[program], "manager@example.edu", "", "Senior"]
            else:
                yield [*row, PROGRAMS[program], "", mentors[program], "Freshman"]

    return _csv((*HEADINGS, "program", "program manager", "mentor", "Grade"), cells())


def _csv(headings: tuple[str, ...], rows: Iterator[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()


# Processes.


@scopes_disabled()
def prepare() -> None:
    """Make an organization with programs, their Program Manager, and an identifier; and whoever imports."""
    superuser = get_user_model()(username="admin", is_superuser=True, is_staff=True)
    superuser.save()
    organization = Organization(name=ORGANIZATION)
    organization.save()
    grade = Identifier(name="Grade", organization=organization)
    grade.save()
    for name in ("Freshman", "Senior"):
        IdentifierValue(identifier=grade, name=name).save()
    user = build_user(Role.PROGRAM_MANAGER, "manager@example.edu")
    user.save()
    manager = Person(
        user=user,
        role=Role.PROGRAM_MANAGER,
        organization=organization,
        first_name="Ada",
        email="manager@example.edu",
    )
    manager.save()
    with scope_of(EVERYTHING):
        for name in PROGRAMS:
            program = Program(name=name, organization=organization)
            program.save()
            assign(person=manager, program=program, by=superuser)


def about() -> None:
    """Print what is measured on, and with."""
    print(json.dumps({"database": version(), "software": software()}))


def stock(rows: int, turn: int) -> None:
    """Import by ImportExportModelAdmin: upload with its dry run and preview, then its confirmation."""
    client = Client()
    client.force_login(admin(), "django.contrib.auth.backends.ModelBackend")
    with scopes_disabled(), override_settings(ROOT_URLCONF=stock_import.__name__, MIDDLEWARE=_MIDDLEWARE):
        _by_stock(client, roster(_WARM, turn + 1))
        _measured(rows, lambda: _by_stock(client, roster(rows, turn)))


def _by_stock(client: Client, content: bytes) -> dict[str, float]:
    before = Person._base_manager.count()
    begun = time.perf_counter()
    file = SimpleUploadedFile("roster.csv", content)
    preview = client.post("/admin/mentorpro_plugin/person/import/", {"format": "0", "import_file": file})
    planned = time.perf_counter()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', preview.content.decode()))
    fields.pop("csrfmiddlewaretoken", None)
    response = client.post("/admin/mentorpro_plugin/person/process_import/", fields)
    ended = time.perf_counter()
    assert response.status_code == 302, fields
    assert Person._base_manager.count() - before == content.count(b"\n") - 1
    return {"preview": planned - begun, "store": ended - planned}


def ours(rows: int, turn: int, kind: str = "roster") -> None:
    """Import as the worker does: reading, planning, the preview's first page; then storing."""
    make = {"roster": roster, "realistic": realistic_roster}[kind]
    by = admin()
    _by_ours(make(_WARM, turn + 1), by, new=_WARM)
    content = make(rows, turn)
    _measured(rows, lambda: _by_ours(content, by, new=rows))


def again(rows: int, turn: int) -> None:
    """Import a realistic roster that is there already."""
    content = realistic_roster(rows, turn)
    by = admin()
    _measured(rows, lambda: _by_ours(content, by, unchanged=rows))


def changed(rows: int, turn: int) -> None:
    """Import a realistic roster that is there already, with another name and address in each row."""
    content = realistic_roster(rows, turn).replace(b",Last", b",Later").replace(b",person", b",somebody")
    by = admin()
    _measured(rows, lambda: _by_ours(content, by, changed=rows))


def _by_ours(content: bytes, by: Any, **expected: int) -> dict[str, float]:
    [(kind, count)] = expected.items()
    organization = Organization._base_manager.get(name=ORGANIZATION)
    roster_import = RosterImport(organization=organization, by=by, file_name="roster.csv")
    roster_import.save()
    begun = time.perf_counter()
    with read_table(io.BytesIO(content), name="roster.csv") as table:
        read = time.perf_counter()
        planned = plan_roster(table, by=by, organization=organization)
    with PlanFile(planned.file) as plan:
        shown = plan.page(kind, 1)
        previewed = time.perf_counter()
        stored = store_roster(plan, by=by, organization=organization, roster_import=roster_import)
        ended = time.perf_counter()
    assert shown
    assert stored.is_stored
    assert stored.counts[kind] == count, stored.counts
    return {"read": read - begun, "preview": previewed - read, "store": ended - previewed}


@scopes_disabled()
def bare(rows: int, turn: int) -> None:
    """Only the rows of the people, with nothing read, checked or kept besides: by `bulk_create`, and by what is below."""
    found = {
        name: {"rows": rows, "seconds": {"store": write(_ready(rows, turn + place))}}
        for place, (name, write) in enumerate({"bulk_create": _bulk_create, "raw": _raw}.items())
    }
    print(json.dumps(found))


def _ready(rows: int, turn: int) -> list[Person]:
    """Return people to whom nothing is missing, with their users stored."""
    organization = Organization._base_manager.get(name=ORGANIZATION)
    users = [build_user(Role.MENTEE, "") for _row in range(rows)]
    get_user_model()._base_manager.bulk_create(users)
    found = []
    for row, user in zip(people(rows, turn), users, strict=True):
        values = {**dict(zip(HEADINGS, row, strict=True)), "organization": organization}
        person = Person(user_id=user.pk, **values)
        person.complete()
        found.append(person)
    return found


def _bulk_create(rows: list[Person]) -> float:
    begun = time.perf_counter()
    with transaction.atomic():
        Person._base_manager.bulk_create(rows)
    return time.perf_counter() - begun


def _raw(rows: list[Person]) -> float:
    """By COPY on PostgreSQL, on SQLite by `executemany` of one statement; of values that are ready."""
    fields = [field for field in Person._meta.local_concrete_fields if not field.primary_key]
    ready = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
        for row in rows
    ]
    target = f"{Person._meta.db_table} ({', '.join(field.column for field in fields)})"
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for values in ready:
                    copy.write_row(values)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {target} VALUES ({places})", ready)
    return time.perf_counter() - begun


def admin() -> Any:
    return get_user_model()._base_manager.get(username="admin")


def _measured(rows: int, work: Callable[[], dict[str, float]]) -> None:
    """Do the work; print how long its steps took, and what memory it took at most over what there was before."""
    before = memory_of("VmRSS")
    # From here on, the kernel keeps a new maximum.
    Path("/proc/self/clear_refs").write_text("5")
    seconds = work()
    memory = memory_of("VmHWM") - before
    print(json.dumps({"rows": rows, "seconds": seconds, "memory": memory}))


def memory_of(which: str) -> float:
    """Return what /proc says of this process, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+)", status)[1]) / 1024
