"""Rounds: made once in their time, however many processes there are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mentorpro_plugin.models import OutboxRound
from mentorpro_plugin.outbox import rounds
from mentorpro_plugin.outbox.rounds import due_rounds, register_round, run_round
from tests.racing import at_once


@pytest.fixture
def made(monkeypatch):
    """Only one round is registered, "look", which notes that it was made."""
    monkeypatch.setattr(rounds, "_rounds", {})
    made = []
    register_round("look", lambda: made.append("look"), every=60)
    return made


def test_round_is_made_once_in_its_time(db, made):
    assert due_rounds() == ["look"]
    assert run_round("look")
    assert due_rounds() == []
    assert not run_round("look")

    OutboxRound.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert due_rounds() == ["look"]
    assert run_round("look")
    assert made == ["look", "look"]


@pytest.mark.parametrize("existing", [False, True])
def test_round_is_made_by_one_of_many_processes(transactional_db, made, existing):
    if existing:
        OutboxRound.objects.create(name="look")

    assert sorted(at_once(*[lambda: run_round("look")] * 8)) == [False] * 7 + [True]
    assert made == ["look"]


def test_round_that_fails_is_logged_without_its_words_and_made_again(db, made, caplog):
    def fail():
        raise RuntimeError("Ada Okafor, +12055550101")

    register_round("fail", fail, every=60)

    assert run_round("fail")
    assert "The round “fail” failed (RuntimeError)." in caplog.text
    assert "Ada" not in caplog.text
    assert due_rounds() == ["look"]
    OutboxRound.objects.update(due_at=timezone.now())
    assert due_rounds() == ["look", "fail"]
