"""Columns that rosters are made of. Each cell names its column, so that narrow screens can show rows as cards."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.ui.tables import BaseColumn, ButtonsColumnMixin, Column


def moment_text(moment: datetime | None) -> str:
    """Return what a cell says of a moment; nothing of none."""
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""


class LabelledColumn(Column):
    """A plain value."""

    cell_template_name = "mentorpro_plugin/tables/cell.html"


class NameColumn(Column):
    """A name that leads to a page: `get_url(instance)` says which."""

    cell_template_name = "mentorpro_plugin/tables/name_cell.html"

    def __init__(self, *args: Any, get_url: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.get_url = get_url

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        # Wagtail fills an empty value with a word; here an empty cell stays empty.
        return {
            **context,
            "value": self.get_value(instance),
            "url": self.get_url(instance),
            "is_archived": getattr(instance, "archived_at", None) is not None,
        }


class LinesColumn(Column):
    """Several short lines: the accessor returns a list of strings."""

    cell_template_name = "mentorpro_plugin/tables/lines_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "lines": self.get_value(instance)}


class StatusColumn(Column):
    """A person's status, as a switch where `get_url(instance)` says where it posts."""

    cell_template_name = "mentorpro_plugin/tables/status_cell.html"

    def __init__(self, *args: Any, get_url: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.get_url = get_url

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        url = self.get_url(instance)
        # A table hands down the request, but not what belongs to it.
        token = get_token(parent_context["request"]) if url else ""
        return {**context, "url": url, "csrf_token": token}


class ActivityColumn(Column):
    """The date of a person's last activity and what it was, or "never"."""

    cell_template_name = "mentorpro_plugin/tables/activity_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        kind = instance.get_last_activity_kind_display()
        return {**context, "value": self.get_value(instance), "kind": kind}


class ActionColumn(ButtonsColumnMixin, Column):
    """The three dots: `get_row_buttons(instance)` says what they open."""

    cell_template_name = "mentorpro_plugin/tables/action_cell.html"

    def __init__(self, *args: Any, get_row_buttons: Callable[[Any], list[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.get_row_buttons = get_row_buttons

    def get_value(self, instance: Any) -> str:
        return ""

    def get_buttons(self, instance: Any, parent_context: Any) -> list[Any]:
        return self.get_row_buttons(instance)


class SelectColumn(BaseColumn):
    """A box that selects the row. The form that takes it is the one with the id "mentorpro-selection"."""

    header_template_name = "mentorpro_plugin/tables/select_header.html"
    cell_template_name = "mentorpro_plugin/tables/select_cell.html"
