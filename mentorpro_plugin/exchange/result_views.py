"""The page of an import: how far it is, and what came of it; what can be fetched, cancelled and undone."""

from pathlib import PurePath
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator

from ..activity.names import name_of
from ..downloads import as_download
from ..people.links import profile_url
from ..people.models import Person
from .actions import cancel, may_read, original_file, refused_rows, undo, undo_preview
from .models import ImportedPerson, RosterImport
from .plan import Kind
from .queries import PAGE_SIZE, headline, progress_of, rows_by_kind, uploader_of, what_it_did
from .undoing import Kept
from .views import ImportPage, OnOneImport

State = RosterImport.State
#: Where the uploader of an import in such a state is led.
_NEXT = {State.MAPPING: "imports:columns", State.PREVIEW: "imports:preview"}

#: States at the last step.
_STORED = (State.STORING, State.DONE, State.UNDOING, State.UNDONE)


class ProgressView(ImportPage, TemplateView):
    """How far it is; afterwards, what came of it. Leads its uploader on to whatever waits for an answer."""

    template_name = "mentorpro_plugin/exchange/import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_own and (step := _NEXT.get(self.roster_import.state)):
            return redirect(step, self.roster_import.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roster_import = self.roster_import
        return {
            **super().get_context_data(**kwargs),
            **self._people(),
            "progress": progress_of(roster_import),
            "state_url": reverse("imports:state", args=[roster_import.pk]),
            "rows": rows_by_kind(roster_import.counts),
            "effects": what_it_did(roster_import.counts),
            "may_read": may_read(roster_import, self.request.user),
            "is_stoppable": roster_import.state in RosterImport.STOPPABLE,
            "is_undoable": roster_import.state == State.DONE,
            "refused": roster_import.counts.get(Kind.REFUSED, 0),
            "headline": headline(roster_import, uploader=uploader_of(roster_import, self.request.user)),
            "undoer": name_of(roster_import.undone_by, self.request.user),
            "batch_url": self._batch_url(),
            # Where the steps say that the user is.
            "step": 4 if roster_import.state in _STORED else 2,
        }

    def _batch_url(self) -> str:
        batch = self.roster_import.batch
        is_there = batch and self.roster_import.state in (State.DONE, State.UNDOING, State.UNDONE)
        return f"{reverse('history:index')}?batch={batch}" if is_there else ""

    def _people(self) -> dict[str, Any]:
        """A page of those whom the import added or changed, as far as the user may see them."""
        if self.roster_import.state not in (State.DONE, State.UNDONE):
            return {}
        paginator = WagtailPaginator(self._visible_people(), PAGE_SIZE)
        paginator.verbose_name, paginator.verbose_name_plural = _("person"), _("people")
        page = paginator.get_page(self.request.GET.get("p"))
        for row in page.object_list:
            row.url = profile_url(row.person)
            row.reason = Kept(row.kept).label if row.kept else ""
        return {"page_obj": page, "elided_page_range": paginator.get_elided_page_range(page.number)}

    def _visible_people(self) -> QuerySet[ImportedPerson]:
        people = ImportedPerson.objects.filter(
            roster_import=self.roster_import, person__in=Person.objects.visible_to(self.request.user)
        )
        if self.roster_import.state == State.UNDONE:
            people = people.exclude(kept="")
        return people.select_related("person__organization").order_by("line", "pk")


class StateView(ProgressView):
    """The part of the page that changes, asked for again and again while there is something to wait for."""

    template_name = "mentorpro_plugin/exchange/_state.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Leads nowhere: the script loads the page when there is nothing to wait for any more.
        return TemplateView.get(self, request, *args, **kwargs)

    def _people(self) -> dict[str, Any]:
        return {}


class CancelView(OnOneImport, View):
    """Stops an import that isn't stored yet, by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            cancel(self.roster_import, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The import was cancelled. Nothing was stored."))
        return redirect(self.import_url)


class UndoView(ImportPage, TemplateView):
    """What can be taken back, what can't and why; and the button that does it."""

    step = gettext_lazy("Undo")
    header_icon = "rotate"
    template_name = "mentorpro_plugin/exchange/undo.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.roster_import.state != State.DONE:
            return redirect(self.import_url)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            undo(self.roster_import, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect(self.import_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = undo_preview(self.roster_import, by=self.request.user)
        kept = [(Kept(reason).label, count) for reason, count in preview.kept.items() if count]
        return {**super().get_context_data(**kwargs), "preview": preview, "kept": kept}


class FileView(OnOneImport, View):
    """Sends a file of the import, by POST, since that is written down."""

    http_method_names = ["post"]
    rows_only = True

    def open(self) -> IO[bytes]:
        """Return the file. Raises FileNotFoundError where there is none, or no more."""
        raise NotImplementedError

    def get_name(self) -> str:
        return self.roster_import.file_name

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:
        try:
            file = self.open()
        except FileNotFoundError as error:
            raise Http404 from error
        return as_download(FileResponse(file, content_type="application/octet-stream"), self.get_name())


class OriginalView(FileView):
    """The file as it was uploaded."""

    def open(self) -> IO[bytes]:
        return original_file(self.roster_import, by=self.request.user)


class RefusedRowsView(FileView):
    """The refused rows, with the reasons beside them, to be mended and uploaded again."""

    def open(self) -> IO[bytes]:
        return refused_rows(self.roster_import, by=self.request.user)

    def get_name(self) -> str:
        return _("%(file)s, refused rows.csv") % {"file": PurePath(self.roster_import.file_name).stem}
