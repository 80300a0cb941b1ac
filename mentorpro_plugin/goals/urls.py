"""The addresses of goals, behind both front doors."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import actions, views

urlpatterns = [
    path("goals/", views.GoalsView.as_view(), name="goals"),
    path("goals/add/", views.ChooseGoalView.as_view(), name="goal_add"),
    path("goals/add/own/", views.NewGoalView.as_view(), name="goal_add_own"),
    path("goals/add/<int:catalogue>/", views.NewGoalView.as_view(), name="goal_add_chosen"),
    path("goals/of/<int:mentee>/", views.GoalsOfView.as_view(), name="goals_of"),
    path("goals/of/<int:mentee>/propose/", views.ChooseGoalView.as_view(), name="goal_propose"),
    path("goals/of/<int:mentee>/propose/own/", views.NewGoalView.as_view(), name="goal_propose_own"),
    path(
        "goals/of/<int:mentee>/propose/<int:catalogue>/",
        views.NewGoalView.as_view(),
        name="goal_propose_chosen",
    ),
    path("goals/<int:pk>/", views.GoalView.as_view(), name="goal"),
    path("goals/<int:pk>/change/", views.ChangeGoalView.as_view(), name="goal_change"),
    path("goals/<int:pk>/steps/<int:step>/", views.StepView.as_view(), name="goal_step"),
    path("goals/<int:pk>/progress/", views.ProgressView.as_view(), name="goal_progress"),
    path("goals/<int:pk>/comment/", views.CommentView.as_view(), name="goal_comment"),
    path("goals/<int:pk>/done/", views.DoneView.as_view(action=actions.complete_goal), name="goal_done"),
    path(
        "goals/<int:pk>/reopen/",
        views.MoveView.as_view(action=actions.reopen_goal, sentence=_("The goal is open again.")),
        name="goal_reopen",
    ),
    path(
        "goals/<int:pk>/give-up/",
        views.MoveView.as_view(action=actions.drop_goal, sentence=_("You gave this goal up. That is fine.")),
        name="goal_drop",
    ),
    path(
        "goals/<int:pk>/accept/",
        views.MoveView.as_view(action=actions.accept_goal, sentence=_("It is your goal now. Good luck!")),
        name="goal_accept",
    ),
    path(
        "goals/<int:pk>/decline/",
        views.MoveView.as_view(action=actions.decline_goal, sentence=_("You declined this goal.")),
        name="goal_decline",
    ),
    path(
        "goals/<int:pk>/withdraw/",
        views.WithdrawView.as_view(action=actions.withdraw_goal),
        name="goal_withdraw",
    ),
]
