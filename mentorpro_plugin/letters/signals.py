"""When the site writes by itself: people were added, assignments opened; by whatever screen, import or command."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from ..assignments.models import Assignment
from ..assignments.signals import assignments_opened
from ..people.models import Person
from ..people.signals import people_added
from .actions import queue_notices, queue_welcomes


@receiver(people_added)
def welcome(sender: Any, people: Sequence[Person], **kwargs: Any) -> None:
    queue_welcomes(people)


@receiver(assignments_opened)
def tell_of_assignments(sender: Any, assignments: Sequence[Assignment], by: Any, **kwargs: Any) -> None:
    queue_notices(assignments, by=by)
