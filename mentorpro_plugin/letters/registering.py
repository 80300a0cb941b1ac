"""What letters add to other parts of the plugin, once it is ready."""

from ..outbox.models import OutboxMessage
from ..outbox.writers import register_writer
from . import signals  # noqa: F401
from .writing import write_letter

#: Messages that are written while they are sent.
_WRITTEN_LATE = (OutboxMessage.Kind.WELCOME, OutboxMessage.Kind.ASSIGNMENT, OutboxMessage.Kind.PASSWORD)


def register_letters() -> None:
    """Called once, when the app is ready."""
    for kind in _WRITTEN_LATE:
        register_writer(kind, write_letter)
