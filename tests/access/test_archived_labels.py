"""Wherever the name of a program or an organization is shown, it says so if it is archived: on every page of the admin."""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from mentorpro_plugin.models import Assignment, Person, Program

from .asking import send
from .expectations import Facts
from .screens import all_probes, of_each_kind
from .test_labels import EXCEPT, TOGETHER

#: In the name of everything that is archived here, and of nothing else.
NAME = "Quillwort"


#: The label, and the page whose question says as much.
LABELS = ["Archived", "(archived)", "out of the archive"]


@pytest.fixture
def facts(lived_in_world):
    """The world in which a school and its programs, and a program of another school, are archived after all that was done."""
    world = lived_in_world
    now = timezone.now()
    school = world.organizations["engineering"]
    programs = Program._base_manager.filter(organization=school) | Program._base_manager.filter(
        pk=world.programs["cohort"].pk
    )
    Assignment._base_manager.filter(program__in=programs).update(ended_at=now)
    Person._base_manager.filter(organization=school).update(
        status=Person.Status.DEACTIVATED, is_assigned=False
    )
    for row in [school, *programs]:
        type(row)._base_manager.filter(pk=row.pk).update(name=f"{NAME} {row.pk}", archived_at=now)
    return Facts()


def places_of(page):
    """Likewise, of each place that shows the name of something archived."""
    if NAME not in page:
        return
    soup = BeautifulSoup(page, "html.parser")
    for selector in EXCEPT:
        for element in soup.select(selector):
            element.decompose()
    for text in soup.find_all(string=lambda string: NAME in string):
        place = text.find_parent([*(tag for tag in TOGETHER if tag != "tr"), "td"]) or text.parent
        row = text.find_parent("tr")
        # Whoever is in an archived organization is deactivated, and their row in a roster says so.
        is_of_roster = row is not None and row.select_one(
            ".mentorpro-select, .mentorpro-toggle, [data-deactivated]"
        )
        words = " ".join(place.get_text(" ").split())
        yield any(label in words for label in LABELS) or bool(is_of_roster), f"<{place.name}> {words[:160]}"


@pytest.mark.parametrize("name", ["super_admin", "riverside_parent", "nursing_child"])
def test_no_name_of_what_is_archived_stands_without_the_label(lived_in_world, client_of, facts, name):
    user, client = lived_in_world.user(name), client_of(name)
    probes = of_each_kind(all_probes(facts, user))
    pages = {probe.path: probe for probe in probes if probe.method == "get" and probe.answer == "shown"}
    unlabelled, count = [], 0
    for path, probe in pages.items():
        response = send(client, probe)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        for is_labelled, place in places_of(response.content.decode()):
            count += 1
            if not is_labelled:
                unlabelled.append(f"{path}: {place}")

    assert unlabelled == [], "\n".join(unlabelled)
    assert count >= 5
