"""What happens in the processes of test_scale: the memory that they have taken at most, after each step, in MiB."""

import re
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files import File
from django.test import Client
from django.urls import reverse

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.exchange import actions
from mentorpro_plugin.exchange.mapping import Mapping
from mentorpro_plugin.exchange.models import RosterImport
from mentorpro_plugin.exchange.working import ImportJob


def import_each(by: int, organization: int, *paths: str) -> list[float]:
    """Import the files one after the other, from the upload on, as the user with the primary key `by`."""
    user = get_user_model()._base_manager.get(pk=by)
    return [_imported(user, Path(path), organization) for path in paths]


def _imported(by: Any, path: Path, organization: int) -> float:
    with scope_of(reach_of(by)):
        into = by.mentorpro_person.organization.children.get(pk=organization)
        with path.open("rb") as stream:
            pk = actions.upload(File(stream), name="roster.csv", organization=into, by=by).pk
        mapping = Mapping.from_json(_worked(pk).mapping)
        actions.set_mapping(_kept(pk), mapping, by=by)
        actions.confirm(_worked(pk), by=by)
        done = _worked(pk)
    assert (done.state, done.counts["refused"]) == (RosterImport.State.DONE, 0), done.error
    return _most()


def _kept(pk: int) -> RosterImport:
    return RosterImport._base_manager.get(pk=pk)


def _worked(pk: int) -> RosterImport:
    ImportJob.work_on(pk)
    return _kept(pk)


def export_each(by: int, *exports: dict[str, str]) -> list[list[float]]:
    """Export the roster of mentees with these queries, one after the other, and throw away what comes: with its size."""
    client = Client()
    client.force_login(get_user_model()._base_manager.get(pk=by), "django.contrib.auth.backends.ModelBackend")
    found = []
    for query in exports:
        response = client.get(reverse("mentees:index"), query)
        size = sum(map(len, response.streaming_content))
        found.append([_most(), size])
    return found


def _most() -> float:
    # Not `ru_maxrss`, which begins with the size of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
