"""Answers that are files."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from ..access.roles import Role
from ..downloads import as_download
from ..organizations.models import Organization
from .rosters import CSV, XLSX, RosterExport

_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def roster_file(listing: Any, file_format: str) -> StreamingHttpResponse:
    """Answer with the people of a roster, as the view `listing` shows them."""
    export = RosterExport(
        listing.get_queryset(),
        role=Role(listing.role),
        by=listing.request.user,
        ordering=listing.ordering,
        tree=_chosen_tree(listing),
        filters=_filters(listing),
    )
    name = f"{listing.get_filename()}-{timezone.localdate().isoformat()}.{file_format}"
    return as_download(
        StreamingHttpResponse(export.written(file_format), content_type=_TYPES[file_format]), name
    )


def _filters(listing: Any) -> list[str]:
    """Return by what the list is narrowed; a search is called "q", as in the address."""
    names = list(listing.filters.form.changed_data) if listing.is_filtering else []
    return [*names, "q"] if listing.is_searching else names


def _chosen_tree(listing: Any) -> int | None:
    """Return the parent organization above the one that the list is filtered by."""
    chosen = listing.filters.form.cleaned_data.get("organization") if listing.is_filtering else None
    organization = Organization.objects.filter(pk=chosen).first() if chosen else None
    return organization.tree_id if organization else None
