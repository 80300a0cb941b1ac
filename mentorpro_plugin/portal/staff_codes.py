"""Log-in codes that staff read out to people whom no text message reaches."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from ..access.extents import holds
from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..people.models import Person
from .codes import issue_code
from .models import LoginCode

#: How many codes an hour staff may issue for one person: enough for a bad line, too few to try people's patience.
MOST_AN_HOUR = 5


def may_issue(user: Any, person: Person) -> bool:
    """Whether `user` may issue codes for `person`: whoever may change them, but not they themselves."""
    if person.role not in PARTICIPANTS or reach_of(user).person == person.pk:
        return False
    return holds(user, person.permission("change").split(".")[1], person)


@sensitive_variables("code")
@transaction.atomic
def issue_staff_code(person: Person, *, by: Any) -> str:
    """Return a code with which `person` can log in once, at their front door, with their own number.

    Raises PermissionDenied unless `may_issue`, ValidationError for the deactivated and for too many codes.
    """
    current = Person._base_manager.select_for_update().get(pk=person.pk)
    if not may_issue(by, current):
        raise PermissionDenied
    if current.is_deactivated:
        raise ValidationError(
            _("%(name)s is deactivated. Reactivate them before they log in.") % {"name": current}
        )
    issued = LoginCode._base_manager.filter(
        person=current.pk,
        purpose=LoginCode.Purpose.STAFF_ISSUED,
        created_at__gt=timezone.now() - timedelta(hours=1),
    )
    if issued.count() >= MOST_AN_HOUR:
        raise ValidationError(
            _("%(count)d codes were issued within an hour. Wait a little before you issue another.")
            % {"count": MOST_AN_HOUR}
        )
    code = issue_code(
        contact=current.phone.as_e164,
        person=current,
        purpose=LoginCode.Purpose.STAFF_ISSUED,
        issued_by=by,
    )
    record(
        current,
        HistoryEntry.Action.CODE_ISSUED,
        by=by,
        organization=current.organization_id,
        person=current.pk,
    )
    return code
