"""What happens to a person when their user does something."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models import F
from django.db.models.functions import Coalesce
from django.dispatch import receiver
from django.utils import timezone

from .models import Person


@receiver(user_logged_in)
def keep_last_activity(sender: Any, user: Any, **kwargs: Any) -> None:
    """Note a log-in on the person: the first one makes them Active, each is their last activity."""
    now = timezone.now()
    Person._base_manager.filter(user=user.pk).update(
        first_login_at=Coalesce(F("first_login_at"), now),
        last_activity_at=now,
        last_activity_kind=Person.Activity.LOGIN,
    )
