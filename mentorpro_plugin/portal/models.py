"""Log-in codes, the budgets of what is sent, and consent to the terms."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..access.managers import scoped_manager


class Consent(models.Model):
    """That a person agreed to a version of the site's terms."""

    person = models.ForeignKey(
        "Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="consents"
    )
    version = models.CharField(_("version"), max_length=64)
    given_at = models.DateTimeField(_("when"), default=timezone.now)

    objects = scoped_manager(organization="person__organization")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="consent_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} agreed to {self.version}"


class LoginCode(models.Model):
    """A one-time code that was asked for, or issued by staff. Neither the code nor the number can be read from it.

    For a number that nobody has, a row is written all the same, without a person: asking costs the same work.
    """

    class Purpose(models.TextChoices):
        LOG_IN = "log_in", _("log in")
        STAFF_ISSUED = "staff_issued", _("issued by staff")
        OLD_NUMBER = "old_number", _("confirm the old number")
        NEW_NUMBER = "new_number", _("confirm the new number")

    person = models.ForeignKey("Person", on_delete=models.CASCADE, null=True, related_name="login_codes")
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.LOG_IN)
    # Keyed hashes: of the number or address, of the browser that asked, of the code.
    contact_hash = models.CharField(max_length=64, db_index=True)
    browser_hash = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = scoped_manager(organization="person__organization")

    class Meta:
        verbose_name = _("log-in code")
        verbose_name_plural = _("log-in codes")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person", "-id"], name="login_code_of_person")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
