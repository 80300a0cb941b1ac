"""People: one account, one role, one organization."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from ..access.extents import NO_ROWS, ReachQuerySet, extent_of
from ..access.managers import role_manager, scoped_manager
from ..access.reach import reach_of
from ..access.roles import ACCOUNTS, PARTICIPANTS, STAFF, Role
from ..constraints import BesideFields
from ..identifiers.models import GivenIdentifier
from ..text import clean_lines, clean_name
from .indexes import NullsLastIndex
from .search import search_text

#: How much people may write about themselves, in characters.
ABOUT_LENGTH = 1_000


def open_assignments(**conditions: Any) -> models.QuerySet:
    """Open assignments, past the scope: for conditions on people, who are scoped themselves."""
    # By name, since the assignments stand above people in the order of imports.
    assignment = apps.get_model("mentorpro_plugin", "Assignment")
    return assignment._base_manager.filter(ended_at=None, **conditions)


class PersonQuerySet(ReachQuerySet):
    """People, of all roles or of the proxy's."""

    def visible_to(self, user: Any) -> ReachQuerySet:
        if not self.model._meta.proxy:
            return self._permitted_by_role(user, "view")
        return super().visible_to(user)

    def managed_by(self, user: Any) -> ReachQuerySet:
        if not self.model._meta.proxy:
            return self._permitted_by_role(user, "change")
        return super().managed_by(user)

    def _permitted_by_role(self, user: Any, action: str) -> "PersonQuerySet":
        """People of any role to whom `user` may do `action`: each role asks its own row of the table."""
        reach = reach_of(user)
        allowed = Q() if reach.everything else NO_ROWS
        for roles, codename in _CODENAMES.items():
            if not reach.everything:
                extent = extent_of(reach, f"{action}_{codename}", self.model)
                allowed |= Q(role__in=roles) & extent.rows(reach)
        return self.filter(allowed)

    def selectable(self) -> "PersonQuerySet":
        """People who can be chosen for something new: not deactivated."""
        return self.exclude(status=Person.Status.DEACTIVATED)

    def unassigned(self) -> "PersonQuerySet":
        """People without an open assignment."""
        return self.filter(is_assigned=False)

    def with_identifiers(self) -> "PersonQuerySet":
        """Fetch `given_identifiers` of all rows at once."""
        given = GivenIdentifier._base_manager.select_related("identifier", "value").order_by(
            "identifier__name"
        )
        return self.prefetch_related(Prefetch("given_identifiers", given))

    def with_open_assignments(self) -> "PersonQuerySet":
        """Fetch the open assignments of all rows at once, with their programs, as the list `fetched_assignments`."""
        fetched = open_assignments().select_related("program").order_by("program__name")
        return self.prefetch_related(Prefetch("assignments", fetched, "fetched_assignments"))


class Person(BesideFields, models.Model):
    """Someone in a program, or who runs one. Made together with the user that they log in as."""

    class Status(models.TextChoices):
        ENABLED = "enabled", _("Enabled")
        DEACTIVATED = "deactivated", _("Deactivated")

    class Activity(models.TextChoices):
        LOGIN = "login", _("logged in")
        MESSAGE = "message", _("wrote a message")
        GOAL = "goal", _("changed a goal")

    class Notice(models.TextChoices):
        EMAIL = "email", _("by e-mail")
        TEXT = "text", _("by text message")
        NONE = "none", _("not at all")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentorpro_person", editable=False
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, editable=False)
    organization = models.ForeignKey(
        "Organization",
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        null=True,
        related_name="people",
    )
    # The parent organization above `organization`: within it, an ID is unique. That constraint's index begins with it.
    tree = models.ForeignKey(
        "Organization", on_delete=models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    phone = PhoneNumberField(_("phone number"), null=True, blank=True)
    id_number = models.CharField(
        _("ID"),
        max_length=64,
        blank=True,
        help_text=_("Your organization's own number for this person. The phone number, if left empty."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.ENABLED, editable=False
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    first_login_at = models.DateTimeField(_("first log-in"), null=True, blank=True, editable=False)
    last_activity_at = models.DateTimeField(_("last activity date"), null=True, blank=True, editable=False)
    last_activity_kind = models.CharField(max_length=12, choices=Activity.choices, blank=True, editable=False)
    # Whether an assignment is open: kept by the assignments' actions, so that rosters of a million needn't look.
    is_assigned = models.BooleanField(default=False, editable=False)
    search_text = models.TextField(editable=False)
    # A session belongs to the number that stood here when it began: one step up, and all of them are dead for good.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # What people choose themselves, behind their front door.
    language = models.CharField(_("language"), max_length=10, blank=True, editable=False)
    about = models.TextField(_("about you"), max_length=ABOUT_LENGTH, blank=True, editable=False)
    notice = models.CharField(
        _("tell me of unread messages"),
        max_length=5,
        choices=Notice.choices,
        default=Notice.TEXT,
        editable=False,
    )
    # When they had seen the terms, and said which language they read and how they want to be told of messages.
    welcomed_at = models.DateTimeField(null=True, editable=False)

    objects = scoped_manager(PersonQuerySet, organization="organization")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                name="person_phone_unique",
                violation_error_message=_("This phone number belongs to another person."),
            ),
            models.UniqueConstraint(
                "tree",
                Lower("id_number"),
                name="person_id_number_unique_in_tree",
                violation_error_message=_("This ID belongs to another person."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(role__in=STAFF),
                name="person_staff_email_unique",
                violation_error_message=_("This e-mail address belongs to another member of staff."),
            ),
            models.CheckConstraint(
                condition=~Q(role__in=PARTICIPANTS) | Q(phone__isnull=False),
                name="person_participant_has_phone",
                violation_error_message=_("A mentor or mentee needs a phone number: it is how they log in."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=PARTICIPANTS) | ~Q(email=""),
                name="person_staff_has_email",
                violation_error_message=_("Staff need an e-mail address: it is how they log in."),
            ),
            models.CheckConstraint(
                condition=Q(role=Role.SUPER_ADMIN, organization=None, tree=None)
                | (~Q(role=Role.SUPER_ADMIN) & Q(organization__isnull=False, tree__isnull=False)),
                name="person_organization_unless_super_admin",
                violation_error_message=_("Everyone but a Super Admin belongs to an organization."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="person_role_known",
                violation_error_message=_("There is no such role."),
            ),
            models.CheckConstraint(
                condition=~Q(id_number=""),
                name="person_id_number_given",
                violation_error_message=_("Give an ID or a phone number."),
            ),
        ]
        indexes = [
            models.Index(fields=["role", "last_name", "first_name", "id"], name="person_by_last_name"),
            models.Index(fields=["role", "first_name", "last_name", "id"], name="person_by_first_name"),
            NullsLastIndex(
                "role", F("last_activity_at").desc(nulls_last=True), F("id").desc(), name="person_by_activity"
            ),
            models.Index(
                fields=["organization", "role", "last_name", "first_name", "id"],
                name="person_of_organization",
            ),
            # One for each order of an organization's roster: without it, databases walk that order of everybody, a
            # thousand times the rows.
            models.Index(
                fields=["organization", "role", "first_name", "last_name", "id"],
                name="person_of_org_by_first_name",
            ),
            NullsLastIndex(
                "organization",
                "role",
                F("last_activity_at").desc(nulls_last=True),
                F("id").desc(),
                name="person_of_org_by_activity",
            ),
            models.Index(fields=["role", "status", "last_name", "first_name", "id"], name="person_by_status"),
            # Holds all that the numbers above a roster ask, so that they are counted without reading rows.
            models.Index(
                fields=["role", "status", "first_login_at", "last_activity_at"], name="person_by_log_in"
            ),
            models.Index(
                fields=["role", "organization"], condition=Q(is_assigned=False), name="person_unassigned"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        super().clean()
        for field in ("first_name", "last_name", "email", "id_number"):
            setattr(self, field, clean_name(getattr(self, field)))
        self.about = clean_lines(self.about)
        self._clean_own_choices()
        if self.role in STAFF and not self.email:
            raise ValidationError({"email": _("Staff need an e-mail address: it is how they log in.")})
        if self.role in PARTICIPANTS and not self.phone:
            raise ValidationError(
                {"phone": _("A mentor or mentee needs a phone number: it is how they log in.")}
            )

    def _clean_own_choices(self) -> None:
        """Check what fields that no admin form offers would check, were they editable."""
        if len(self.about) > ABOUT_LENGTH:
            limit = {"limit": ABOUT_LENGTH}
            raise ValidationError({"about": _("Write at most %(limit)d characters about yourself.") % limit})
        if self.language and self.language not in dict(settings.LANGUAGES):
            raise ValidationError({"language": _("This site doesn't speak that language.")})
        if self.notice not in self.Notice.values:
            raise ValidationError({"notice": _("Choose how to be told of unread messages.")})

    def complete(self) -> None:
        """Fill what follows from other fields: the ID if empty, the tree, and the words to be found by."""
        # Not by whether it is true: that would check the number anew.
        phone = self.phone.as_e164 if isinstance(self.phone, PhoneNumber) else ""
        self.id_number = self.id_number.strip() or phone or self.email
        self.tree_id = self.organization.tree_id if self.organization else None
        self.search_text = search_text(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            id_number=self.id_number,
            phone=phone,
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None:
            self.complete()
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def labelled_name(self) -> str:
        """The name with its label, where `people/_deactivated.html` has no place: in sentences, files and mail."""
        return self.labelled(self.full_name)

    @property
    def is_deactivated(self) -> bool:
        return self.status == self.Status.DEACTIVATED

    @property
    def never_logged_in(self) -> bool:
        return self.first_login_at is None

    def labelled(self, name: str) -> str:
        """Return what this person is called somewhere, with the label if they are switched off."""
        if self.is_deactivated:
            return pgettext("person", "%(name)s (deactivated)") % {"name": name}
        return name

    def permission(self, action: str) -> str:
        """Return the permission that doing `action` to this person takes, by their role."""
        return f"mentorpro_plugin.{action}_{codename_of(self.role)}"

    @cached_property
    def open_program_ids(self) -> frozenset[int]:
        """Primary keys of the programs with an open assignment. One query, unless fetched with the listing."""
        if (fetched := self.__dict__.get("fetched_assignments")) is not None:
            return frozenset(assignment.program_id for assignment in fetched)
        return frozenset(open_assignments(person=self.pk).values_list("program_id", flat=True))


class SuperAdmin(Person):
    objects = role_manager(PersonQuerySet, Role.SUPER_ADMIN)

    class Meta:
        proxy = True
        verbose_name = _("Super Admin")
        verbose_name_plural = _("Super Admins")


class OrganizationAccount(Person):
    """A Parent or Child account; which of both follows from its organization."""

    objects = role_manager(PersonQuerySet, *ACCOUNTS)

    class Meta:
        proxy = True
        verbose_name = _("organization account")
        verbose_name_plural = _("organization accounts")


class ProgramManager(Person):
    objects = role_manager(PersonQuerySet, Role.PROGRAM_MANAGER)

    class Meta:
        proxy = True
        verbose_name = _("Program Manager")
        verbose_name_plural = _("Program Managers")


class SuccessCoordinator(Person):
    objects = role_manager(PersonQuerySet, Role.SUCCESS_COORDINATOR)

    class Meta:
        proxy = True
        verbose_name = _("Success Coordinator")
        verbose_name_plural = _("Success Coordinators")


class Mentor(Person):
    objects = role_manager(PersonQuerySet, Role.MENTOR)

    class Meta:
        proxy = True
        verbose_name = _("mentor")
        verbose_name_plural = _("mentors")


class Mentee(Person):
    objects = role_manager(PersonQuerySet, Role.MENTEE)

    class Meta:
        proxy = True
        verbose_name = _("mentee")
        verbose_name_plural = _("mentees")


class ReachBudget(models.Model):
    """What one user was told lately of people beyond their reach: that something of theirs is taken. See `probing`."""

    # Without a constraint, as all that merely says by whom: it may outlive the user for a day.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    # Primary keys of those people, each once; digests of sets of them that were too many to be told.
    people = models.JSONField(default=list)
    files = models.JSONField(default=list)
    resets_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("budget of people beyond reach")
        verbose_name_plural = _("budgets of people beyond reach")

    def __str__(self) -> str:
        return f"{self.user_id} until {self.resets_at}"


_CODENAMES: dict[tuple[Role, ...], str] = {
    (Role.SUPER_ADMIN,): "superadmin",
    ACCOUNTS: "organizationaccount",
    (Role.PROGRAM_MANAGER,): "programmanager",
    (Role.SUCCESS_COORDINATOR,): "successcoordinator",
    (Role.MENTOR,): "mentor",
    (Role.MENTEE,): "mentee",
}


def codename_of(role: str) -> str:
    """Return the last part of a role's permissions, which is its proxy's model name."""
    return next(codename for roles, codename in _CODENAMES.items() if role in roles)
