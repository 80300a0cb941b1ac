"""Assignments: who takes part in which program, with whom as lead, from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.extents import ReachQuerySet
from ..access.managers import scoped_manager


class AssignmentQuerySet(ReachQuerySet):
    def open(self) -> "AssignmentQuerySet":
        return self.filter(ended_at=None)

    def closed(self) -> "AssignmentQuerySet":
        return self.exclude(ended_at=None)


class Assignment(models.Model):
    """One row of a profile's Assigned Programs. Closed when it ends, never erased; open while `ended_at` is empty."""

    person = models.ForeignKey(
        "Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="assignments"
    )
    program = models.ForeignKey(
        "Program", verbose_name=_("program"), on_delete=models.PROTECT, related_name="assignments"
    )
    # The mentor of a mentee (empty only with Flash Mentoring), the Program Manager of a mentor, else empty.
    lead = models.ForeignKey(
        "Person",
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_assignments",
    )
    is_primary = models.BooleanField(_("Primary Mentor"), default=False)
    started_at = models.DateTimeField(_("from"), default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("to"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = scoped_manager(AssignmentQuerySet, organization="program__organization")

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-is_primary", "started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "program", "lead"],
                condition=Q(ended_at=None, lead__isnull=False),
                name="assignment_unique_while_open",
                violation_error_message=_("This person is already assigned so."),
            ),
            models.UniqueConstraint(
                fields=["person", "program"],
                condition=Q(ended_at=None, lead=None),
                name="assignment_without_lead_unique_while_open",
                violation_error_message=_("This person is already assigned to this program."),
            ),
            models.CheckConstraint(
                condition=~Q(lead=models.F("person")) | Q(lead=None),
                name="assignment_lead_is_another",
                violation_error_message=_("Nobody can lead themselves."),
            ),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(lead__isnull=False),
                name="assignment_primary_has_lead",
                violation_error_message=_("Only an assigned mentor can be primary."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="assignment_ends_after_start",
                violation_error_message=_("An assignment can't end before it started."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "person"], condition=Q(ended_at=None), name="assignment_open_in_program"
            ),
            models.Index(fields=["person"], condition=Q(ended_at=None), name="assignment_open_of_person"),
            models.Index(fields=["lead"], condition=Q(ended_at=None), name="assignment_open_under_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.program_id}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None
