"""Asking for news: 304 as long as nothing is new, and nothing is ever missed, whatever the cache does."""

import pytest

from mentorpro_plugin.conversations import inbox
from mentorpro_plugin.conversations.actions import mark_read
from mentorpro_plugin.models import Message

MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"


@pytest.fixture(params=["shared cache", "no shared cache"])
def shared(request, settings, tmp_path):
    """Whether there is a cache that all processes share; without one, the database answers."""
    if request.param == "no shared cache":
        return False
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path}
    }
    return True


@pytest.fixture
def written(write, django_capture_on_commit_callbacks):
    """Write, and let happen what happens after the commit."""

    def written(*args, **options):
        with django_capture_on_commit_callbacks(execute=True):
            return write(*args, **options)

    return written


@pytest.fixture
def ask(world, client_of):
    """Ask for news as an open page does; each answer's mark goes into the next question."""

    class Page:
        def __init__(self):
            self.client = client_of(MENTOR)
            self.path = f"/mentor/messages/{world.people[MENTEE].pk}/news/"
            self.tag = ""

        def __call__(self, after=0):
            response = self.client.get(self.path, {"after": after}, headers={"If-None-Match": self.tag})
            self.tag = response["ETag"]
            return response

    return Page()


def test_nothing_new_is_304_and_empty(shared, written, ask):
    written(MENTEE, MENTOR)

    assert ask().status_code == 200
    for _ in range(3):
        response = ask()
        assert (response.status_code, response.content) == (304, b"")


def test_message_and_only_what_is_new_comes_with_the_next_question(shared, written, ask):
    first = written(MENTEE, MENTOR, "First")
    ask()

    written(MENTEE, MENTOR, "Second")
    response = ask(after=first.pk)

    assert response.status_code == 200
    assert "Second" in response.content.decode()
    assert "First<" not in response.content.decode()
    assert ask(after=first.pk).status_code == 304


def test_what_the_other_one_has_read_comes_too(
    shared, world, written, ask, django_capture_on_commit_callbacks
):
    message = written(MENTOR, MENTEE)
    ask()

    with django_capture_on_commit_callbacks(execute=True):
        mark_read(message.conversation, world.people[MENTEE], up_to=message.pk)

    assert f'data-read-up-to="{message.pk}"' in ask(after=message.pk).content.decode()


def test_message_from_somebody_else_changes_the_count(shared, written, ask):
    written(MENTEE, MENTOR)
    ask()

    written(PM, MENTOR, "Not for this page")
    response = ask(after=10**9)

    assert "2 new" in response.content.decode()
    assert "Not for this page" not in response.content.decode()


def test_page_is_made_at_a_mark_that_news_go_on_from(shared, world, written, ask):
    written(MENTEE, MENTOR)

    page = ask.client.get(f"/mentor/messages/{world.people[MENTEE].pk}/")
    ask.tag = f'"{page.context["mark"]}"'

    assert ask().status_code == 304


def test_list_of_conversations_asks_alike(shared, written, client_of):
    client = client_of(MENTOR)
    tag = client.get("/mentor/messages/news/")["ETag"]
    assert client.get("/mentor/messages/news/", headers={"If-None-Match": tag}).status_code == 304

    written(MENTEE, MENTOR, "A new one")

    response = client.get("/mentor/messages/news/", headers={"If-None-Match": tag})
    assert "A new one" in response.content.decode()


def test_strangers_news_change_nothing(shared, written, ask):
    written(MENTEE, MENTOR)
    ask()

    written("transfer_mentee", "transfer_mentor")

    assert ask().status_code == 304


def test_shared_cache_saves_the_query_of_conversations(
    settings, tmp_path, written, ask, django_assert_num_queries
):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path}
    }
    written(MENTEE, MENTOR)
    ask()

    with django_assert_num_queries(QUERIES_WITH_CACHE):
        assert ask().status_code == 304
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    ask()
    with django_assert_num_queries(QUERIES_WITH_CACHE + 1):
        assert ask().status_code == 304


#: The session, the user, the person, their assignments: what every request takes.
QUERIES_WITH_CACHE = 4


def test_forgotten_mark_is_drawn_anew_and_misses_nothing(settings, tmp_path, written, write, ask):
    from django.core.cache import cache

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path}
    }
    written(MENTEE, MENTOR)
    ask()

    # Written by a process that died before it could announce it.
    write(MENTEE, MENTOR, "Late")
    assert ask().status_code == 304
    cache.clear()

    assert "Late" in ask().content.decode()


class _Broken:
    def __getattr__(self, name):
        raise ConnectionError


def test_cache_that_is_away_leaves_the_work_to_the_database(monkeypatch, written, ask):
    monkeypatch.setattr(inbox, "is_shared", lambda: True)
    monkeypatch.setattr(inbox, "cache", _Broken())
    written(MENTEE, MENTOR)

    assert ask().status_code == 200
    assert ask().status_code == 304
    written(MENTEE, MENTOR, "Second")
    assert "Second" in ask().content.decode()
    assert Message._base_manager.count() == 2
