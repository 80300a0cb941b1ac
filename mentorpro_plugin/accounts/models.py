"""Wrong passwords, counted in the database: the same number for every process, whatever the cache holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PasswordTries(models.Model):
    """How many wrong passwords were given lately for one address. The address can't be read from it."""

    # A keyed hash of the address, in the one spelling that its variants share.
    subject = models.CharField(max_length=64, unique=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    resets_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("wrong passwords")
        verbose_name_plural = _("wrong passwords")

    def __str__(self) -> str:
        return f"{self.wrong} until {self.resets_at}"
