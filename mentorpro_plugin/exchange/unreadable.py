"""Why a file can't be read, as a code: the process that reads knows no languages. `reading` has the sentences."""

from enum import StrEnum


class Why(StrEnum):
    #: Nothing but blank lines.
    EMPTY = "empty"
    #: `line`
    NO_HEADINGS = "no_headings"
    #: `sheet`
    NO_SHEET = "no_sheet"
    #: `count`
    MANY_COLUMNS = "many_columns"
    #: `count`
    MANY_ROWS = "many_rows"
    #: Neither UTF-8 nor UTF-16 nor Windows-1252, or not certainly.
    NO_TEXT = "no_text"
    #: UTF-8 but for a few bytes; `line`
    DAMAGED_TEXT = "damaged_text"
    #: `line`
    NO_CELLS = "no_cells"
    NO_WORKBOOK = "no_workbook"
    #: A workbook in the form that Excel had until 2003.
    OLD_WORKBOOK = "old_workbook"
    LOCKED_WORKBOOK = "locked_workbook"
    UNPACKS_TO_MUCH = "unpacks_to_much"
    #: More time or memory than there is for one file.
    COSTLY = "costly"
    #: Nothing is known against the file: what reads it doesn't work.
    BROKEN = "broken"


class Unreadable(Exception):
    """The file can't be read; `facts` are what the sentence names."""

    def __init__(self, why: Why, **facts: int | str) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts
