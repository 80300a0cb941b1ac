"""The site's terms, and who agreed to which version of them. What they say is the site's own: see the setting TERMS."""

from typing import Any, Protocol

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ..activity.history import record
from ..activity.models import HistoryEntry
from ..conf import imported_setting, setting
from ..people.models import Person
from .models import Consent


class Terms(Protocol):
    """What the callable behind the setting TERMS returns.

    `version`, at most 64 characters, differs whenever people have to agree anew. `html` is trusted as it is.
    Title and text are in the reader's language where there is a translation; an object that has a `language`, such as
    "es", says which one it is, so that screen readers pronounce it right.
    """

    @property
    def version(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def html(self) -> str: ...


def current_terms() -> Terms | None:
    """Return the terms in force; None on a site that has none."""
    return imported_setting("TERMS")() if setting("TERMS") else None


def consent_to(terms: Terms, person: Person) -> Consent | None:
    """Return the consent of `person` to this version, if they gave it. One query."""
    return Consent._base_manager.filter(person=person, version=terms.version).first()


@transaction.atomic
def agree(person: Person, version: str, *, by: Any) -> None:
    """Keep that `person` agrees to this version of the terms. Raises PermissionDenied unless `by` is the person."""
    if by.pk != person.user_id:
        raise PermissionDenied
    _consent, is_new = Consent._base_manager.get_or_create(person=person, version=version)
    if is_new:
        record(
            person,
            HistoryEntry.Action.CONSENTED,
            by=by,
            organization=person.organization_id,
            person=person.pk,
            changes={"version": [None, version]},
        )
