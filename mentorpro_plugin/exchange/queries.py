"""What the screens say of imports: how far one is, what it does in words, and the pages of its plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from wagtail.admin.paginator import WagtailPaginator

from ..access.roles import COORDINATORS, PARTICIPANTS, Role
from ..activity.names import name_of
from ..identifiers.models import Identifier
from ..organizations.models import Organization
from ..people.models import Person, ProgramManager
from ..programs.models import Program
from .headings import Column
from .models import RosterImport
from .plan import Kind
from .planfile import PlanFile, PlanRow
from .working import storing_before

#: Rows on a page of the preview.
PAGE_SIZE = 50
#: A select with more options helps nobody; above it, the word is typed.
MOST_CHOICES = 200
#: Below so many rows, or seconds, a rate is a guess.
_ROWS_TO_TELL = 50
_SECONDS_TO_TELL = 2


def importable_by(user: Any) -> QuerySet[Organization]:
    """Return the organizations into which `user` may import."""
    return Organization.objects.permitted(user, "import_roster").filter(archived_at=None)


@dataclass(frozen=True)
class Choices:
    """What can be said of the columns of an import. A constant without choices is typed."""

    identifiers: list[str]
    constants: dict[Column, list[tuple[str, str]] | None]


def choices_for(roster_import: RosterImport, user: Any) -> Choices:
    """Return what `user` may say of the columns of `roster_import`: nothing beyond their reach, nor beyond its confines."""
    organizations = importable_by(user)
    if confines := roster_import.organization:
        organizations = organizations.filter(Q(pk=confines.pk) | Q(parent=confines.pk))
    identifiers = Identifier.objects.all()
    if confines:
        identifiers = identifiers.filter(organization=confines.tree_id)
    programs = Program.objects.visible_to(user).filter(organization__in=organizations, archived_at=None)
    managers = ProgramManager.objects.visible_to(user).filter(
        organization__in=organizations, status=Person.Status.ENABLED
    )
    constants: dict[Column, list[tuple[str, str]] | None] = {
        Column.ROLE: [(str(role.label), str(role.label)) for role in _roles_given_by(user)],
        Column.PROGRAM: _few([(row.name, row.name) for row in programs[: MOST_CHOICES + 1]]),
        Column.PROGRAM_MANAGER: _few(
            [(row.id_number, f"{row.full_name} ({row.id_number})") for row in managers[: MOST_CHOICES + 1]]
        ),
        Column.MENTOR: None,
    }
    if len(places := [(row.name, row.name) for row in organizations[: MOST_CHOICES + 1]]) > 1:
        # One alone is where the import is confined to anyhow.
        constants[Column.ORGANIZATION] = _few(places)
    names = identifiers.order_by("name").values_list("name", flat=True).distinct()
    return Choices(list(names[:MOST_CHOICES]), constants)


def _roles_given_by(user: Any) -> list[Role]:
    """The roles in which `user` may add people by a roster, those of the most people first."""
    roles = (*reversed(PARTICIPANTS), *COORDINATORS)
    return [role for role in roles if user.has_perm(Person(role=role).permission("add"))]


def _few(choices: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """Return each of `choices` once; None of more than anybody would look through."""
    return list(dict(choices).items()) if len(choices) <= MOST_CHOICES else None


def uploader_of(roster_import: RosterImport, viewer: Any) -> str:
    """Return who uploaded it, as far as `viewer` may know."""
    return name_of(roster_import.by, viewer) or _("somebody deleted")


def headline(roster_import: RosterImport, *, uploader: str) -> str:
    """Return in a sentence what is being done with the import, or what became of it."""
    states = RosterImport.State
    sentences: dict[str, str] = {
        states.UPLOADED: _("The file is being read."),
        states.MAPPING: _("It waits for %(name)s to say what its columns mean."),
        states.PLANNING: _("The rows are being checked. Nothing is stored yet."),
        states.PREVIEW: _("It waits for %(name)s to confirm it."),
        states.STORING: _storing(roster_import),
        states.DONE: _("The import is done."),
        states.FAILED: _("The import failed. Nothing was stored."),
        states.CANCELLED: _("The import was cancelled. Nothing was stored."),
        states.UNDOING: _("The import is being undone."),
        states.UNDONE: _("The import was undone."),
    }
    return sentences[roster_import.state] % {"name": uploader}


def _storing(roster_import: RosterImport) -> str:
    if roster_import.state == RosterImport.State.STORING and storing_before(roster_import).exists():
        return _("It waits in line: another import into the same organization is being stored.")
    return _("The rows are being stored.")


@dataclass(frozen=True)
class Progress:
    """How far the present state of an import is. `percent` is None as long as nobody knows."""

    done: int
    total: int
    #: Rows a second, and seconds that are left; None until they can be told.
    rate: float | None = None
    left: float | None = None

    @property
    def percent(self) -> int | None:
        return min(100 * self.done // self.total, 99) if self.total and self.done else None

    @property
    def sentence(self) -> str:
        """Rows done of all, the rate, and the time left, as far as they are known."""
        if not self.total:
            return ""
        if not self.done:
            return ngettext("%(count)s row.", "%(count)s rows.", self.total) % {"count": _number(self.total)}
        numbers = {"done": _number(self.done), "total": _number(self.total)}
        if self.rate is None or self.left is None:
            return _("%(done)s of %(total)s rows.") % numbers
        return _("%(done)s of %(total)s rows, %(rate)s a second. %(left)s left.") % {
            **numbers,
            "rate": _number(round(self.rate)),
            "left": duration(self.left),
        }


def progress_of(roster_import: RosterImport) -> Progress:
    """Return how far the present state is."""
    done, total = roster_import.rows_done, roster_import.rows_total
    seconds = (timezone.now() - roster_import.state_since).total_seconds()
    if not total or done < _ROWS_TO_TELL or seconds < _SECONDS_TO_TELL:
        return Progress(done, total)
    rate = done / seconds
    return Progress(done, total, rate, max(total - done, 0) / rate)


def duration(seconds: float) -> str:
    """Return `seconds` as somebody would say it who waits: “About 40 seconds”, “About 3 minutes”."""
    if seconds < 10:
        return _("A few seconds")
    if seconds < 90:
        rounded = 10 * round(seconds / 10)
        return ngettext("About %(count)d second", "About %(count)d seconds", rounded) % {"count": rounded}
    minutes = round(seconds / 60)
    return ngettext("About %(count)d minute", "About %(count)d minutes", minutes) % {"count": minutes}


#: What rows are called by what becomes of them, in the order of the tabs.
KINDS = {
    Kind.NEW: gettext_lazy("New"),
    Kind.CHANGED: gettext_lazy("Changed"),
    Kind.UNCHANGED: gettext_lazy("Unchanged"),
    Kind.REFUSED: gettext_lazy("Refused"),
}


def rows_by_kind(counts: Mapping[str, int]) -> list[tuple[str, Any, int]]:
    """Return kind, label and number of rows, of each kind."""
    return [(kind.value, label, counts.get(kind, 0)) for kind, label in KINDS.items()]


def rows_in_words(roster_import: RosterImport) -> list[str]:
    """Return the numbers of rows by kind, those that there are: “New: 140”, “Refused: 2”."""
    return [
        f"{label}: {_number(count)}" for _kind, label, count in rows_by_kind(roster_import.counts) if count
    ]


def what_it_would_do(counts: Mapping[str, int]) -> list[str]:
    """Return in sentences what goes with the rows: assignments that begin or end, and the mail that is sent."""
    return _sentences(
        counts,
        {
            "openings": ngettext_lazy(
                "%(count)s assignment begins.", "%(count)s assignments begin.", "count"
            ),
            "endings": ngettext_lazy("%(count)s assignment ends.", "%(count)s assignments end.", "count"),
            "welcomes": ngettext_lazy(
                "%(count)s person gets the welcome by e-mail.",
                "%(count)s people get the welcome by e-mail.",
                "count",
            ),
            "notices": ngettext_lazy(
                "%(count)s person is told of an assignment by e-mail.",
                "%(count)s people are told of an assignment by e-mail.",
                "count",
            ),
        },
    )


def what_it_did(counts: Mapping[str, int]) -> list[str]:
    """Return in sentences what went with the rows."""
    return _sentences(
        counts,
        {
            "openings": ngettext_lazy("%(count)s assignment began.", "%(count)s assignments began.", "count"),
            "endings": ngettext_lazy("%(count)s assignment ended.", "%(count)s assignments ended.", "count"),
            "welcomes": ngettext_lazy(
                "%(count)s person was written the welcome.",
                "%(count)s people were written the welcome.",
                "count",
            ),
            "notices": ngettext_lazy(
                "%(count)s person was written of an assignment.",
                "%(count)s people were written of an assignment.",
                "count",
            ),
        },
    )


def _sentences(counts: Mapping[str, int], texts: Mapping[str, Any]) -> list[str]:
    return [str(text % {"count": counts[name]}) for name, text in texts.items() if counts.get(name)]


class PlanPaginator(WagtailPaginator):
    """The rows of one kind in a plan, a page of which is read without the others."""

    def __init__(self, plan: PlanFile, kind: Kind, count: int) -> None:
        super().__init__([], PAGE_SIZE)
        self.plan, self.kind, self._count = plan, kind, count

    @cached_property
    def count(self) -> int:
        return self._count

    @cached_property
    def items_count_label(self) -> str:
        return ngettext("%(count)s row", "%(count)s rows", self.count) % {"count": _number(self.count)}

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        rows: list[PlanRow] = self.plan.page(self.kind, number, PAGE_SIZE)
        return self._get_page(rows, number, self)


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)
