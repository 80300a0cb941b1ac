"""Programs: where mentoring happens."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ..access.managers import scoped_manager
from ..archived import Archivable
from ..named import Named


class Program(Named, Archivable, models.Model):
    """A program of one organization."""

    organization = models.ForeignKey(
        "Organization", verbose_name=_("organization"), on_delete=models.PROTECT, related_name="programs"
    )
    name = models.CharField(_("name"), max_length=200)
    flash_mentoring = models.BooleanField(
        _("Flash Mentoring"),
        default=False,
        help_text=_("A mentee can be assigned to this program without a mentor."),
    )

    # Put away by staff: keeps everything, takes nobody new. None while in use.
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    objects = scoped_manager(organization="organization")

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="program_name_unique_in_organization",
                violation_error_message=_("This organization already has a program with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
