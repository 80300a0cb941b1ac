"""Writing messages, and reading them. The only place that writes conversations."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.extents import holds
from ..access.reach import forget_reach
from ..access.roles import PARTICIPANTS, PROGRAM_STAFF
from ..people.activity import note_activity
from ..people.models import Person
from ..text import clean_lines, is_blank
from .inbox import announce
from .models import Attachment, Conversation, Message, Participation, private_storage
from .uploads import Checked, check_files

MAX_LENGTH = Message._meta.get_field("text").max_length or 0


def write_message(
    *,
    author: Person,
    to: Person,
    text: str,
    files: Iterable[UploadedFile] = (),
    key: UUID | None = None,
    by: Any,
) -> Message:
    """Send `text`, with `files`, from `author` to `to`; `by` is the author's own user.

    The same message with the same `key` again changes nothing and returns the one that is there.
    Raises PermissionDenied where the two have nothing to do with each other, ValidationError with a sentence for the
    reader if one of them is deactivated, they are matched no longer, or text or files don't do.
    """
    if by.pk != author.user_id or author.pk == to.pk:
        raise PermissionDenied
    text = clean_lines(text)
    # Before the transaction: pictures take a moment, and nobody should wait for them with a lock.
    attached = check_files(files)
    _check_content(text, attached)
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _write(author.pk, to.pk, text, attached, key or uuid4(), by, stored)
    except BaseException:
        for name in stored:
            private_storage().delete(name)
        raise


@transaction.atomic
def mark_read(conversation: Conversation, person: Person, *, up_to: int) -> None:
    """Note that `person` has read `conversation` up to the message with the primary key `up_to`; never back again.

    Raises Participation.DoesNotExist for whoever isn't in it.
    """
    # A writer adds to the number in the same row: whoever is second sees what the first has done.
    side = Participation._base_manager.select_for_update().get(conversation=conversation, person=person)
    messages = Message._base_manager.filter(conversation=conversation)
    # A number from a page may be anything; further than the last message would swallow the next.
    last = messages.filter(pk__lte=up_to).order_by("-pk").values_list("pk", flat=True).first()
    if last is None or last <= side.read_up_to:
        return
    unread = messages.filter(pk__gt=last, author=side.other_id).order_by("pk")
    side.read_up_to = last
    side.unread_count = unread.count()
    side.unread_since = unread.values_list("sent_at", flat=True).first()
    side.save(update_fields=["read_up_to", "unread_count", "unread_since"])
    transaction.on_commit(lambda: announce(side.person_id, side.other_id), robust=True)


def may_write(user: Any, author: Person, to: Person) -> bool:
    """Whether `user`, who is `author`, may write to `to` now."""
    return _is_within_reach(user, author, to) and not (author.is_deactivated or to.is_deactivated)


def why_not(user: Any, author: Person, to: Person) -> str:
    """Say in a sentence why `author` may not write to `to`, with whom there is a conversation; empty if they may."""
    names = {"name": to}
    if author.is_deactivated:
        return _("Your account is deactivated.")
    if to.is_deactivated:
        return _("%(name)s is deactivated. You can read your messages, but not write.") % names
    if _is_within_reach(user, author, to):
        return ""
    if author.role in PARTICIPANTS and to.role in PARTICIPANTS:
        return (
            _("You are no longer matched with %(name)s. You can read your messages, but not write.") % names
        )
    return _("You and %(name)s no longer share a program. You can read your messages, but not write.") % names


def conversation_between(one: Person, other: Person) -> Conversation | None:
    """Return the conversation of two people, if they have one."""
    first, second = sorted((one.pk, other.pk))
    return Conversation._base_manager.filter(first=first, second=second).first()


def _is_within_reach(user: Any, author: Person, to: Person) -> bool:
    if user.pk != author.user_id or author.pk == to.pk or author.organization_id != to.organization_id:
        return False
    if author.role not in PARTICIPANTS and to.role not in PARTICIPANTS:
        return False
    return holds(user, "write_message", to) or _may_answer(author, to)


def _may_answer(author: Person, to: Person) -> bool:
    """Whoever was written to by program staff may answer, while those may still write to them (decision 0013)."""
    if to.role not in PROGRAM_STAFF:
        return False
    conversation = conversation_between(author, to)
    if conversation is None:
        return False
    was_written_to = Message._base_manager.filter(conversation=conversation, author=to).exists()
    return was_written_to and holds(to.user, "write_message", author)


def _check_content(text: str, attached: list[Checked]) -> None:
    if not attached and is_blank(text):
        raise ValidationError({"text": _("Write something, or attach a file.")})
    if len(text) > MAX_LENGTH:
        raise ValidationError(
            {
                "text": _("A message has at most %(limit)s characters; this one has %(count)s.")
                % {"limit": MAX_LENGTH, "count": len(text)}
            }
        )


def _write(
    author_pk: int,
    to_pk: int,
    text: str,
    attached: list[Checked],
    key: UUID,
    by: Any,
    stored: list[str],
) -> Message:
    """Everything that happens in the transaction; names of stored files go into `stored` as they come about."""
    # Both people first, lower key first: two who write to each other wait in line, as does whoever deactivates or
    # unassigns one of them. So what is asked next still holds when the message is there.
    people = {
        person.pk: person
        for person in Person._base_manager.select_for_update(no_key=True)
        .filter(pk__in=(author_pk, to_pk))
        .order_by("pk")
    }
    if len(people) < 2:
        raise ValidationError(_("This person is no longer here."))
    author, to = people[author_pk], people[to_pk]
    # Not the page's key alone: a page that comes back from the browser's history still has the one of its last message.
    key = uuid5(key, "\x00".join([str(author_pk), str(to_pk), text, *(file.name for file in attached)]))
    if sent := Message._base_manager.filter(key=key).first():
        return sent
    forget_reach(by)
    if reason := why_not(by, author, to):
        if conversation_between(author, to) is None:
            raise PermissionDenied
        raise ValidationError(reason)
    conversation = _conversation_for(author, to)
    now = timezone.now()
    message = Message(conversation=conversation, author=author, text=text, sent_at=now, key=key)
    message.save(force_insert=True)
    for file in attached:
        _attach(message, file, stored)
    sides = Participation._base_manager.filter(conversation=conversation)
    sides.filter(person=author).update(last_message_at=now)
    sides.filter(person=to).update(
        last_message_at=now,
        unread_count=F("unread_count") + 1,
        unread_since=Coalesce(F("unread_since"), now),
    )
    note_activity(author.pk, Person.Activity.MESSAGE)
    transaction.on_commit(lambda: announce(author.pk, to.pk), robust=True)
    return message


def _attach(message: Message, file: Checked, stored: list[str]) -> None:
    attachment = Attachment(
        message=message,
        name=file.name,
        kind=file.kind,
        content_type=file.content_type,
        size=file.content.size,
    )
    field = attachment.file.field
    # Nobody's name in the folder, and noted before it is written: a full disk leaves half a file.
    name = field.generate_filename(attachment, f"{uuid4().hex}.{file.extension}")
    stored.append(name)
    attachment.file = field.storage.save(name, file.content)
    attachment.save(force_insert=True)


def _conversation_for(author: Person, to: Person) -> Conversation:
    """The conversation of two people whose rows are locked, made if they have none."""
    if (conversation := conversation_between(author, to)) is not None:
        return conversation
    first, second = sorted((author, to), key=lambda person: person.pk)
    conversation = Conversation(organization_id=author.organization_id, first=first, second=second)
    conversation.save(force_insert=True)
    Participation._base_manager.bulk_create(
        Participation(conversation=conversation, person=person, other=other)
        for person, other in ((first, second), (second, first))
    )
    return conversation
