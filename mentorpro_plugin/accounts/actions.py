"""Choosing passwords, and ending what the old ones opened."""

from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from ..access.roles import STAFF
from ..activity.models import HistoryEntry
from ..people.changing import end_sessions
from ..people.models import Person
from .history import note
from .notices import has_many_links, send_password_link, send_security_notice
from .second_factor import authenticators_of, is_offered
from .tries import forget_password_tries


@sensitive_variables("address")
@transaction.atomic
def ask_for_password(address: str) -> None:
    """Send the link to choose a new password to the member of staff with this address, if there is one.

    Does the same for whoever isn't there, and takes it back, so that the time tells nothing.
    """
    person = (
        Person._base_manager.select_related("user")
        .filter(email__iexact=address.strip(), role__in=STAFF)
        .exclude(status=Person.Status.DEACTIVATED)
        .first()
    )
    if person is not None and person.user.is_active and not has_many_links(person):
        send_password_link(person, recipient=person.email)
        return
    with transaction.atomic():
        send_password_link(None, recipient=address.strip())
        transaction.set_rollback(True)


@sensitive_variables("password")
@transaction.atomic
def choose_password(person: Person, password: str) -> None:
    """Set the password of whoever came by a link: every session ends, and wrong tries are forgotten."""
    user: Any = person.user
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(person)
    forget_password_tries(person.email)
    note(person, HistoryEntry.Action.PASSWORD_CHANGED, by=user)
    send_security_notice(user, "account/email/password_reset")


@transaction.atomic
def reset_second_factor(person: Person, *, by: Any) -> int:
    """Remove whatever second factors and recovery codes `person` has, and end their sessions; return how many."""
    if not is_offered():
        return 0
    rows = list(authenticators_of(person.user_id).select_for_update())
    for row in rows:
        row.delete()
        note(person, HistoryEntry.Action.FACTOR_REMOVED, by=by, kind=row.type)
    if rows:
        end_sessions(person)
        send_security_notice(person.user, "reset_second_factor")
    return len(rows)
