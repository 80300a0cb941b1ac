"""Sending a log-in code to a number: alike in answer, work and time for every number, known or not."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from ..access.roles import PARTICIPANTS
from ..outbox.actions import queue_email, queue_text
from ..outbox.budgets import take_text
from ..outbox.models import OutboxMessage
from ..people.models import Person
from .codes import LIFE, codes_asked_for, issue_code
from .models import LoginCode

#: Between two codes for the same browser.
PAUSE = timedelta(seconds=60)
#: Codes for one number in 24 hours, by text message and e-mail together, in all browsers.
CODES_A_DAY = 10


@sensitive_variables("number", "code", "person")
@transaction.atomic
def send_code(*, number: str, browser: str, ip: str, by_email: bool, host: str) -> None:
    """Send a new code to the mentor or mentee with this number (E.164), unless the browser has to wait.

    Nobody learns whether there is one. For a number that nobody has, or who has no e-mail address, the same is written
    and the message taken back.
    """
    count, asked_at = codes_asked_for(number, browser)
    if count >= CODES_A_DAY or seconds_to_wait(asked_at):
        return
    person = Person._base_manager.filter(phone=number, role__in=PARTICIPANTS).first()
    code = issue_code(contact=number, person=person, purpose=LoginCode.Purpose.LOG_IN, browser=browser)
    if by_email:
        recipient = person.email if person else ""
    else:
        organization = person.organization_id if person else None
        if not take_text(number=number, organization=organization, ip=ip, for_nobody=person is None):
            return
        recipient = number if person else ""
    # The connection's own savepoints: `atomic` ends in one statement more where it rolls back.
    connection = transaction.get_connection()
    before = connection.savepoint()
    _queue(recipient or _nobody(number, by_email), code=code, person=person, by_email=by_email, host=host)
    if recipient:
        connection.savepoint_commit(before)
    else:
        connection.savepoint_rollback(before)


def seconds_to_wait(asked_at: datetime | None) -> int:
    """Return how long a browser that asked for a code at `asked_at` has to wait for the next."""
    if asked_at is None:
        return 0
    return max(0, round((asked_at + PAUSE - timezone.now()).total_seconds()))


@sensitive_variables("code")
def _queue(recipient: str, *, code: str, person: Person | None, by_email: bool, host: str) -> None:
    site = getattr(settings, "WAGTAIL_SITE_NAME", "") or "MentorPRO"
    minutes = int(LIFE.total_seconds() // 60)
    expires_at = timezone.now() + LIFE
    kind = OutboxMessage.Kind.LOGIN_CODE
    # "{secret}" is where the outbox puts the code while sending.
    # Translators: sent by text message, too.
    first_line = _("%(code)s is your code for %(site)s.") % {"code": "{secret}", "site": site}
    # Translators: sent by text message, too.
    lifetime = _("It works for %(minutes)d minutes.") % {"minutes": minutes}
    if by_email:
        note = _("If you didn't ask for it, nobody can get in without it: you needn't do anything.")
        queue_email(
            kind=kind,
            recipient=recipient,
            subject=_("Your code for %(site)s") % {"site": site},
            body=f"{first_line} {lifetime}\n\n{note}\n",
            person=person,
            secret=code,
            expires_at=expires_at,
        )
    else:
        # By the last line, browsers offer the code on that host and nowhere else.
        queue_text(
            kind=kind,
            recipient=recipient,
            body=f"{first_line} {lifetime}\n\n@{host} #{{secret}}",
            person=person,
            secret=code,
            expires_at=expires_at,
        )


def _nobody(number: str, by_email: bool) -> str:
    """Where a message goes that is taken back before anybody could send it."""
    return "nobody@people.invalid" if by_email else number
