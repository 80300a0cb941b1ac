"""The first log-in: language, terms, details; and the terms alone when they have changed."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.models import TermsPage
from home.terms import current_terms
from mentorpro_plugin.models import Consent, HistoryEntry, Person

DOORS = {"first_year_mentee": "mentee", "first_year_mentor": "mentor"}


@pytest.fixture
def terms(settings, db):
    """The site's own terms are asked for."""
    settings.MENTORPRO = {**settings.MENTORPRO, "TERMS": "home.terms.current_terms"}
    return current_terms()


@pytest.fixture
def newcomer(world):
    """A mentee who has never been here."""
    Person._base_manager.filter(pk=world.people["first_year_mentee"].pk).update(welcomed_at=None)
    return fresh(world)


def fresh(world, name="first_year_mentee"):
    return Person._base_manager.get(pk=world.people[name].pk)


def details(**changes):
    return {
        "first_name": "Nia",
        "last_name": "Okafor",
        "email": "nia@example.net",
        "about": "I like chess.",
        "notice": "email",
        **changes,
    }


def change_terms(django_capture_on_commit_callbacks, **changes):
    with django_capture_on_commit_callbacks(execute=True):
        draft = TermsPage.objects.get().get_latest_revision_as_object()
        for name, value in changes.items():
            setattr(draft, name, value)
        draft.save_revision().publish()


def test_newcomer_is_led_through_every_step_to_the_page_they_wanted(client_of, world, terms, newcomer):
    client = client_of("first_year_mentee")

    first = client.get("/mentee/me/devices/")
    language = client.post("/mentee/welcome/", {"language": "es"})
    shown = client.get("/mentee/welcome/terms/").content.decode()
    agreed = client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})
    done = client.post("/mentee/welcome/details/", details())

    person = fresh(world)
    assert first.url == "/mentee/welcome/"
    assert language.url == "/mentee/welcome/terms/"
    assert "En una emergencia, llama al número de emergencias" in shown
    assert agreed.url == "/mentee/welcome/details/"
    assert done.url == "/mentee/me/devices/"
    assert client.get(done.url).status_code == 200
    assert (person.language, person.first_name, person.email) == ("es", "Nia", "nia@example.net")
    assert (person.about, person.notice) == ("I like chess.", "email")
    assert person.welcomed_at is not None


def test_spanish_reader_agrees_to_the_same_terms_in_spanish(client_of, world, terms, newcomer):
    client = client_of("first_year_mentee")
    client.post("/mentee/welcome/", {"language": "es"})

    shown = client.get("/mentee/welcome/terms/").content.decode()
    agreed = client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})

    assert '<bdi lang="es">Condiciones de uso</bdi>' in shown
    assert '<section class="card prose" lang="es"' in shown
    assert "Cómo nos tratamos" in shown
    assert "How we treat each other" not in shown
    assert f'value="{terms.version}"' in shown
    assert agreed.url == "/mentee/welcome/details/"
    assert Consent._base_manager.get(person=newcomer).version == terms.version


def test_terms_without_a_translation_are_marked_as_english(client_of, terms, newcomer):
    TermsPage.objects.get().translations.all().delete()
    cache.clear()
    client = client_of("first_year_mentee")
    client.post("/mentee/welcome/", {"language": "es"})

    shown = client.get("/mentee/welcome/terms/").content.decode()

    assert '<html lang="es"' in shown
    assert '<bdi lang="en">Terms of use</bdi>' in shown
    assert '<section class="card prose" lang="en"' in shown


def test_consent_is_kept_and_stands_in_the_history(client_of, world, terms, newcomer):
    client = client_of("first_year_mentee")

    client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})
    client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})

    consent = Consent._base_manager.get()
    entry = HistoryEntry._base_manager.get(action="consented")
    assert (consent.person_id, consent.version) == (newcomer.pk, terms.version)
    assert (entry.person_id, entry.actor_id) == (newcomer.pk, newcomer.user_id)
    assert entry.changes == {"version": [None, terms.version]}


@pytest.mark.parametrize(
    "page", ["home", "me", "me_details", "me_devices", "me_phone", "me_phone_codes", "me_terms"]
)
def test_no_page_is_open_before_the_welcome(client_of, terms, newcomer, page):
    response = client_of("first_year_mentee").get(reverse(f"mentee:{page}"))

    assert response.url == "/mentee/welcome/"


def test_terms_cannot_be_skipped(client_of, world, terms, newcomer):
    client = client_of("first_year_mentee")

    without_tick = client.post("/mentee/welcome/terms/", {"version": terms.version})
    ahead = client.get("/mentee/welcome/details/")
    posted_ahead = client.post("/mentee/welcome/details/", details())

    assert "Tick the box if you agree." in without_tick.content.decode()
    assert ahead.url == posted_ahead.url == "/mentee/welcome/terms/"
    assert Consent._base_manager.count() == 0
    assert (fresh(world).welcomed_at, fresh(world).first_name) == (None, newcomer.first_name)


def test_whoever_refuses_is_logged_out_and_told_whom_to_ask(client_of, world, terms, newcomer):
    client = client_of("first_year_mentee")

    response = client.post("/mentee/welcome/terms/", {"refuse": "1", "agree": "on", "version": terms.version})

    html = response.content.decode()
    assert response.status_code == 200
    assert "ask the people who run your program" in html
    assert world.programs["first_year"].name in html
    assert newcomer.first_name not in html
    assert client.get("/mentee/").url == "/mentee/log-in/?next=/mentee/"
    assert Consent._base_manager.count() == 0
    assert fresh(world).welcomed_at is None


def test_terms_that_change_while_they_are_read_are_shown_again(
    client_of, terms, newcomer, django_capture_on_commit_callbacks
):
    client = client_of("first_year_mentee")
    change_terms(django_capture_on_commit_callbacks, ask_again=True, body="<p>Be kinder.</p>")

    response = client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})

    html = response.content.decode()
    assert "These terms have changed meanwhile. Please read them again." in html
    assert "<p>Be kinder.</p>" in html
    assert f'value="{current_terms().version}"' in html
    assert "checked" not in html
    assert Consent._base_manager.count() == 0


@pytest.mark.parametrize("name", DOORS)
def test_new_version_asks_for_nothing_but_the_terms(
    client_of, world, terms, name, django_capture_on_commit_callbacks
):
    client, door = client_of(name), DOORS[name]
    client.post(f"/{door}/welcome/terms/", {"agree": "on", "version": terms.version})
    assert client.get(f"/{door}/").status_code == 200
    change_terms(django_capture_on_commit_callbacks, ask_again=True)

    asked = client.get(f"/{door}/me/")
    shown = client.get(asked.url).content.decode()
    agreed = client.post(asked.url, {"agree": "on", "version": current_terms().version})

    assert asked.url == f"/{door}/welcome/terms/"
    assert "The terms have changed." in shown
    assert "Step 1" not in shown
    assert agreed.url == f"/{door}/me/"
    assert client.get(agreed.url).status_code == 200
    assert Consent._base_manager.filter(person=world.people[name].pk).count() == 2


def test_typo_asks_nobody(client_of, terms, django_capture_on_commit_callbacks):
    client = client_of("first_year_mentee")
    client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})

    change_terms(django_capture_on_commit_callbacks, title="Terms of user")

    assert client.get("/mentee/").status_code == 200


def test_consent_holds_in_another_session(client_of, terms):
    client_of("first_year_mentee").post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})

    assert client_of("first_year_mentee").get("/mentee/").status_code == 200


def test_gate_asks_the_database_once_a_session(client_of, terms):
    client = client_of("first_year_mentee")
    client.post("/mentee/welcome/terms/", {"agree": "on", "version": terms.version})
    client.get("/mentee/me/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/mentee/me/details/")

    asked = " ".join(query["sql"] for query in queries)
    assert "mentorpro_plugin_person" in asked
    assert "mentorpro_plugin_consent" not in asked
    assert "home_termspage" not in asked


def test_site_without_terms_asks_for_none(client_of, world, newcomer):
    client = client_of("first_year_mentee")

    language = client.post("/mentee/welcome/", {"language": "en"}, follow=True)
    done = client.post("/mentee/welcome/details/", details())

    assert language.redirect_chain[-1][0] == "/mentee/welcome/details/"
    assert "Step 2 of 2" in language.content.decode()
    assert done.url == "/mentee/"
    assert client.get("/mentee/").status_code == 200


def test_site_with_one_language_asks_for_none(client_of, settings, terms, newcomer):
    settings.LANGUAGES = [("en", "English")]
    client = client_of("first_year_mentee")

    response = client.get("/mentee/welcome/", follow=True)

    assert response.redirect_chain == [("/mentee/welcome/terms/", 302)]
    assert "Step 1 of 2" in response.content.decode()


def test_welcome_is_not_repeated(client_of, world):
    client, before = client_of("first_year_mentee"), fresh(world).welcomed_at

    answers = [client.get(f"/mentee/welcome/{step}").url for step in ("", "terms/", "details/")]
    client.post("/mentee/welcome/details/", details(first_name="Otherwise"))

    assert answers == ["/mentee/"] * 3
    assert (fresh(world).first_name, fresh(world).welcomed_at) == (
        world.people["first_year_mentee"].first_name,
        before,
    )


def test_welcome_is_in_the_language_that_was_chosen(client_of, newcomer):
    client = client_of("first_year_mentee")

    client.post("/mentee/welcome/", {"language": "es"})

    assert '<html lang="es"' in client.get("/mentee/welcome/details/").content.decode()
    assert client.cookies["django_language"].value == "es"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first_name": "  "}, "This field is required."),
        ({"first_name": "\u202e"}, "This field cannot be blank."),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"email": "", "notice": "email"}, "Give an e-mail address if you want to be told by e-mail."),
        ({"notice": "smoke"}, "Select a valid choice. smoke is not one of the available choices."),
        ({"about": "x" * 1_001}, "Ensure this value has at most 1000 characters (it has 1001)."),
        ({"about": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_details_that_do_not_fit_are_refused_beside_the_field(client_of, world, newcomer, changes, sentence):
    client = client_of("first_year_mentee")

    response = client.post("/mentee/welcome/details/", details(**changes))

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert fresh(world).welcomed_at is None
