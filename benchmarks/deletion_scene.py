"""What happens in the processes of `benchmarks.deletion`: making somebody with many messages, and deleting them."""

import json
import os
import resource
import signal
import time
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from mentorpro_plugin.access.reach import EVERYTHING, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.conversations.models import (
    Attachment,
    Conversation,
    Message,
    Participation,
    private_storage,
)
from mentorpro_plugin.models import Deletion, Person
from mentorpro_plugin.removal.actions import request_deletion
from mentorpro_plugin.removal.working import carry_out
from tests.factories import OrganizationFactory, PersonFactory

MARKER = "Zyxquort"


def prepare(messages: int, attachments: int, megabytes: int) -> None:
    """Make a mentee with that many messages, and have a Parent account ask for their deletion."""
    organization = OrganizationFactory()
    parent = PersonFactory(organization=organization, role=Role.PARENT)
    mentor = PersonFactory(organization=organization, role=Role.MENTOR)
    mentee = PersonFactory(organization=organization, first_name=MARKER, last_name=MARKER)
    first, second = sorted((mentor, mentee), key=lambda person: person.pk)
    conversation = Conversation(organization=organization, first=first, second=second)
    conversation.save()
    for person, other in ((first, second), (second, first)):
        Participation(conversation=conversation, person=person, other=other).save()
    authors = (mentor, mentee)
    written = Message._base_manager.bulk_create(
        (
            Message(
                conversation=conversation,
                author=authors[number % 2],
                text=f"{MARKER} {number} " + "word " * 40,
            )
            for number in range(messages)
        ),
        batch_size=1_000,
    )
    for number in range(attachments):
        row = Attachment(
            message=written[number],
            name=f"{number}.pdf",
            kind="document",
            content_type="application/pdf",
            size=1,
        )
        row.file.save(f"{number}.pdf", ContentFile(MARKER.encode() + os.urandom(megabytes * 1_000_000)))
    with scope_of(EVERYTHING):
        request_deletion(mentee, wants_export=True, by=parent.user)


def work(kill_at: int) -> None:
    """Take the deletion up as a worker does whose predecessor's lease has run out. Killed at that statement, unless 0."""
    Deletion._base_manager.filter(state__in=Deletion.OPEN).update(due_at=timezone.now())
    before = _peak()
    count = 0

    def note(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    begun = time.perf_counter()
    with connection.execute_wrapper(note):
        carry_out.call(Deletion._base_manager.get().pk)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "queries": count, "before": before, "peak": _peak()}))


def look() -> None:
    """Print what there is now."""
    deletion = Deletion._base_manager.get()
    storage = private_storage()
    exports = storage.listdir(f"deletions/{deletion.pk}")[1]
    print(
        json.dumps(
            {
                "state": deletion.state,
                "deleted": deletion.deleted,
                "counts": deletion.counts,
                "exports": len(exports),
                "bytes": sum(storage.size(f"deletions/{deletion.pk}/{name}") for name in exports),
                "histories": list(
                    HistoryEntry._base_manager.filter(action__in=["exported", "deleted"])
                    .order_by("pk")
                    .values_list("action", flat=True)
                ),
                "left": [
                    Message._base_manager.count(),
                    Attachment._base_manager.count(),
                    Person._base_manager.filter(first_name=MARKER).count(),
                ],
            }
        )
    )


def _peak() -> float:
    """Memory that the process took at most, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
