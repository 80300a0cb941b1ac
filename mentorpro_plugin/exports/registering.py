"""What exports have done from time to time, and what they hold."""

from django.utils.translation import gettext_lazy as _

from ..holdings import register_sweep
from ..outbox.rounds import register_round
from ..purging import register_purge
from . import contents  # noqa: F401 - registers its tables
from .actions import begin_due_exports
from .keeping import forget_in_exports, purge_raw_exports
from .working import take_up_left_exports


def register_exports() -> None:
    """Called once, when the app is ready."""
    register_sweep(forget_in_exports)
    register_purge("raw_exports", _("exports of raw data"), purge_raw_exports)
    register_round("go on with exports", take_up_left_exports, every=30)
    register_round("begin regular exports", begin_due_exports, every=10 * 60)
