"""Sending attachments out again: to the two people of the conversation, as a file and never as a page of the site."""

from typing import Any

from django.http import FileResponse, Http404

from ..downloads import as_download
from .models import Attachment, Conversation

#: Whatever a browser takes the file for, it runs no script, loads nothing and is no part of the site.
_CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def attachment_response(user: Any, pk: int) -> FileResponse:
    """Return the file of the attachment `pk`. Raises Http404 unless `user` is one of the two, and the file is there."""
    conversations = Conversation.objects.visible_to(user)
    attachment = Attachment.objects.filter(pk=pk, message__conversation__in=conversations).first()
    if attachment is None:
        raise Http404
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type=attachment.content_type)
    response["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return as_download(response, attachment.name, inline=attachment.kind == Attachment.Kind.IMAGE)
