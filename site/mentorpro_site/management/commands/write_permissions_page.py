"""Writes docs/permissions.md from the table that the code enforces."""

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import translation

from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.access.table import TABLE, Span

PATH = settings.BASE_DIR / "docs" / "permissions.md"

INTRODUCTION = """\
# Who may do what

<!-- Written by `python manage.py write_permissions_page` from mentorpro_plugin/access/table.py: change that, not this. -->

One row is a capability, one column a type of user; the cell says how far it reaches. Where there is a dash, the
answer is no. The code reads its permissions from the same table, so this page cannot promise anything else.
"""

#: What each span means, in the order of the notes.
MEANINGS = {
    Span.ALL: "every organization of the site",
    Span.OWN_TREE: "the account's parent organization and all its child organizations",
    Span.OWN: "the account's one organization",
    Span.OWN_PROGRAMS: "the programs in which the account has an open assignment, and the people in them",
    Span.OWN_PROGRAMS_AND_UNASSIGNED: (
        "the same people, and those of the account's organization who have no open assignment"
    ),
    Span.OWN_MENTEES_AND_LEADS: "a mentor's own mentees and Program Managers",
    Span.OWN_MENTORS: "a mentee's own mentors",
    Span.OWN_LEADS: "a mentor's own Program Managers",
    Span.OWN_PROFILE: "the account's own profile, but for role, phone number, ID, organization and status",
}


class Command(BaseCommand):
    help = "Write docs/permissions.md from the permission table."

    def handle(self, **options):
        PATH.write_text(permissions_page(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH.relative_to(settings.BASE_DIR)}.")


def permissions_page() -> str:
    """The page as Markdown: the table, then what its words mean."""
    with translation.override("en"):
        header = ["Capability", *(str(role.label) for role in Role)]
        rows = [[str(row.label), *(_reach(row.spans.get(role, Span.NONE)) for role in Role)] for row in TABLE]
        notes = [f"- **{span.label}**: {meaning}." for span, meaning in MEANINGS.items()]
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, rows)]
    return "\n".join([INTRODUCTION, *lines, "", "## What the words mean", "", *notes, ""])


def _reach(span: Span) -> str:
    return "–" if span == Span.NONE else str(span.label)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
