import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from mentorpro_site import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_migrations(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)


def test_live_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_ready_when_all_is_well(client):
    response = client.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_names_a_database_that_does_not_answer(client, monkeypatch):
    def cursor(*args, **kwargs):
        raise DatabaseError("connection to 192.0.2.1 refused")

    monkeypatch.setattr(connection, "cursor", cursor)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["reasons"]["database"] == "The database does not answer."
    assert "192.0.2.1" not in response.content.decode()


def test_ready_names_missing_migrations_until_they_are_there(client):
    # The last one: Django takes what comes before an applied one for applied.
    ((app, name),) = MigrationLoader(connection).graph.leaf_nodes("home")
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(app, name)
    before = client.get("/health/ready")
    recorder.record_applied(app, name)
    after = client.get("/health/ready")

    assert before.status_code == 503
    assert before.json()["reasons"] == {"migrations": "1 migrations are not applied."}
    assert after.status_code == 200


def test_ready_names_a_cache_that_fails(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(
        type(cache._connections["default"]) if hasattr(cache, "_connections") else cache, "set", refuse
    )
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["reasons"] == {"cache": "The cache does not answer."}


def test_ready_names_a_cache_that_forgets(client, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["reasons"] == {"cache": "The cache forgets what it is given."}


def test_health_answers_readers_only(client):
    assert client.post("/health/live").status_code == 405
