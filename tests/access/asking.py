"""Sending requests, and reading what the answers mean and hold."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from mentorpro_plugin.models import HistoryEntry
from mentorpro_plugin.shell.doors import DOORS

from .snapshots import changed, snapshot

PROGRAM_STAFF = ["riverside_parent", "engineering_child", "first_year_pm", "first_year_sc"]
OUTSIDERS = ["first_year_mentor", "first_year_mentee", "engineering_left_pm", None]

#: Answers to those for whom a row isn't: with none of them is anything done.
DENIED = ("hidden", "refused", "away", "log in", "wrong door")

#: How statements begin that write nothing.
_READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@dataclass(frozen=True)
class Probe:
    """A request, and how the specification wants it answered: "shown", "refused", "hidden", "done", "log in" or "wrong door"."""

    name: str
    path: str
    answer: str
    method: str = "get"
    body: Any = None
    #: Of the row that it aims at, as `Facts.kind_of` says.
    kind: Any = None


def everything_in(response) -> str:
    """Body, headers and cookies of a response, as one text."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{response.cookies.output()}\n{_text_of(body)}"


def _text_of(body: bytes) -> str:
    """`body` as text; of workbooks and other archives, what is in them."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(f"{name}: {_text_of(archive.read(name))}" for name in archive.namelist())


def send(client, probe, **headers):
    """The response to `probe`; what it writes is taken back."""
    with transaction.atomic():
        response = getattr(client, probe.method)(probe.path, probe.body, headers=headers)
        _read(response)
        transaction.set_rollback(True)
    return response


def watch(client, probe):
    """The response to `probe`, and what it changed; the change is taken back."""
    statements = []

    def note(execute, sql, params, many, context):
        # That somebody was refused is written down, and changes nothing of anybody: `snapshot` leaves it out as well.
        if not (sql.startswith("INSERT") and HistoryEntry.Action.ACCESS_DENIED in (params or ())):
            statements.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            response = getattr(client, probe.method)(probe.path, probe.body)
            _read(response)
        # Comparing all tables takes longer than most requests, so it is left out where nothing can have changed.
        may_have_written = not all(sql.startswith(_READING) for sql in statements)
        after = snapshot() if may_have_written else {}
        transaction.set_rollback(True)
    # It is all as before again.
    return response, changed(snapshot(), after) if may_have_written else {}


def _read(response):
    """Fetch a file that is sent, or it would stay open."""
    if response.streaming:
        response.streaming_content = [b"".join(response.streaming_content)]


def answer_of(response) -> str:
    """What a response means to the user who asked."""
    if response.status_code == 302:
        location = response["Location"]
        if location == reverse("wagtailadmin_home"):
            return "refused"
        if location in [reverse(f"{door}:wrong_door") for door in DOORS]:
            return "wrong door"
        log_ins = (reverse("account_login"), *(reverse(f"{door}:log_in") for door in DOORS))
        return "log in" if location.startswith(log_ins) else "done"
    return {200: "shown", 404: "hidden", 403: "forbidden"}.get(
        response.status_code, str(response.status_code)
    )


def differences(client, probes, secrets):
    """What `probes` answered otherwise than expected, which secrets they gave away, and what they changed on the sly."""
    found, count = [], 0
    for probe in probes:
        # A page that is only looked at may note that it was read, so GET is held to this as well.
        response, changes = watch(client, probe) if probe.answer in DENIED else (send(client, probe), {})
        count += 1
        answer = answer_of(response)
        if answer not in {"away": {"refused", "hidden"}}.get(probe.answer, {probe.answer}):
            found.append(f"{probe.name} {probe.path}: {answer}, not {probe.answer}")
        text = everything_in(response)
        found += [f"{probe.name} {probe.path}: gives away “{secret}”" for secret in secrets if secret in text]
        if changes:
            found.append(f"{probe.name} {probe.path}: changes {changes}")
    assert count > 0
    return found


def outcome_of(client, probe):
    """How `probe` was answered, and what it changed; the change is taken back."""
    response, changes = watch(client, probe)
    return answer_of(response), changes
