"""What happens when conversations go, with one of their people: files go too."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from .models import Attachment


@receiver(post_delete, sender=Attachment)
def delete_file(sender: Any, instance: Attachment, **kwargs: Any) -> None:
    """Delete the file of an attachment once its row is gone for good."""
    storage, name = instance.file.storage, instance.file.name
    transaction.on_commit(lambda: storage.delete(name), robust=True)
