"""Why a message wasn't sent. The sentences are shown to staff: no word in them comes from the message or a server.

Whoever sends doesn't know what language the reader will have. So sentences are kept in English, and translated when
they are shown.
"""

import json

from django.utils.translation import gettext


class NotSent(Exception):
    """Base of those below. `sentence` is for staff: in English, marked by `gettext_noop`, with `values` for its placeholders."""

    def __init__(self, sentence: str, **values: str | int) -> None:
        super().__init__(sentence % values if values else sentence)
        #: What a row keeps.
        self.reason = kept(sentence, **values)


class Refused(NotSent):
    """For good: there is no such address, or nobody takes this message. Trying again would change nothing."""


class Postponed(NotSent):
    """For now: this message may be taken later."""


class Unreachable(Postponed):
    """For now, and whatever the message: the server is down, hangs or turns the site away. Others can wait too."""


class Unwritten(Postponed):
    """For now: its text can't be written. That is a mistake of ours, and says nothing of the channel."""


class Unwanted(NotSent):
    """For good, and nobody minds: there is nothing to say any more."""


def kept(sentence: str, **values: str | int) -> str:
    """Return a sentence as a row keeps it: one line, with its values where it has any."""
    line = json.dumps([sentence, values]) if values else sentence
    return " ".join(line.splitlines())


def told(reason: str) -> str:
    """Return what a row keeps, one sentence a line, in the reader's language."""
    return " ".join(map(_told, reason.splitlines()))


def _told(line: str) -> str:
    try:
        sentence, values = json.loads(line)
        return gettext(sentence) % values
    except (ValueError, TypeError, KeyError):
        return gettext(line)
