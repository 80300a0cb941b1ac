"""Goals: the catalogue of a parent organization, and what mentees set themselves."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.managers import scoped_manager
from ..text import clean_lines, clean_text, is_blank

#: Longest description or comment, and longest step, in characters.
LONGEST_TEXT = 2_000
LONGEST_STEP = 200


class CatalogueGoal(models.Model):
    """A goal that a parent organization offers the mentees of its whole tree."""

    organization = models.ForeignKey(
        "Organization",
        verbose_name=_("parent organization"),
        on_delete=models.PROTECT,
        related_name="catalogue_goals",
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"), max_length=LONGEST_TEXT, blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)]
    )
    is_offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Mentees choose from the goals that are offered.")
    )

    objects = scoped_manager(tree="organization")

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("title"),
                name="catalogue_goal_title_unique_in_organization",
                violation_error_message=_("This organization already has a goal with this title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        self.title = clean_text(self.title)
        self.description = clean_lines(self.description)
        if is_blank(self.title):
            raise ValidationError({"title": _("Give the goal a title.")})
        if self.organization_id and self.organization.parent_id is not None:
            raise ValidationError(
                {"organization": _("Goals belong to a parent organization; its children share them.")}
            )


class Goal(models.Model):
    """A goal of one mentee: set from the catalogue, freely, or proposed by a mentor and then accepted or declined."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("given up")
        DECLINED = "declined", _("declined")

    mentee = models.ForeignKey(
        "Person", verbose_name=_("mentee"), on_delete=models.CASCADE, related_name="goals"
    )
    catalogue_goal = models.ForeignKey(
        CatalogueGoal, on_delete=models.SET_NULL, null=True, blank=True, related_name="goals"
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"), max_length=LONGEST_TEXT, blank=True, validators=[MaxLengthValidator(LONGEST_TEXT)]
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    # In percent; follows from the steps, where there are any.
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, validators=[MaxValueValidator(100)])
    proposed_by = models.ForeignKey(
        "Person",
        verbose_name=_("proposed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("set"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = scoped_manager(organization="mentee__organization")

    class Meta:
        verbose_name = _("mentee's goal")
        verbose_name_plural = _("mentees' goals")
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__lte=100),
                name="goal_progress_in_percent",
                violation_error_message=_("Progress is between 0 and 100 percent."),
            ),
            # Also what makes of a form sent twice one goal.
            models.UniqueConstraint(
                "mentee",
                Lower("title"),
                condition=Q(state__in=["proposed", "open"]),
                name="goal_title_unique_while_open",
                violation_error_message=_("There is an open goal with this title already."),
            ),
        ]
        indexes = [models.Index(fields=["mentee", "-changed_at"], name="goal_of_mentee")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        self.title = clean_text(self.title)
        self.description = clean_lines(self.description)
        if is_blank(self.title):
            raise ValidationError({"title": _("Give the goal a title.")})

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_proposed(self) -> bool:
        return self.state == self.State.PROPOSED

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_late(self) -> bool:
        """Whether it should be done by now, and isn't."""
        return self.is_open and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def is_due_today(self) -> bool:
        return self.is_open and self.due_on == timezone.localdate()


class GoalStep(models.Model):
    """One step towards a goal, to tick off."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField(_("step"), max_length=LONGEST_STEP)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = scoped_manager(organization="goal__mentee__organization")

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class GoalComment(models.Model):
    """What the mentee or a mentor says about a goal."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="+")
    text = models.TextField(
        _("comment"), max_length=LONGEST_TEXT, validators=[MaxLengthValidator(LONGEST_TEXT)]
    )
    written_at = models.DateTimeField(default=timezone.now)

    objects = scoped_manager(organization="goal__mentee__organization")

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"comment {self.pk}"
