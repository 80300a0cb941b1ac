"""What `outbox_kills` has done in a process that is set up for its database."""

import json

from django.db import transaction

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.actions import queue_email

from .databases import version


def queue(jobs: int) -> None:
    """Queue so many mails, and print the database's name and version."""
    with transaction.atomic():
        for number in range(jobs):
            queue_email(
                kind=OutboxMessage.Kind.UNREAD_NOTICE,
                recipient=f"person{number}@example.org",
                subject="News",
                body="There is news.",
                key=f"job {number}",
            )
    print(json.dumps(version()))


def states() -> None:
    """Print the state of each row; "leased" where somebody still holds it."""
    rows = OutboxMessage._base_manager.values_list("state", "lease")
    print(json.dumps(["leased" if lease else state for state, lease in rows]))
