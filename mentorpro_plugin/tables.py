"""Columns that rosters are made of. Each cell names its column, so that narrow screens can show rows as cards."""

from collections.abc import Callable
from typing import Any

from wagtail.admin.ui.tables import ButtonsColumnMixin, Column


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
        return {**context, "value": self.get_value(instance), "url": self.get_url(instance)}


class LinesColumn(Column):
    """Several short lines: the accessor returns a list of strings."""

    cell_template_name = "mentorpro_plugin/tables/lines_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "lines": self.get_value(instance)}


class StatusColumn(Column):
    """A person's status."""

    cell_template_name = "mentorpro_plugin/tables/status_cell.html"


class MomentColumn(Column):
    """The date of a moment, or "never"."""

    cell_template_name = "mentorpro_plugin/tables/date_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        return {**super().get_cell_context_data(instance, parent_context), "value": self.get_value(instance)}


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
