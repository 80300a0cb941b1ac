"""Fixtures for the tests of access over HTTP."""

import pytest
from django.core.files.base import ContentFile
from django.test import client as test_client
from wagtail.documents.models import Document
from wagtail.models import Page

from mentorpro_plugin.activity.history import record
from mentorpro_plugin.activity.models import HistoryEntry
from tests.factories import AssignmentFactory
from tests.lives import live
from tests.world import assign

from .writing import PROGRAMS


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Thousands of 404s are what these tests are for; a failure is read better without them."""
    caplog.set_level("ERROR", logger="django.request")


@pytest.fixture(autouse=True)
def unrecorded(monkeypatch):
    """The client keeps a copy of each template's context, of thousands here, and no test in this folder looks at one."""
    monkeypatch.setattr(test_client, "store_rendered_templates", lambda *args, **kwargs: None)


@pytest.fixture
def lived_in_world(world):
    """The world after some use: people in two programs, ended assignments, conversations, goals, and history by people
    of all levels.
    """
    assign(world, "first_year_mentee", "transfer", "transfer_mentor")
    AssignmentFactory(
        person=world.people["engineering_free_mentee"],
        program=world.programs["transfer"],
        lead=world.people["transfer_mentor"],
        started_at="2024-01-01T00:00Z",
        ended_at="2024-02-01T00:00Z",
        started_by=world.people["super_admin"].user,
        ended_by=world.people["riverside_parent"].user,
    )
    for assignment in world.assignments.values():
        for actor in ("super_admin", "riverside_parent"):
            record(
                assignment,
                HistoryEntry.Action.ASSIGNED,
                by=world.people[actor].user,
                organization=assignment.program.organization_id,
                person=assignment.person_id,
                program=assignment.program_id,
                changes={"lead_id": [None, assignment.lead_id]},
            )
    _keep_history(world)
    return live(world)


def _keep_history(world):
    """Entries on people, programs, organizations and nobody, by staff of every organization."""
    actors = {"engineering": "engineering_child", "nursing": "cohort_pm", "law": "law_child"}
    for school, actor in actors.items():
        by, organization = world.people[actor].user, world.organizations[school]
        record(
            organization,
            HistoryEntry.Action.CHANGED,
            by=by,
            organization=organization.pk,
            changes={"parent_id": [None, organization.parent_id], "name": None},
        )
        for person in world.people.values():
            if person.organization_id == organization.pk:
                record(
                    person,
                    HistoryEntry.Action.ADDED,
                    by=by,
                    organization=organization.pk,
                    person=person.pk,
                    changes={"role": [None, person.role], "organization_id": [None, organization.pk]},
                )
        for program in world.programs.values():
            if program.organization_id == organization.pk:
                record(
                    program,
                    HistoryEntry.Action.ADDED,
                    by=by,
                    organization=organization.pk,
                    program=program.pk,
                )
    for tree, identifier in world.identifiers.items():
        record(
            identifier,
            HistoryEntry.Action.CHANGED,
            by=world.people["super_admin"].user,
            organization=world.organizations[tree].pk,
            changes={"name": None},
        )


@pytest.fixture
def stock_values(world):
    """What Wagtail's screens can be aimed at: rows that exist, and of strangers where there are any."""
    home = Page.objects.get(depth=2)
    document = Document.objects.create(title="Leaflet", file=ContentFile(b"Leaflet", name="leaflet.txt"))
    return {
        "pk": 1,
        "page_id": home.pk,
        "parent_page_id": home.pk,
        "page_to_move_id": home.pk,
        "destination_id": 1,
        "content_type_app_name": "home",
        "content_type_model_name": "homepage",
        "app_label": "mentorpro_plugin",
        "app_name": "mentorpro_plugin",
        "model_name": "mentee",
        "object_id": str(world.people["moot_mentee"].pk),
        "action": "delete",
        "action_name": "submit",
        "filter_spec": "original",
        "document_id": document.pk,
        "doc_id": document.pk,
        "wagtailusers_users.pk": world.people["moot_pm"].user_id,
        "wagtaildocs_chooser.pk": document.pk,
        "wagtailadmin_pages:revisions_compare": f"/admin/pages/{home.pk}/revisions/compare/live...latest/",
        "wagtailadmin_api:pages:action": f"/admin/api/main/pages/{home.pk}/action/publish/",
        "wagtailadmin_pages:choose_parent": "/admin/pages/create/home/homepage",
    }


@pytest.fixture
def closed(world):
    """An assignment that ended, by school."""
    return {
        school: AssignmentFactory(
            person=world.people[f"{school}_free_mentee"],
            program=world.programs[program],
            lead=world.people[f"{program}_mentor"],
            started_at="2024-01-01T00:00Z",
            ended_at="2024-02-01T00:00Z",
        )
        for school, program in PROGRAMS.items()
    }
