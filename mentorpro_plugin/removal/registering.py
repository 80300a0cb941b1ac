"""What deletions have done from time to time."""

from django.utils.translation import gettext_lazy as _

from ..outbox.rounds import register_round
from ..purging import purge_expired, register_purge
from .purging import purge_exports, purge_orphans
from .working import take_up_left_deletions


def register_removal() -> None:
    """Called once, when the app is ready."""
    register_purge("exports", _("exports of deleted people"), purge_exports)
    register_purge("files", _("files without a row"), purge_orphans)
    register_round("go on with deletions", take_up_left_deletions, every=30)
    register_round("purge what has had its time", purge_expired, every=60 * 60)
