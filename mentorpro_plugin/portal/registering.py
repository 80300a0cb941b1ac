"""What the portal itself puts into the frame of its pages, and has done from time to time."""

from django.utils.translation import gettext_lazy as _

from ..access.refusals import watch_namespaces
from ..accounts.devices import note_seen
from ..outbox.rounds import register_round
from ..shell.doors import DOORS
from ..shell.tabs import Tab, register_tab
from ..shell.views import register_gate
from .codes import forget_old_codes
from .welcome import welcome_gate


def register_portal() -> None:
    register_tab(Tab(_("Home"), "home", "home", order=10))
    register_tab(Tab(_("People"), "people", "people", order=20))
    register_round("forget old codes", forget_old_codes, every=60 * 60)
    register_tab(Tab(_("Me"), "me", "person", order=90))
    register_gate(welcome_gate)
    register_gate(note_seen)
    watch_namespaces(*DOORS)
