"""Text messages in a list, for tests: `locmem.outbox`, as Django has `mail.outbox`."""

from .base import Text, TextBackend

outbox: list[Text] = []


class LocmemBackend(TextBackend):
    def send(self, text: Text) -> str:
        outbox.append(text)
        return ""
