"""What history hears of without being called."""

from ..access.refusals import tell_of_refusals
from .refusals import note_refusal


def register_activity() -> None:
    tell_of_refusals(note_refusal)
