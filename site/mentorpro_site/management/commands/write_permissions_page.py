"""Writes docs/permissions.md from the table that the code enforces."""

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import translation

from mentorpro_plugin.access.guide import MEANINGS, OWN_CONVERSATIONS, OWN_GOALS, nobody_may
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.access.table import TABLE, Span

PATH = settings.BASE_DIR / "docs" / "permissions.md"

INTRODUCTION = """\
# Who may do what

<!-- Written by `python manage.py write_permissions_page` from mentorpro_plugin/access/table.py: change that, not this. -->

One row is a capability, one column a type of user; the cell says how far it reaches. Where there is a dash, the
answer is no. The code reads its permissions from the same table, so this page cannot promise anything else. The
site shows the same for each type of user, in the admin under **Permissions** and for everybody at
`/help/permissions/`.
"""


class Command(BaseCommand):
    help = "Write docs/permissions.md from the permission table."

    def handle(self, **options):
        PATH.write_text(permissions_page(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH.relative_to(settings.BASE_DIR)}.")


def permissions_page() -> str:
    """The page as Markdown: the table, then what its words mean, and what nobody may."""
    with translation.override("en"):
        header = ["Capability", *(str(role.label) for role in Role)]
        rows = [[str(row.label), *(_reach(row.spans.get(role, Span.NONE)) for role in Role)] for row in TABLE]
        meanings = MEANINGS | {
            Span.OWN: f"{MEANINGS[Span.OWN]}; of conversations, {OWN_CONVERSATIONS}; of goals, {OWN_GOALS}"
        }
        notes = [f"- **{span.label}**: {meaning}." for span, meaning in meanings.items()]
        refusals = [f"- {phrase}" for phrase in nobody_may()]
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, rows)]
    return "\n".join(
        [
            INTRODUCTION,
            *lines,
            "",
            "## What the words mean",
            "",
            *notes,
            "",
            "## What nobody may",
            "",
            *refusals,
            "",
        ]
    )


def _reach(span: Span) -> str:
    return "–" if span == Span.NONE else str(span.label)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
