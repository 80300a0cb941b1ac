"""Backends of text messages; Twilio's official client talks to an API on this machine."""

import stat
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.refusals import Postponed, Refused, Unreachable
from mentorpro_plugin.outbox.texts import Text, TextBackend, text_backend

from .helpers import code, reread

State = OutboxMessage.State
TEXT = Text(number="+12055550101", body="Your code is 123456.")


def test_console_prints(set_plugin, capsys):
    set_plugin(SMS_BACKEND="console")

    text_backend().send(TEXT)

    assert capsys.readouterr().out == "Text message to +12055550101:\nYour code is 123456.\n\n"


def test_file_is_written_whole_and_for_nobody_else(set_plugin, tmp_path):
    set_plugin(SMS_BACKEND="file", SMS_OPTIONS={"folder": str(tmp_path / "outbox")})

    for _ in range(2):
        text_backend().send(Text(number="+12055550101", body="Your code is 123456. ¡Hola!"))

    files = list((tmp_path / "outbox").iterdir())
    assert len(files) == 2
    for file in files:
        assert file.suffix == ".sms"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert message["To"] == "+12055550101"
        assert message.get_content().strip() == "Your code is 123456. ¡Hola!"


def test_code_stands_in_no_representation_of_a_text():
    assert "123456" not in repr(TEXT)


def test_backend_of_a_site_is_named_by_its_path(set_plugin, db):
    Own.sent.clear()
    set_plugin(SMS_BACKEND=f"{__name__}.Own", SMS_OPTIONS={"name": "Riverside"})
    message = code()

    assert deliver_due() == 1

    assert Own.sent == [("Riverside", "+12055550101", "Your code is 123456.")]
    assert reread(message).provider_reference == "own 1"


class Own(TextBackend):
    sent = []

    def __init__(self, *, name):
        self.name = name

    def send(self, text):
        self.sent.append((self.name, text.number, text.body))
        return f"own {len(self.sent)}"


def test_twilio_takes_the_message(twilio, db):
    message = code(expires_at=timezone.now() + timedelta(minutes=10))

    assert deliver_due() == 1

    [request] = twilio.requests
    assert request["path"] == f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    assert request["user"] == f"AC{'0' * 32}:only-for-tests"
    assert (request["To"], request["From"]) == ("+12055550101", "+12025550100")
    assert request["Body"] == "Your code is 123456."
    assert 590 <= int(request["ValidityPeriod"]) <= 600
    row = reread(message)
    assert (row.state, row.provider_reference, row.secret) == (State.SENT, f"SM{1:032}", None)


def test_twilio_sends_from_a_messaging_service(twilio, db, settings, set_plugin):
    options = {**settings.MENTORPRO["SMS_OPTIONS"], "sender": "MG" + "0" * 32}
    set_plugin(SMS_OPTIONS=options)
    code()

    deliver_due()

    [request] = twilio.requests
    assert request["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in request


@pytest.mark.parametrize(
    ("mood", "kind", "sentence"),
    [
        ("invalid", Refused, "Twilio sends nothing to this number (21211)."),
        ("landline", Refused, "Twilio sends nothing to this number (21614)."),
        ("other", Postponed, "Twilio didn't take this message (21606)."),
        ("unauthorized", Unreachable, "Twilio turns this site away for now (20003)."),
        ("too many", Unreachable, "Twilio turns this site away for now (20429)."),
        ("broken", Unreachable, "Twilio turns this site away for now (20500)."),
        ("no json", Unreachable, "Twilio turns this site away for now (503)."),
    ],
)
def test_answer_of_twilio_decides_and_is_told_without_its_words(twilio, db, caplog, mood, kind, sentence):
    caplog.set_level("DEBUG")
    twilio.mood = mood
    with pytest.raises(kind) as caught:
        text_backend().send(TEXT)
    assert type(caught.value) is kind
    assert caught.value.__context__ is None

    message = code()
    deliver_due()

    row = reread(message)
    assert (row.state, row.reason) == (State.FAILED if kind is Refused else State.WAITING, sentence)
    assert (row.secret is None) == (kind is Refused)
    assert len(twilio.requests) == 2
    for secret in ("123456", "+12055550101", "only-for-tests"):
        assert secret not in row.reason
    twilio_and_ours = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert "123456" not in twilio_and_ours
    assert "only-for-tests" not in twilio_and_ours


def test_twilio_that_hangs_is_given_up_in_time(twilio, db, monkeypatch):
    monkeypatch.setattr("mentorpro_plugin.outbox.texts.twilio._TIMEOUT", 0.3)
    twilio.mood = "hangs"
    message = code()
    began = timezone.now()

    deliver_due()

    assert timezone.now() - began < timedelta(seconds=3)
    assert (reread(message).state, reread(message).reason) == (State.WAITING, "Twilio doesn't answer.")


def test_twilio_that_is_down_is_told_so(twilio, db):
    twilio.server_close()
    message = code()

    deliver_due()

    assert (reread(message).state, reread(message).reason) == (State.WAITING, "Twilio can't be reached.")


def test_twilio_without_its_account_names_what_is_missing(twilio, settings, set_plugin):
    options = {**settings.MENTORPRO["SMS_OPTIONS"], "auth_token": "", "sender": ""}
    set_plugin(SMS_OPTIONS=options)

    with pytest.raises(ImproperlyConfigured, match=r"^SMS_OPTIONS: Twilio needs auth_token, sender\.$"):
        text_backend()


def test_client_of_twilio_is_loaded_only_where_it_is_named():
    script = "import sys, mentorpro_plugin.outbox.texts.file; sys.exit('twilio' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
