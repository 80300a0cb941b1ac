"""Forms on goals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_scopes.forms import SafeModelChoiceField
from wagtail.admin.forms.models import WagtailAdminModelForm

from ..organizations.models import Organization
from ..stale_forms import StaleFormMixin
from .models import LONGEST_TEXT, CatalogueGoal, Goal, GoalStep

#: Steps of progress in percent: enough to say "about half".
_PROGRESS = [(percent, f"{percent} %") for percent in range(0, 101, 10)]


class CatalogueGoalForm(WagtailAdminModelForm):
    class Meta:
        model = CatalogueGoal
        fields = ["organization", "title", "description", "is_offered"]
        field_classes = {"organization": SafeModelChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        field.queryset = Organization.objects.visible_to(self.for_user).filter(parent=None)
        if self.instance.pk:
            # Mentees of its tree chose it, so it stays where it is.
            field.disabled = True
        else:
            self.initial["organization"] = field.queryset.first()


class PlanForm(forms.Form):
    """When a goal is to be reached, and in which steps."""

    due_on = forms.DateField(
        label=_("Until when?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    steps = forms.CharField(
        label=_("Steps"),
        required=False,
        max_length=LONGEST_TEXT * 3,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Small steps that lead there, one a line."),
    )

    def words(self) -> dict[str, Any]:
        """What the actions take."""
        return {"due_on": self.cleaned_data["due_on"], "steps": self.cleaned_data["steps"].splitlines()}


class GoalForm(PlanForm):
    """A goal in one's own words."""

    title = forms.CharField(
        label=_("What do you want to reach?"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("More about it"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    field_order = ["title", "description", "due_on", "steps"]

    def words(self) -> dict[str, Any]:
        return {**super().words(), **{name: self.cleaned_data[name] for name in ("title", "description")}}


class ChangeGoalForm(StaleFormMixin, GoalForm):
    """New words, another day, other steps of `goal`."""

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        steps = GoalStep.objects.filter(goal=goal).values_list("text", flat=True)
        initial = {name: getattr(goal, name) for name in ("title", "description", "due_on")}
        super().__init__(*args, initial={**initial, "steps": "\n".join(steps)}, **kwargs)
        self.carry_opened()


class ProgressForm(forms.Form):
    """How far a goal without steps is."""

    progress = forms.TypedChoiceField(label=_("How far are you?"), choices=_PROGRESS, coerce=int)

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        # Steps that were there once may have left something in between.
        super().__init__(*args, initial={"progress": round(goal.progress, -1)}, **kwargs)


class CommentForm(forms.Form):
    """Something to say about a goal."""

    text = forms.CharField(
        label=_("Comment"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
