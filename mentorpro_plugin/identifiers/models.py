"""Identifiers: filters that a parent organization defines, and the values given to people."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from ..access.managers import scoped_manager
from ..named import Named


class Identifier(Named, ClusterableModel):
    """A filter, such as Grade. Defined by a parent organization for its whole tree."""

    organization = models.ForeignKey(
        "Organization",
        verbose_name=_("parent organization"),
        on_delete=models.PROTECT,
        related_name="identifiers",
    )
    name = models.CharField(_("name"), max_length=100)

    objects = scoped_manager(tree="organization")

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="identifier_name_unique_in_organization",
                violation_error_message=_("This organization already has an identifier with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.organization_id and self.organization.parent_id is not None:
            raise ValidationError(
                {"organization": _("Identifiers belong to a parent organization; its children share them.")}
            )


class IdentifierValue(Named, Orderable):
    """One of the values of an identifier, such as Freshman."""

    identifier = ParentalKey(Identifier, on_delete=models.CASCADE, related_name="values")
    name = models.CharField(_("value"), max_length=100)

    objects = scoped_manager(tree="identifier__organization")

    class Meta(Orderable.Meta):
        verbose_name = _("value")
        verbose_name_plural = _("values")
        constraints = [
            models.UniqueConstraint(
                "identifier",
                Lower("name"),
                name="identifier_value_unique_in_identifier",
                violation_error_message=_("This identifier already has this value."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GivenIdentifier(models.Model):
    """That a person has a value of an identifier: at most one of each."""

    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="given_identifiers")
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+")
    value = models.ForeignKey(IdentifierValue, on_delete=models.PROTECT, related_name="given")

    objects = scoped_manager(organization="person__organization")

    class Meta:
        verbose_name = _("given identifier")
        verbose_name_plural = _("given identifiers")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "identifier"],
                name="given_identifier_unique_for_person",
                violation_error_message=_("This person already has a value of this identifier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier}: {self.value}"
