"""When somebody is deleted: the kept files that mention them go, with what was shown of them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..conversations.models import private_storage
from ..holdings import register_sweep
from ..people.languages import language_of
from .keeping import files_of, folders, forget_files
from .mentions import Mentions
from .models import RememberedHeading, RosterImport
from .working import call_next, fresh

Beat = Callable[[], object]


def forget_in_imports(person: Any, beat: Beat) -> None:
    """Stop imports of `person`, and those whose file mentions them; remove such files, of imports that ended as well."""
    own = RosterImport._base_manager.filter(by=person.user_id, state__in=RosterImport.STOPPABLE)
    for roster_import in own:
        _stop(roster_import, lambda: _("The account of whoever uploaded the file was deleted."))
    mentions = Mentions(person)
    # By what there is as well as by what imports know: a worker that was killed may have left a file.
    shown = RosterImport._base_manager.exclude(glance={}, mapping={}, sheet="").values_list("pk", flat=True)
    for pk in sorted({*folders(), *shown}):
        roster_import = RosterImport._base_manager.filter(pk=pk).first() or RosterImport(pk=pk)
        if _is_shown(roster_import, mentions) or any(_is_in(name, mentions, beat) for name in files_of(pk)):
            _stop(roster_import, lambda: _("Somebody was deleted whom the file mentions, so it was removed."))
            forget_files(roster_import)
        beat()
    for roster_import in RosterImport._base_manager.filter(mentions.in_columns("file_name", "error")):
        RosterImport._base_manager.filter(pk=roster_import.pk).update(file_name="…", error="")
    # The first row of a file without headings may have been taken for them.
    RememberedHeading._base_manager.filter(heading__in=mentions.letters()).delete()


def _stop(roster_import: RosterImport, reason: Callable[[], str]) -> None:
    """Cancel an import that isn't stored yet, whatever worker is at it; nothing of it will be."""
    user = get_user_model()._base_manager.filter(pk=roster_import.by_id).first()
    with translation.override(language_of(user, getattr(user, "mentorpro_person", None))):
        now = timezone.now()
        values = fresh(RosterImport.State.CANCELLED, finished_at=now, files_expire_at=now, error=reason())
    # One that is just about to be stored is waited for, and then isn't stopped any more.
    rows = RosterImport._base_manager.filter(pk=roster_import.pk, state__in=RosterImport.STOPPABLE)
    if rows.update(**values) and roster_import.state == RosterImport.State.STORING:
        call_next(roster_import)


def _is_shown(roster_import: RosterImport, mentions: Mentions) -> bool:
    """Whether what was shown of the file, or said of its columns, mentions the person."""
    glance, mapping = roster_import.glance, roster_import.mapping
    rows = [glance.get("headings", ()), *glance.get("samples", ())]
    alone = [roster_import.sheet, *glance.get("sheets", ()), *mapping.get("constants", {}).values()]
    return any(mentions.in_row(text) for text in (*map("|".join, rows), *alone))


def _is_in(name: str, mentions: Mentions, beat: Beat) -> bool:
    try:
        with private_storage().open(name) as file:
            return mentions.in_file(name, file, beat)
    except FileNotFoundError:
        return False


register_sweep(forget_in_imports)
