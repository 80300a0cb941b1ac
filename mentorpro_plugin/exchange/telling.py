"""How many people an import tells of their assignments."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..access.roles import Role
from ..conf import setting
from ..outbox.models import OutboxMessage
from .drafts import Draft, Known
from .marks import Marks
from .plan import Kind
from .register import People


class Told:
    """Counts those to whom `letters.actions.queue_notices` writes: each once, however many are assigned to them."""

    def __init__(self, by: Any) -> None:
        self._by = by
        self._marks = Marks()
        self._is_on = setting("ASSIGNMENT_NOTICES")

    @property
    def count(self) -> int:
        return len(self._marks)

    def tell(self, drafts: Iterable[Draft], people: People) -> None:
        """Count whom these rows concern. New people aren't among them: their welcome says it all."""
        concerned = {}
        for draft in drafts if self._is_on else ():
            if draft.kind != Kind.REFUSED:
                concerned.update((person.pk, person) for person in _concerned(draft, people))
        concerned = {pk: person for pk, person in concerned.items() if self._is_written_to(person)}
        if not concerned:
            return
        waiting = OutboxMessage._base_manager.filter(
            person__in=concerned, kind=OutboxMessage.Kind.WELCOME, state=OutboxMessage.State.WAITING
        )
        for pk in concerned.keys() - set(waiting.values_list("person", flat=True)):
            self._marks.first(pk, 1)

    def _is_written_to(self, person: Known) -> bool:
        return bool(person.email) and not person.is_deactivated and person.user_id != self._by.pk


def _concerned(draft: Draft, people: People) -> Iterator[Known]:
    """Yield those who are there already of whoever an opening of the row concerns."""
    if draft.person and draft.openings:
        yield draft.person
    if draft.role == Role.MENTEE:
        for opening in draft.openings:
            if opening.lead is not None and (lead := people.with_key(opening.lead)):
                yield lead
