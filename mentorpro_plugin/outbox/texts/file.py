"""Text messages as files, one each, in the form of a mail: for your own machine, beside the mail that stays there."""

import uuid
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from django.utils import timezone

from .base import Text, TextBackend


class FileBackend(TextBackend):
    """Writes into `folder`, which only the site's own account can read afterwards."""

    def __init__(self, *, folder: str) -> None:
        self.folder = Path(folder)

    def send(self, text: Text) -> str:
        now = timezone.now()
        message = EmailMessage()
        message["To"] = text.number
        message["Date"] = format_datetime(now)
        message.set_content(text.body)
        name = f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex}"
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{name}.part"
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_bytes(message.as_bytes())
        # Whoever reads the folder meanwhile finds whole messages only.
        unfinished.rename(self.folder / f"{name}.sms")
        return name
