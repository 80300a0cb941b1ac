"""What each column of a roster is for, in a sentence: for the screens, which can't send anybody to the guide."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from .headings import Column


class Meaning(NamedTuple):
    label: Any
    sentence: str


def column_meanings() -> list[Meaning]:
    """Return the columns in the order of a roster, and what stands in each."""
    sentences = {
        Column.ROLE: _("Mentor, Mentee, Program Manager or Success Coordinator."),
        Column.FULL_NAME: _("Where first and last name don't have a column each."),
        Column.PHONE: _("As it is dialled in the organization's country, or with + and the country code."),
        Column.ID: _(
            "Your own number for the person. People are found by it, or else by their phone number."
        ),
        Column.EMAIL: _("New people get the welcome there."),
        Column.ORGANIZATION: _("Its name. Rows without one belong to the organization that you choose here."),
        Column.PROGRAM: _("Its name. Several programs have | between them."),
        Column.PROGRAM_MANAGER: _("Of a mentor: by ID, phone number or e-mail address."),
        Column.MENTOR: _(
            "Of a mentee, likewise. Several have ; between them, and those of several programs |."
        ),
        Column.PRIMARY_MENTOR: _("Those of them that are the mentee's main contact."),
        Column.END: _("The word “end” ends the person's assignment in the program of the row."),
    }
    return [
        *(Meaning(column.label, sentence) for column, sentence in sentences.items()),
        Meaning(_("Any identifier, such as Grade"), _("One of its values.")),
    ]
