"""Parent organizations and their children."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from ..access.managers import scoped_manager
from ..archived import Archivable
from ..conf import setting
from ..named import Named


def default_region() -> str:
    """Region of the site's MENTORPRO setting, for a new parent organization."""
    return setting("DEFAULT_REGION")


def validate_region(value: str) -> None:
    """Raise ValidationError unless `value` is a region (ISO 3166-1 alpha-2) whose telephone numbers we know."""
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(
            _("“%(region)s” is not a two-letter country code, such as US or DE."), params={"region": value}
        )


def without_extension(extension: str) -> str:
    """Return what to say of a telephone number with an extension, which wouldn't be stored."""
    return gettext("An extension can't be kept with a telephone number. Leave “x%(extension)s” out.") % {
        "extension": extension
    }


class Organization(Named, Archivable, models.Model):
    """A parent organization, or a child of one. There is no third level."""

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent organization"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("Leave empty for a parent organization."),
    )
    region = models.CharField(
        _("country"),
        max_length=2,
        default=default_region,
        validators=[validate_region],
        help_text=_(
            "Two-letter code. Telephone numbers without a country code are read as numbers of this country."
        ),
    )

    # How mentors and mentees reach whoever runs their programs: they may not see the accounts of staff.
    contact_email = models.EmailField(
        _("e-mail for participants"),
        blank=True,
        help_text=_("Mentors and mentees write to this address when they need help."),
    )
    contact_phone = PhoneNumberField(_("phone number for participants"), blank=True)
    contact_note = models.CharField(
        _("note for participants"),
        max_length=300,
        blank=True,
        help_text=_("Such as whom to ask for and when: “Room 12, Monday to Friday from 9 to 5.”"),
    )

    # Put away by staff: keeps everything, takes nobody new. None while in use.
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    objects = scoped_manager(organization="pk")

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=models.Q(parent=None),
                name="organization_parent_name_unique",
                violation_error_message=_("There is already a parent organization with this name."),
            ),
            models.UniqueConstraint(
                "parent",
                Lower("name"),
                name="organization_child_name_unique_in_parent",
                violation_error_message=_(
                    "The parent organization already has a child organization with this name."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("pk")),
                name="organization_not_its_own_parent",
                violation_error_message=_("An organization can't be its own parent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if extension := getattr(self.contact_phone, "extension", None):
            raise ValidationError({"contact_phone": without_extension(extension)})
        if self.parent is None:
            return
        if self.parent.parent_id is not None:
            raise ValidationError(
                {
                    "parent": _("“%(parent)s” is a child organization itself. Choose a parent organization.")
                    % {"parent": self.parent}
                }
            )
        if self.pk and self.children.exists():
            raise ValidationError(
                {"parent": _("This organization has child organizations, so it can't become one.")}
            )

    @property
    def has_contact(self) -> bool:
        """Whether it says how mentors and mentees reach it."""
        return bool(self.contact_email or self.contact_phone or self.contact_note)

    @property
    def is_parent(self) -> bool:
        return self.parent_id is None

    @property
    def tree_id(self) -> int:
        """Primary key of the parent organization at the top: its own, or its parent's."""
        return self.parent_id or self.pk
