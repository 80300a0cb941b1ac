"""One export of the roster of mentees: ours as a browser gets it, or the stock one; in a process of its own."""

import json
import resource
import sys
import time
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled
from import_export import fields, resources
from import_export.formats.base_formats import CSV, XLSX

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import GivenIdentifier
from mentorpro_plugin.people.models import Person

from .databases import version
from .measuring import software


class StockResource(resources.ModelResource):
    """The same columns by the documentation of django-import-export: a method for each that isn't a field."""

    organization = fields.Field(attribute="organization__name")
    program = fields.Field()
    mentor = fields.Field()
    primary_mentor = fields.Field()
    identifiers = fields.Field()

    class Meta:
        model = Person
        fields = (
            "role",
            "first_name",
            "last_name",
            "phone",
            "id_number",
            "email",
            "status",
            "last_activity_at",
            "last_activity_kind",
            "organization",
            "program",
            "mentor",
            "primary_mentor",
            "identifiers",
        )

    def dehydrate_program(self, person: Person) -> str:
        return " | ".join(dict.fromkeys(row.program.name for row in _open(person)))

    def dehydrate_mentor(self, person: Person) -> str:
        return "; ".join(row.lead.id_number for row in _open(person) if row.lead)

    def dehydrate_primary_mentor(self, person: Person) -> str:
        return "; ".join(row.lead.id_number for row in _open(person) if row.lead and row.is_primary)

    def dehydrate_identifiers(self, person: Person) -> str:
        rows = getattr(person, "given_rows", None)
        if rows is None:
            rows = _given().filter(person=person)
        return "; ".join(f"{row.identifier.name}: {row.value.name}" for row in rows)


def _open(person: Person) -> Iterable[Assignment]:
    rows = getattr(person, "open_rows", None)
    return _assignments().filter(person=person) if rows is None else rows


def _assignments() -> models.QuerySet:
    return Assignment._base_manager.filter(ended_at=None).select_related("program", "lead")


def _given() -> models.QuerySet:
    return GivenIdentifier._base_manager.select_related("identifier", "value")


def stock(ending: str, *, is_tuned: bool, most: int) -> dict[str, Any]:
    """As ImportExportModelAdmin exports: all rows into a dataset, the dataset into a file, the file into an answer."""
    people = Person._base_manager.filter(role=Role.MENTEE).order_by("last_name", "first_name", "pk")[:most]
    if is_tuned:
        people = people.select_related("organization").prefetch_related(
            models.Prefetch("assignments", _assignments(), "open_rows"),
            models.Prefetch("given_identifiers", _given(), "given_rows"),
        )
    dataset = StockResource().export(queryset=people)
    content = (CSV() if ending == "csv" else XLSX()).export_data(dataset)
    return {"rows": len(dataset), "bytes": len(content)}


def ours(ending: str) -> dict[str, Any]:
    """As a Super Admin's browser gets it, through all of the site's middleware; what comes is thrown away."""
    user, _is_new = get_user_model()._base_manager.get_or_create(
        username="benchmark", defaults={"is_superuser": True, "is_staff": True}
    )
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    # The first page of a process compiles templates and patterns.
    client.get(reverse("mentees:index"))
    started = time.perf_counter()
    response = client.get(reverse("mentees:index"), {"export": ending})
    assert response.status_code == 200, response.status_code
    first, size = 0.0, 0
    for piece in response.streaming_content:
        first = first or time.perf_counter() - started
        size += len(piece)
    with scopes_disabled():
        rows = Person._base_manager.filter(role=Role.MENTEE).count()
    return {"rows": rows, "bytes": size, "first_byte": first, "started": started}


def measure(peer: str, ending: str, most: int) -> None:
    """Export once, and print as JSON how long it took and how much memory beyond what there was before."""
    if peer == "ours":
        # Whatever is loaded once, before the memory is looked at.
        reverse("mentees:index")
    with scopes_disabled():
        Person._base_manager.first()
    before = _peak()
    started = time.perf_counter()
    if peer == "ours":
        found = ours(ending)
        started = found.pop("started")
    else:
        with scopes_disabled():
            found = stock(ending, is_tuned=peer == "tuned", most=most)
    seconds = time.perf_counter() - started
    found |= {
        "peer": peer,
        "ending": ending,
        "seconds": seconds,
        "mebibytes": _peak() - before,
        "database": version(),
        "software": software(),
    }
    found.setdefault("first_byte", seconds)
    json.dump(found, sys.stdout)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
