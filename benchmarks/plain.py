"""The peers: the mentees in Wagtail's own ModelViewSet, with the same columns.

`plain` is what its documentation leads to: columns by name, so a foreign key and two lists for each row.
`tuned` is the same after a morning with the query log: what the rows need is fetched for all of them at once.
Neither keeps organizations apart; both show everybody to whoever may enter the admin.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BlanketPermissionPolicy
from wagtail.permissions import register_permission_policy

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import GivenIdentifier
from mentorpro_plugin.people.models import Person


class UnscopedMentees(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(role=Role.MENTEE)


class PlainMentee(Person):
    objects = UnscopedMentees()

    class Meta:
        proxy = True
        app_label = "mentorpro_plugin"
        verbose_name = "mentee"

    def programs(self) -> str:
        rows = getattr(self, "open_rows", None)
        if rows is None:
            rows = _open_assignments().filter(person=self)
        return ", ".join(row.program.name for row in rows)

    def identifiers(self) -> str:
        rows = getattr(self, "given_rows", None)
        if rows is None:
            rows = _given().filter(person=self)
        return ", ".join(str(row) for row in rows)


def _open_assignments() -> models.QuerySet:
    return Assignment._base_manager.filter(ended_at=None).select_related("program")


def _given() -> models.QuerySet:
    return GivenIdentifier._base_manager.select_related("identifier", "value")


class PlainViewSet(ModelViewSet):
    model = PlainMentee
    name = "plain-mentees"
    icon = "user"
    form_fields = ["first_name", "last_name", "phone", "id_number", "email"]
    list_display = [
        "first_name",
        "last_name",
        "id_number",
        "phone",
        "organization",
        "programs",
        "identifiers",
        "last_activity_at",
        "status",
    ]
    list_filter = ["organization", "status"]
    search_fields = ["first_name", "last_name", "phone", "id_number", "email"]
    add_to_reference_index = False

    def get_permissions_to_register(self) -> Any:
        return Permission.objects.none()


register_permission_policy(PlainMentee, BlanketPermissionPolicy(None), exact_class=True)


class TunedIndexView(generic.IndexView):
    def get_base_queryset(self) -> models.QuerySet:
        return (
            super()
            .get_base_queryset()
            .select_related("organization")
            .prefetch_related(
                models.Prefetch("assignments", _open_assignments(), "open_rows"),
                models.Prefetch("given_identifiers", _given(), "given_rows"),
            )
        )


class TunedViewSet(PlainViewSet):
    name = "tuned-mentees"
    index_view_class = TunedIndexView
