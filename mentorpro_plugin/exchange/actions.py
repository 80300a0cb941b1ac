"""Imports step by step: the file, what its columns mean, the yes; stopping one, and taking one back.

Whoever uploaded a file goes on with it, and reads it: it may tell of people beyond the reach of others. Whoever sees
an import may stop it, or have it undone. All rights are asked again at each step, and by the worker before it stores.
"""

import tempfile
from pathlib import PurePath
from typing import IO, Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..access.reach import reach_of
from ..activity.history import record
from ..activity.models import HistoryEntry
from ..conversations.models import private_storage
from ..conversations.uploads import clean_name
from ..leases import WAIT
from ..organizations.archiving import refuse_archived
from ..organizations.models import Organization
from . import foretelling
from .keeping import digest_of, keep_upload
from .limits import MOST_BYTES
from .mapping import Mapping, remember
from .models import ImportedPerson, RosterImport
from .plan import Kind
from .planfile import PlanFile
from .reading import SUFFIXES, too_large
from .refused import write_refused
from .working import begin, call_next, fresh

State = RosterImport.State


def may_go_on(roster_import: RosterImport, user: Any) -> bool:
    """Whether `user` may say what the columns mean, and confirm: who uploaded the file, and may still import there."""
    return (
        roster_import.by_id is not None and roster_import.by_id == user.pk and _may_see(roster_import, user)
    )


def may_read(roster_import: RosterImport, user: Any) -> bool:
    """Whether `user` may read the file and the plan: who uploaded it, and who reaches everybody anyhow."""
    return may_go_on(roster_import, user) or reach_of(user).everything


def upload(file: File, *, name: str, organization: Organization | None, by: Any) -> RosterImport:
    """Store `file`, called `name`, for an import into `organization`, and have it read.

    `organization` confines the import to itself and its children. A Super Admin may leave it open; without it, others
    import into their own. Raises PermissionDenied if `by` may not import there; ValidationError for an archived
    organization, a file that is empty or too large, and a storage that doesn't take it.
    """
    organization = _confines(organization, by)
    name, size = clean_name(name), file.size
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise ValidationError(_("Only CSV, TSV and XLSX files can be read."))
    if not size:
        raise ValidationError(_("The file is empty."))
    if size > MOST_BYTES:
        raise ValidationError(too_large())
    roster_import = RosterImport(
        organization=organization,
        by=by,
        file_name=name,
        size=size,
        digest=digest_of(file),
        # Until the file is stored. If that never ends, whoever takes this up says so.
        due_at=timezone.now() + WAIT,
    )
    roster_import.save(force_insert=True)
    try:
        kept = keep_upload(roster_import, file)
    except OSError as error:
        RosterImport._base_manager.filter(pk=roster_import.pk).delete()
        raise ValidationError(
            _(
                "The file couldn't be stored. Try again later; if that doesn't help, tell whoever runs the site."
            )
        ) from error
    with transaction.atomic():
        roster_import.file = kept
        roster_import.save(update_fields=["file"])
        begin(roster_import)
    return roster_import


@transaction.atomic
def set_mapping(
    roster_import: RosterImport, mapping: Mapping, *, sheet: str = "", heading_line: int = 0, by: Any
) -> RosterImport:
    """Keep what the columns mean, and have the rows checked; where another sheet or line of headings is named, have
    the file read again first.

    Raises PermissionDenied unless `by` uploaded the file, and may still import there; ValidationError if the import
    isn't waiting for it.
    """
    current = _own(roster_import, by)
    if current.state not in (State.MAPPING, State.PREVIEW):
        raise ValidationError(_("This import doesn't wait for its columns to be checked."))
    glance = current.glance
    found = (glance.get("sheet", ""), glance.get("heading_line", 0))
    if (sheet or found[0], heading_line or found[1]) != found:
        return _enter(current, State.UPLOADED, sheet=sheet, heading_line=heading_line)
    if len(mapping.meanings) != len(glance["headings"]):
        raise ValidationError(_("These aren't the columns of the file. Load the page again."))
    return _enter(current, State.PLANNING, mapping=mapping.as_json(), rows_total=glance.get("rows", 0))


@transaction.atomic
def confirm(roster_import: RosterImport, *, only_valid: bool = False, by: Any) -> RosterImport:
    """Have the plan carried out: whole, or with `only_valid` the rows that nothing speaks against.

    Raises PermissionDenied unless `by` uploaded the file, and may still import there; ValidationError if there is no
    preview to confirm or no row in it, and for refused rows without `only_valid`.
    """
    current = _own(roster_import, by)
    if current.state != State.PREVIEW:
        raise ValidationError(_("This import doesn't wait for a confirmation."))
    if not any(current.counts.get(kind) for kind in Kind):
        raise ValidationError(_("The file has no rows below its headings, so there is nothing to store."))
    if current.counts.get(Kind.REFUSED) and not only_valid:
        raise ValidationError(
            _("Some rows are refused. Mend them and upload the file again, or store the valid rows only.")
        )
    # Not before: what was tried out and given up is nothing to remember.
    if current.organization is not None:
        mapping = Mapping.from_json(current.mapping)
        remember(mapping, current.glance["headings"], organization=current.organization)
    to_store = current.counts.get(Kind.NEW, 0) + current.counts.get(Kind.CHANGED, 0)
    return _enter(current, State.STORING, only_valid=only_valid, batch=uuid4(), rows_total=to_store)


@transaction.atomic
def cancel(roster_import: RosterImport, *, by: Any) -> RosterImport:
    """Stop an import that isn't stored yet; nothing of it will be.

    Raises PermissionDenied unless `by` sees it and may import there; ValidationError if it has ended already.
    """
    current = _seen(roster_import, by)
    if current.state not in RosterImport.STOPPABLE:
        raise ValidationError(_("This import has ended already, and can't be stopped any more."))
    was_storing = current.state == State.STORING
    _enter(current, State.CANCELLED, finished_at=timezone.now(), files_expire_at=timezone.now())
    if was_storing:
        call_next(current)
    return current


def undo_preview(roster_import: RosterImport, *, by: Any) -> foretelling.Preview:
    """Return what undoing would take back, and what it couldn't, and why. Raises PermissionDenied as `undo` does."""
    if not _may_see(roster_import, by):
        raise PermissionDenied
    return foretelling.preview(roster_import, by=by)


@transaction.atomic
def undo(roster_import: RosterImport, *, by: Any) -> RosterImport:
    """Have taken back what an import stored, as far as nothing has come of it since.

    Raises PermissionDenied unless `by` sees the import and may import there; ValidationError if it stored nothing, or
    was undone already.
    """
    current = _seen(roster_import, by)
    if current.state != State.DONE:
        raise ValidationError(_("Only an import that is done can be undone, and once."))
    left = ImportedPerson._base_manager.filter(roster_import=current, is_undone=False).count()
    return _enter(current, State.UNDOING, undone_by=by, rows_total=left)


def open_plan(roster_import: RosterImport) -> PlanFile:
    """Open the plan of an import. Raises FileNotFoundError if there is none, or no more."""
    if not roster_import.plan:
        raise FileNotFoundError
    return PlanFile(private_storage().open(roster_import.plan))


def refused_rows(roster_import: RosterImport, *, by: Any) -> IO[bytes]:
    """Return the refused rows as CSV, with the reasons; that `by` took them away stands in the history.

    Raises PermissionDenied unless `by` may read them; FileNotFoundError if the files are gone.
    """
    _check_readable(roster_import, by)
    with open_plan(roster_import) as plan:
        stream = tempfile.TemporaryFile()  # noqa: SIM115 (goes with the object)
        write_refused(plan, stream)
    stream.seek(0)
    _note_download(roster_import, "refused", by)
    return stream


def original_file(roster_import: RosterImport, *, by: Any) -> File:
    """Return the file as it was uploaded; that `by` took it away stands in the history. Raises as `refused_rows`."""
    _check_readable(roster_import, by)
    if not roster_import.file:
        raise FileNotFoundError
    file = private_storage().open(roster_import.file)
    _note_download(roster_import, "upload", by)
    return file


def _confines(organization: Organization | None, by: Any) -> Organization | None:
    """Return the organization to which an import by `by` is confined. Raises as `upload`."""
    reach = reach_of(by)
    if organization is None and not reach.everything:
        organization = Organization._base_manager.filter(pk=reach.organization).first()
        if organization is None:
            raise PermissionDenied
    if not by.has_perm("mentorpro_plugin.import_roster", organization):
        raise PermissionDenied
    if organization is not None:
        refuse_archived(organization.pk)
    return organization


def _may_see(roster_import: RosterImport, user: Any) -> bool:
    """Whether `user` sees the import, and may import where it goes."""
    if not RosterImport.objects.visible_to(user).filter(pk=roster_import.pk).exists():
        return False
    if roster_import.organization is None:
        return reach_of(user).everything
    return user.has_perm("mentorpro_plugin.import_roster", roster_import.organization)


def _seen(roster_import: RosterImport, by: Any) -> RosterImport:
    """Return the import as it is now, locked. Raises PermissionDenied unless `by` sees it, and may import there."""
    current = RosterImport._base_manager.select_for_update().get(pk=roster_import.pk)
    if not _may_see(current, by):
        raise PermissionDenied
    return current


def _own(roster_import: RosterImport, by: Any) -> RosterImport:
    """Return the import as it is now, locked. Raises PermissionDenied unless `by` may go on with it."""
    current = _seen(roster_import, by)
    if not may_go_on(current, by):
        raise PermissionDenied
    if current.organization_id:
        refuse_archived(current.organization_id)
    return current


def _enter(roster_import: RosterImport, state: str, **values: Any) -> RosterImport:
    """Put the import into another state; where a worker has something to do there, have it begin."""
    values = fresh(state, **values)
    for name, value in values.items():
        setattr(roster_import, name, value)
    roster_import.save(update_fields=list(values))
    if roster_import.is_open:
        begin(roster_import)
    return roster_import


def _check_readable(roster_import: RosterImport, by: Any) -> None:
    if not may_read(roster_import, by):
        raise PermissionDenied


def _note_download(roster_import: RosterImport, what: str, by: Any) -> None:
    record(
        roster_import,
        HistoryEntry.Action.DOWNLOADED,
        by=by,
        organization=roster_import.organization_id,
        changes={"file": what},
    )
