"""What can be archived has a label wherever it is named."""

from datetime import datetime

from django.utils.translation import gettext


class Archivable:
    """For models with an `archived_at`."""

    archived_at: datetime | None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def labelled_name(self) -> str:
        """The name with its label, where `_archived.html` has no place: in choices and sentences."""
        return gettext("%(name)s (archived)") % {"name": self} if self.is_archived else str(self)
