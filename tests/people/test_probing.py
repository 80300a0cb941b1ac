"""What a user may come upon of people beyond their reach: so many a day, and nothing more after that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.models import HistoryEntry, Person, ReachBudget
from mentorpro_plugin.people.probing import forget_old_reach_budgets, may_be_told, out_of_sight, used_up
from tests.factories import fictional_phone
from tests.racing import at_once

NOTHING_MORE = (
    "You have come upon too many people beyond your reach today, so nothing more is looked at until "
)
TAKEN = {"phone": ["This phone number belongs to another person."]}


@pytest.fixture(autouse=True)
def limit(settings):
    """Set the limit; 10 for a start, so that a file that is refused whole costs 1."""

    def limit(number):
        settings.MENTORPRO = {**settings.MENTORPRO, "BEYOND_REACH_A_DAY": number}

    limit(10)
    return limit


def told(user):
    return ReachBudget._base_manager.get(user=user.pk).people


def test_everybody_counts_once_however_often_they_are_come_upon(world):
    by = world.user("first_year_pm")

    assert may_be_told(by, {1, 2, 3})
    assert may_be_told(by, {3, 2})
    assert may_be_told(by, range(1, 11))
    assert told(by) == list(range(1, 11))
    # Only who was told of already can be told of any more.
    assert may_be_told(by, {10})
    assert not may_be_told(by, {10, 11})


def test_nothing_is_told_of_too_many_and_each_such_attempt_costs_a_tenth(world, limit):
    limit(20)
    by = world.user("first_year_pm")

    for first in range(100, 110):
        assert used_up(by) == ""
        assert not may_be_told(by, range(first, first + 21))
        assert not may_be_told(by, range(first, first + 21))

    assert told(by) == []
    assert used_up(by).startswith(NOTHING_MORE)


def test_a_used_up_budget_says_until_when_and_whom_to_ask(world, limit):
    limit(1)
    asked = {"first_year_pm": "your Parent account, a Super Admin", "riverside_parent": "a Super Admin"}

    for name, whom in asked.items():
        by = world.user(name)
        assert used_up(by) == ""
        assert may_be_told(by, {1})
        assert used_up(by).startswith(NOTHING_MORE)
        assert used_up(by).endswith(f"If it can't wait, ask {whom} or whoever runs the site.")


def test_a_budget_begins_anew_a_day_after_its_first_count(world, limit):
    limit(1)
    by = world.user("first_year_pm")
    may_be_told(by, {1})

    ReachBudget._base_manager.update(resets_at=timezone.now())

    assert used_up(by) == ""
    assert may_be_told(by, {2})
    assert told(by) == [2]
    assert ReachBudget._base_manager.get().resets_at > timezone.now() + timedelta(hours=23)


def test_old_budgets_are_forgotten(world):
    for name in ("first_year_pm", "transfer_pm"):
        may_be_told(world.user(name), {1})
    old = ReachBudget._base_manager.filter(user=world.people["transfer_pm"].user_id)
    old.update(resets_at=timezone.now())

    forget_old_reach_budgets()

    assert ReachBudget._base_manager.get().user_id == world.people["first_year_pm"].user_id


def test_the_default_lets_a_district_s_roster_pass_and_no_directory(world, settings):
    settings.MENTORPRO = {
        name: value for name, value in settings.MENTORPRO.items() if name != "BEYOND_REACH_A_DAY"
    }
    by = world.user("first_year_pm")

    # 400 rows of others, mended three times, and another district's.
    rosters = [range(400), range(1, 400), range(420), range(390), range(2_000, 2_400)]
    assert all(may_be_told(by, people) for people in rosters)
    assert not may_be_told(by, range(5_000, 8_000))
    assert used_up(by) == ""
    assert may_be_told(by, range(400))


@pytest.mark.parametrize("number", [None, "5"])
def test_a_limit_that_is_none_tells_nobody_anything(world, limit, number):
    limit(number)

    with pytest.raises(TypeError):
        may_be_told(world.user("first_year_pm"), {1})
    with pytest.raises(TypeError):
        used_up(world.user("first_year_pm"))


def test_super_admins_have_no_budget(world, limit):
    limit(0)
    by = world.user("super_admin")

    assert may_be_told(by, {1, 2})
    assert used_up(by) == ""
    assert not ReachBudget._base_manager.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_at_once_are_told_no_more_than_the_budget_holds(transactional_db):
    from tests.world import make_world

    world = make_world()

    outcomes = at_once(
        *[lambda pk=pk: may_be_told(world.user("first_year_pm"), {pk, pk + 1}) for pk in range(0, 24, 2)]
    )

    assert sorted(outcomes) == [False] * 7 + [True] * 5
    assert len(told(world.user("first_year_pm"))) == 10


# Forms


def form(world, **fields):
    return {
        "organization": world.organizations["engineering"].pk,
        "first_name": "New",
        "id_number": "FREE-1",
        "phone": fictional_phone(),
        **fields,
    }


def errors(response):
    return response.context["form"].errors if response.status_code == 200 else None


def test_a_form_that_meets_somebody_out_of_sight_counts_them(world, client_of):
    beyond = world.people["moot_mentee"]
    client = client_of("first_year_pm")

    for _time in range(2):
        response = client.post("/admin/mentees/add/", form(world, phone=str(beyond.phone)))
        assert errors(response) == TAKEN

    assert told(world.user("first_year_pm")) == [beyond.pk]


def test_a_form_that_meets_somebody_in_sight_counts_nobody(world, client_of):
    seen = world.people["first_year_mentee"]

    response = client_of("first_year_pm").post("/admin/mentees/add/", form(world, phone=str(seen.phone)))

    assert errors(response) == TAKEN
    assert not ReachBudget._base_manager.exists()


@pytest.mark.parametrize("address", ["/admin/mentees/add/", "/admin/mentees/edit/{}/"])
def test_a_used_up_budget_answers_alike_whoever_has_the_number(world, client_of, limit, address):
    limit(1)
    may_be_told(world.user("first_year_pm"), {1})
    client = client_of("first_year_pm")
    address = address.format(world.people["first_year_mentee"].pk)
    numbers = [
        str(world.people[name].phone) for name in ("moot_mentee", "transfer_mentee", "first_year_mentor")
    ]

    answers = [
        errors(client.post(address, form(world, phone=number))) for number in [*numbers, fictional_phone()]
    ]

    assert answers == [{"__all__": [used_up(world.user("first_year_pm"))]}] * 4
    assert not Person._base_manager.filter(first_name="New").exists()
    kept = HistoryEntry._base_manager.exclude(action="logged_in")
    assert not kept.exists()


def test_with_a_used_up_budget_a_name_can_still_be_changed(world, client_of, limit):
    limit(1)
    may_be_told(world.user("first_year_pm"), {1})
    person = world.people["first_year_mentee"]
    same = {"phone": person.phone.as_international, "id_number": person.id_number, "email": person.email}

    response = client_of("first_year_pm").post(
        f"/admin/mentees/edit/{person.pk}/", form(world, first_name="Renamed", **same)
    )

    assert response.status_code == 302
    assert Person._base_manager.get(pk=person.pk).first_name == "Renamed"


def test_a_form_that_meets_more_than_are_left_says_nothing_of_them(world, client_of, limit):
    limit(2)
    may_be_told(world.user("engineering_child"), {1})
    one, other = world.people["moot_pm"], world.people["clinic_pm"]

    response = client_of("engineering_child").post(
        "/admin/program-managers/add/", form(world, phone=str(one.phone), email=other.email)
    )

    assert errors(response)["__all__"][0].startswith(NOTHING_MORE)
    assert told(world.user("engineering_child")) == [1]


def test_out_of_sight_is_who_has_number_id_or_address_and_is_not_seen(world):
    by = world.user("engineering_child")
    new = Person(
        role="program_manager",
        organization=world.organizations["engineering"],
        phone=world.people["moot_mentee"].phone,
        id_number=world.people["cohort_mentee"].id_number.lower(),
        email=world.people["clinic_pm"].email.upper(),
    )
    beyond = {world.people[name].pk for name in ("moot_mentee", "cohort_mentee", "clinic_pm")}

    with scope_of(reach_of(by)):
        assert out_of_sight(new, by) == beyond
        new.id_number = world.people["moot_mentee"].id_number
        new.email = world.people["first_year_pm"].email
        assert out_of_sight(new, by) == {world.people["moot_mentee"].pk}
        assert out_of_sight(Person(role="mentee", organization=None), by) == set()
