"""The texts of e-mails, as a Super Admin rewrote them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """The text of one kind of e-mail in one language, in place of the one that comes with the plugin.

    Plain text with placeholders such as {first_name}, from a fixed list; never executed.
    """

    kind = models.CharField(_("kind"), max_length=32)
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=10_000)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("text of e-mails")
        verbose_name_plural = _("texts of e-mails")
        ordering = ["kind", "language"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "language"], name="letter_once_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
