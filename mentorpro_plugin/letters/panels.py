"""What a profile says of the mail to its person."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from ..outbox.actions import is_offered_again
from ..outbox.models import OutboxMessage

#: How many messages stand on a profile; the outbox has them all.
_MOST = 5


class MailPanel(Component):
    """The latest messages to one person with what became of them, and the welcome, for those who may send it."""

    template_name = "mentorpro_plugin/letters/mail_panel.html"

    def __init__(self, person: Any, request: Any) -> None:
        self.person, self.request = person, request

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = self.request.user
        sent = list(OutboxMessage.objects.visible_to(user).filter(person=self.person).order_by("-pk")[:_MOST])
        may_change = user.has_perm(self.person.permission("change"), self.person)
        for message in sent:
            # The one on the page, whose permissions have been looked up.
            message.person = self.person
        return {
            "person": self.person,
            "rows": [(message, is_offered_again(message, user)) for message in sent],
            "may_welcome": may_change and self.person.email and not self.person.is_deactivated,
            "was_welcomed": any(message.kind == OutboxMessage.Kind.WELCOME for message in sent),
            "csrf_token": parent_context.get("csrf_token"),
        }
