"""Sending requests, and reading what the answers mean and hold."""

from django.db import transaction
from django.urls import reverse

from .snapshots import changed, snapshot

PROGRAM_STAFF = ["riverside_parent", "engineering_child", "first_year_pm", "first_year_sc"]
OUTSIDERS = ["first_year_mentor", "first_year_mentee", "engineering_left_pm", None]


def everything_in(response) -> str:
    """Body, headers and cookies of a response, as one text."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{response.cookies.output()}\n{body.decode('utf-8', 'replace')}"


def send(client, probe, **headers):
    """The response to `probe`; what it writes is taken back."""
    with transaction.atomic():
        response = getattr(client, probe.method)(probe.path, probe.body, headers=headers)
        transaction.set_rollback(True)
    return response


def answer_of(response) -> str:
    """What a response means to the user who asked."""
    if response.status_code == 302:
        location = response["Location"]
        if location == reverse("wagtailadmin_home"):
            return "refused"
        return "log in" if location.startswith(reverse("wagtailadmin_login")) else "done"
    return {200: "shown", 404: "hidden", 403: "forbidden"}.get(
        response.status_code, str(response.status_code)
    )


def differences(client, probes, secrets):
    """What `probes` answered otherwise than expected, and which secrets they gave away."""
    found, count = [], 0
    for probe in probes:
        response = send(client, probe)
        count += 1
        answer = answer_of(response)
        if answer not in {"away": {"refused", "hidden"}}.get(probe.answer, {probe.answer}):
            found.append(f"{probe.name} {probe.path}: {answer}, not {probe.answer}")
        text = everything_in(response)
        found += [f"{probe.name} {probe.path}: gives away “{secret}”" for secret in secrets if secret in text]
    assert count > 0
    return found


def outcome_of(client, probe):
    """How `probe` was answered, and what it changed; the change is taken back."""
    before = snapshot()
    with transaction.atomic():
        response = getattr(client, probe.method)(probe.path, probe.body)
        after = snapshot()
        transaction.set_rollback(True)
    return answer_of(response), changed(before, after)
