"""What conversations add to other parts of the plugin, once it is ready."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ..outbox.rounds import register_round
from ..shell.news import register_news
from ..shell.tabs import Tab, register_tab
from .news import unread_news
from .notices import send_notices
from .queries import unread_total


def register() -> None:
    """Called once, when the app is ready."""
    register_tab(Tab(_("Messages"), "messages", "mail", order=30, count=_unread))
    register_news(unread_news, order=30)
    register_round("notices of unread messages", send_notices, every=60)


def _unread(request: Any) -> int:
    return unread_total(request.user.mentorpro_person)
