"""The look of every e-mail that the site writes: one frame, which mail programs with and without dark mode show."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi

from ..text import clean_text


def framed(
    content: SafeString, *, subject: str, organization: Any, code_url: str = "", door_address: str = ""
) -> str:
    """Return a whole HTML e-mail around `content`, in the active language, with the organization's name on top.

    With a `code_url`, the QR code of `door_address` stands below. It is the same for everybody at that door, so who
    fetches it tells nothing; nothing else is fetched from anywhere.
    """
    return render_to_string(
        "mentorpro_plugin/letters/mail.html",
        {
            "content": content,
            "subject": subject,
            "organization": clean_text(str(organization or "")) or "MentorPRO",
            "code_url": code_url,
            "door_address": door_address,
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        },
    )
