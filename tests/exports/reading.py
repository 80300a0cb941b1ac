"""What exported files hold."""

import csv
import io
from itertools import zip_longest

from openpyxl import load_workbook


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def table(content: bytes) -> list[dict[str, str]]:
    """Rows of a CSV file by heading, cells as they stand there."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content: bytes) -> list[dict[str, str]]:
    """Rows of the first sheet of a workbook by heading."""
    headings, *rows = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].values
    # Empty cells at the end of a row aren't there.
    return [dict(zip_longest(headings, [cell or "" for cell in row], fillvalue="")) for row in rows]
