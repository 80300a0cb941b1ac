"""Mail about the own account: the link to choose a password, and notices that something about the log-in changed."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..outbox.actions import queue_email
from ..outbox.models import OutboxMessage
from ..people.languages import language_of
from ..people.models import Person
from .history import person_of

#: Links to one person within an hour, whoever asks for them: nobody's inbox is flooded through us.
LINKS_AN_HOUR = 5

#: What happened, by the name that allauth has for the notice.
_WHAT = {
    "account/email/password_changed": gettext_lazy("Your password was changed."),
    "account/email/password_set": gettext_lazy("Your password was set."),
    "account/email/password_reset": gettext_lazy("A new password was chosen by a link from an e-mail."),
    "mfa/email/totp_activated": gettext_lazy("An authenticator app was set up for your account."),
    "mfa/email/totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "mfa/email/webauthn_added": gettext_lazy("A passkey was added to your account."),
    "mfa/email/webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "mfa/email/recovery_codes_generated": gettext_lazy(
        "New recovery codes were made for your account. The old ones are void."
    ),
    "reset_second_factor": gettext_lazy(
        "Whoever runs this site has removed authenticator app, passkeys and recovery codes from your account."
    ),
}


def send_security_notice(user: Any, what: str) -> None:
    """Tell `user` by e-mail what happened to their account, so that they notice if it wasn't they."""
    person = person_of(user)
    recipient = person.email if person is not None else getattr(user, user.get_email_field_name(), "")
    if not recipient or what not in _WHAT:
        return
    with translation.override(language_of(user, person)):
        body = render_to_string(
            "mentorpro_plugin/accounts/security_notice.txt",
            {"what": _WHAT[what], "at": timezone.now(), "site_name": settings.WAGTAIL_SITE_NAME},
        )
        try:
            queue_email(
                kind=OutboxMessage.Kind.SECURITY,
                recipient=recipient,
                subject=_("A change to your account on %(site)s") % {"site": settings.WAGTAIL_SITE_NAME},
                body=body,
                person=person,
            )
        except ValidationError:
            # An address that mail can't reach: nothing to be done about it here.
            return


def send_password_link(person: Person | None, *, recipient: str) -> None:
    """Queue the e-mail with the link by which a new password is chosen. The link is made while sending, and kept nowhere.

    Without a person the row leads to nobody: for whoever takes as long as if there were one, and takes it back.
    """
    queue_email(
        kind=OutboxMessage.Kind.PASSWORD,
        recipient=recipient,
        subject="",
        body="",
        person=person,
        expires_at=timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    )


def has_many_links(person: Person) -> bool:
    """Whether so many links went to `person` within the hour that no more may."""
    since = timezone.now() - timedelta(hours=1)
    links = OutboxMessage._base_manager.filter(
        person=person.pk, kind=OutboxMessage.Kind.PASSWORD, created_at__gte=since
    )
    return links.count() >= LINKS_AN_HOUR
