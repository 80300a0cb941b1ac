"""Timing pages side by side, so that whatever else the machine does falls on all of them alike."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import django
import wagtail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Timing:
    """How long a page took, in milliseconds, and how many queries it made."""

    median: float
    p95: float
    queries: int
    requests: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def time_pages(
    pages: dict[str, Callable[[], Any]], *, rounds: int, seconds: float, fewest: int = 5
) -> dict[str, Timing]:
    """Time each page `rounds` times, taking turns; no longer than `seconds` in all once each had `fewest`."""
    queries = {}
    for name, page in pages.items():
        page()
        with CaptureQueriesContext(connection) as captured:
            page()
        queries[name] = len(captured)
    spent: dict[str, list[float]] = {name: [] for name in pages}
    started = time.perf_counter()
    for number in range(rounds):
        if number >= fewest and time.perf_counter() - started > seconds:
            break
        for name, page in pages.items():
            before = time.perf_counter()
            page()
            spent[name].append((time.perf_counter() - before) * 1000)
    return {
        name: Timing(statistics.median(times), _p95(times), queries[name], len(times))
        for name, times in spent.items()
    }


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def page(client: Client, address: str, *, contains: str = "") -> Callable[[], None]:
    """A request for `address` through all of the site's middleware; fails unless it is answered as it should be."""

    def get() -> None:
        response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        assert contains in response.content.decode(), f"{address}: no {contains}"

    return get


def software() -> str:
    """What was measured with, in words that mean the same everywhere."""
    return (
        f"Python {platform.python_version()}, Django {django.__version__}, Wagtail {wagtail.__version__},"
        f" {os.cpu_count()} cores"
    )


def markdown_table(head: list[str], rows: Iterable[list[str]], *, words: int) -> str:
    """A table whose first `words` columns are words, and the others numbers."""
    align = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, align, *rows))
