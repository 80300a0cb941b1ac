"""What imports have done from time to time, and when somebody is deleted."""

from django.utils.translation import gettext_lazy as _

from ..outbox.rounds import register_round
from ..purging import register_purge
from . import sweeping  # noqa: F401
from .keeping import cancel_unconfirmed, remove_expired
from .working import take_up_left_imports


def register_exchange() -> None:
    """Called once, when the app is ready."""
    register_round("go on with imports", take_up_left_imports, every=30)
    register_purge("imports", _("imports that nobody confirmed"), cancel_unconfirmed)
    register_purge("import_files", _("imports' files"), remove_expired)
