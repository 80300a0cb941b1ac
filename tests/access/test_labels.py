"""Wherever somebody's name is shown, it says so if they are deactivated: on every page of the admin and of the doors.

The pages are those of the probes, so that a new one is visited without being named here.
"""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from mentorpro_plugin.models import Goal, GoalComment, HistoryEntry, Person
from tests.world import assign

from .asking import send
from .expectations import Facts
from .portal import portal_probes
from .screens import all_probes, of_each_kind

#: The last name of everybody who is deactivated here, and of nobody else.
NAME = "Zephyrine"
DEACTIVATED = ["first_year_mentor", "first_year_mentee", "transfer_pm", "transfer_sc"]

#: What belongs together: the label of a name stands in the innermost of these around it.
TOGETHER = [
    "tr",
    "li",
    "label",
    "dd",
    "article",
    "h1",
    "h2",
    "h3",
    "figure",
    "p",
    "option",
    "th",
    "legend",
    "button",
]

#: The label in text.
IN_SENTENCES = ["(deactivated)", "is deactivated"]

#: Places without one, and why.
EXCEPT = [
    "head",  # the title of a window is plain text, and the page has the heading
    ".w-breadcrumbs, .w-slim-header h1",  # the way here, above the same heading
    "script, style, template",  # not shown
    "textarea, input",  # what somebody types or changes
    ".message__text",  # what people wrote to each other is theirs
]


@pytest.fixture
def facts(lived_in_world):
    """The world in which some of each role are deactivated, after they led, wrote, planned and assigned."""
    world = lived_in_world
    assign(world, "transfer_mentee", "first_year", "first_year_mentor")
    keys = [world.people[key].pk for key in DEACTIVATED]
    Person._base_manager.filter(pk__in=keys).update(status=Person.Status.DEACTIVATED, last_name=NAME)
    Person._base_manager.exclude(pk__in=keys).update(welcomed_at=timezone.now())
    # Of their own doing, in what others look at.
    by = world.people["transfer_pm"].user_id
    for row in HistoryEntry._base_manager.all():
        row.pk, row._state.adding, row.actor_id = None, True, by
        row.save(force_insert=True)
    for assignment in world.assignments.values():
        type(assignment)._base_manager.filter(pk=assignment.pk).update(started_by=by, ended_by=by)
    goal = Goal._base_manager.filter(mentee=world.people["transfer_mentee"].pk).first()
    GoalComment(goal=goal, author=world.people["first_year_mentor"], text="Well done.").save()
    return Facts()


def places_of(page):
    """Of each place of the page that shows a deactivated name: whether the label is there, and what it looks like."""
    if NAME not in page:
        return
    soup = BeautifulSoup(page, "html.parser")
    for selector in EXCEPT:
        for element in soup.select(selector):
            element.decompose()
    for text in soup.find_all(string=lambda string: NAME in string):
        place = text.find_parent(TOGETHER) or text.parent
        if place.name == "h1":
            # Behind the doors, the label stands beside the heading.
            place = place.parent
        words = place.get_text()
        is_labelled = place.select_one("[data-deactivated]") or any(label in words for label in IN_SENTENCES)
        yield bool(is_labelled), " ".join(place.get_text(" ").split())[:160]


@pytest.mark.parametrize(
    ("name", "fewest"),
    [
        ("super_admin", 40),
        ("engineering_child", 40),
        ("first_year_sc", 10),
        ("transfer_mentor", 5),
        ("transfer_mentee", 3),
    ],
)
def test_no_name_of_somebody_deactivated_stands_without_the_label(
    lived_in_world, client_of, facts, name, fewest
):
    user, client = lived_in_world.user(name), client_of(name)
    is_staff = lived_in_world.people[name].role not in ("mentor", "mentee")
    probes = of_each_kind(all_probes(facts, user) if is_staff else portal_probes(facts, user))
    pages = {probe.path: probe for probe in probes if probe.method == "get" and probe.answer == "shown"}
    if is_staff:
        pages["/admin/"] = None

    unlabelled, count = [], 0
    for path, probe in pages.items():
        response = client.get(path) if probe is None else send(client, probe)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        for is_labelled, place in places_of(response.content.decode()):
            count += 1
            if not is_labelled:
                unlabelled.append(f"{path}: {place}")

    assert unlabelled == [], "\n".join(unlabelled)
    assert count >= fewest
