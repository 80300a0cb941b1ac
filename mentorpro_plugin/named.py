"""What programs, organizations, identifiers and their values have in common: a name that somebody typed."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .text import clean_name, is_blank


class Named:
    """For models with a `name`: it holds nothing that no name holds, and something that can be seen."""

    name: str

    def clean(self) -> None:
        super().clean()  # type: ignore[misc]
        self.name = clean_name(self.name)
        if is_blank(self.name):
            raise ValidationError({"name": _("Give it a name.")})
