"""Text messages on standard output, for your own machine."""

import sys

from .base import Text, TextBackend


class ConsoleBackend(TextBackend):
    def send(self, text: Text) -> str:
        sys.stdout.write(f"Text message to {text.number}:\n{text.body}\n\n")
        sys.stdout.flush()
        return ""
