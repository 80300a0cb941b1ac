"""Ten-minute windows of notices, at their edges."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from mentorpro_plugin.letters.actions import queue_notices
from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.delivery import deliver_due
from tests.factories import AssignmentFactory


def test_assignment_on_the_edge_of_a_window_is_told(world, mailoutbox, monkeypatch):
    """Begun at the end of one window, and its notice queued at the beginning of the next."""
    edge = datetime(2030, 1, 1, 12, 10, tzinfo=UTC)
    assignment = AssignmentFactory(
        person=world.people["engineering_free_mentee"],
        program=world.programs["first_year"],
        lead=world.people["first_year_mentor"],
        started_at=edge - timedelta(milliseconds=5),
    )
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: edge + timedelta(milliseconds=5))
        queue_notices([assignment], by=None)

    OutboxMessage._base_manager.filter(due_at__isnull=False).update(due_at=timezone.now())
    deliver_due()

    states = OutboxMessage._base_manager.values_list("state", flat=True)
    assert set(states) == {"sent"}
    assert len(mailoutbox) == 2
