"""The tab "Me": one's own details, language and terms."""

import unicodedata

import pytest
from django.test import Client
from django.urls import reverse

from home.terms import current_terms
from mentorpro_plugin.models import HistoryEntry, Person

NAMES = {"first_year_mentee": "mentee", "first_year_mentor": "mentor"}
#: What people write, or others make them write.
TORTURE = [
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} {% url 'x' %}",
    "Ngọc Ánh 🧑🏽‍🎓",
    "أمل القحطاني",
    "\u202eevil\u202c",
    "a\u0000b",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳",
    "' OR 1=1; --",
    '=HYPERLINK("http://example.org")',
    "x" * 99,
    "\ufeff\u200b",
    "line\r\nbreak",
    "%s %(name)s {name}",
]


@pytest.fixture(params=NAMES)
def name(request, world):
    return request.param


@pytest.fixture
def client(client_of, name):
    return client_of(name)


@pytest.fixture
def door(name):
    return NAMES[name]


@pytest.fixture
def fresh(world, name):
    return lambda: Person._base_manager.get(pk=world.people[name].pk)


def details(**changes):
    fields = {
        "first_name": "Nia",
        "last_name": "Okafor",
        "email": "nia@example.net",
        "about": "",
        "notice": "none",
    }
    return {**fields, **changes}


def test_own_details_do_not_undo_what_staff_changed_meanwhile(client, door, fresh):
    url = f"/{door}/me/details/"
    opened = {field.name: field.value() for field in client.get(url).context["form"]}
    Person._base_manager.filter(pk=fresh().pk).update(last_name="Okafor")

    refused = client.post(url, opened | {"about": "I paint."})

    assert "“Last name” was changed while you had this form open" in refused.content.decode()
    assert (fresh().last_name, fresh().about) == ("Okafor", "")
    client.post(url, {field.name: field.value() for field in refused.context["form"]})
    assert (fresh().last_name, fresh().about) == ("Okafor", "I paint.")


def test_page_shows_oneself_and_leads_to_every_setting(client, door, fresh):
    html = client.get(f"/{door}/me/").content.decode()

    person = fresh()
    assert person.full_name in html
    assert person.phone.as_international in html
    assert person.email in html
    for page in ("me_details", "me_phone", "me_devices", "log_out", "language"):
        assert f'"{reverse(f"{door}:{page}")}"' in html


def test_tab_leads_to_the_page(client, door):
    html = client.get(f"/{door}/").content.decode()

    assert f'href="/{door}/me/"' in html


def test_details_are_changed_and_recorded(client, door, fresh):
    response = client.post(f"/{door}/me/details/", details(about="I like\nchess.", notice="email"))

    person, entry = fresh(), HistoryEntry._base_manager.get(action="profile_changed")
    assert response.url == f"/{door}/me/"
    assert (person.full_name, person.email, person.about) == (
        "Nia Okafor",
        "nia@example.net",
        "I like\nchess.",
    )
    assert person.notice == "email"
    assert entry.actor_id == entry.person.user_id == person.user_id
    assert "Your details were saved." in client.get(f"/{door}/me/").content.decode()


@pytest.mark.parametrize(
    "field", ["phone", "id_number", "role", "organization", "status", "is_assigned", "user", "session_epoch"]
)
def test_what_is_not_ones_own_to_change_stays(client, door, fresh, field):
    before = getattr(fresh(), field)

    client.post(f"/{door}/me/details/", details(**{field: "1", f"{field}_id": "1"}))

    assert getattr(fresh(), field) == before
    assert fresh().first_name == "Nia"


def test_refused_details_are_neither_kept_nor_shown_as_if_they_were(client, door, fresh):
    before = fresh().full_name

    response = client.post(f"/{door}/me/details/", details(first_name="Shadow", email="nowhere"))

    assert "Enter a valid email address." in response.content.decode()
    assert response.context["person"].full_name == fresh().full_name == before


@pytest.mark.parametrize("text", TORTURE)
def test_any_text_is_stored_or_refused_with_a_sentence(client, door, fresh, text):
    response = client.post(f"/{door}/me/details/", details(first_name=text, about=text))
    page = client.get(f"/{door}/me/").content.decode()

    person = fresh()
    if response.status_code == 302:
        kept = person.first_name + person.about.replace("\n", "")
        assert [char for char in kept if unicodedata.category(char) in ("Cc", "Cs")] == []
        assert "\u202e" not in person.first_name + person.about
        assert "\n" not in person.first_name
    else:
        assert any(response.context["form"].errors.values())
        assert person.first_name != "Nia"
    assert "<script>alert" not in page


def test_language_is_kept_on_the_person_and_in_the_browser(client, client_of, door, name, fresh):
    response = client.post(f"/{door}/language/", {"language": "es", "next": f"/{door}/me/"})

    elsewhere = client_of(name).get(f"/{door}/me/").content.decode()
    client.post(f"/{door}/log-out/")
    logged_out = client.get(f"/{door}/log-in/").content.decode()
    assert response.url == f"/{door}/me/"
    assert fresh().language == "es"
    assert '<html lang="es"' in elsewhere
    assert '<html lang="es"' in logged_out


def test_language_of_one_person_is_not_that_of_the_next(client, client_of, door):
    client.post(f"/{door}/language/", {"language": "es"})
    client.get(f"/{door}/me/")

    other = client_of("transfer_mentee").get("/mentee/me/").content.decode()

    assert '<html lang="en"' in other


def test_language_of_the_browser_counts_until_one_is_chosen(client_of):
    spanish = client_of("first_year_mentee").get("/mentee/me/", headers={"accept-language": "es-MX"})

    assert '<html lang="es"' in spanish.content.decode()


def test_visitor_chooses_a_language_too(db):
    client = Client()

    response = client.post("/mentor/language/", {"language": "es", "next": "/mentor/log-in/"})

    assert response.url == "/mentor/log-in/"
    assert '<html lang="es"' in client.get("/mentor/log-in/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/admin/",
        "/mentor/",
        "/mentee/../admin/",
        "javascript:alert(1)",
        "",
    ],
)
def test_language_leads_back_behind_the_same_door_only(db, path):
    response = Client().post("/mentee/language/", {"language": "es", "next": path})

    assert response.url == "/mentee/"


@pytest.mark.parametrize("language", ["tlh", "", "<b>", "es" * 50])
def test_language_that_the_site_does_not_speak_changes_nothing(client, door, fresh, language):
    response = client.post(f"/{door}/language/", {"language": language})

    assert response.status_code == 302
    assert fresh().language == ""
    assert "django_language" not in client.cookies


def test_terms_can_be_read_again(client, door, settings):
    settings.MENTORPRO = {**settings.MENTORPRO, "TERMS": "home.terms.current_terms"}
    client.post(f"/{door}/welcome/terms/", {"agree": "on", "version": current_terms().version})

    html = client.get(f"/{door}/me/terms/").content.decode()

    assert "You agreed to this on" in html
    assert "In an emergency, call your local emergency number." in html
    assert f'href="/{door}/me/terms/"' in client.get(f"/{door}/me/").content.decode()


@pytest.mark.parametrize(("page", "queries"), [("me", 6), ("me_details", 6), ("me_phone", 7)])
def test_pages_take_few_queries(client_of, django_assert_num_queries, page, queries):
    client = client_of("first_year_mentee")

    with django_assert_num_queries(queries):
        client.get(reverse(f"mentee:{page}"))
