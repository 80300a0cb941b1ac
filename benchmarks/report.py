"""The measurements as a page of documentation."""

from collections.abc import Iterator
from typing import Any

from .measuring import markdown_table

_SEARCHES = ("last name", "full name", "phone", "ID")


def report(results: list[dict[str, Any]], *, command: str) -> str:
    """Return Markdown: one table of times, one of what should hold. `results` come one a size."""
    first = results[0]
    return "\n".join(
        [
            f"### {first['database']}",
            "",
            f"{first['date']}, {first['software']}. Milliseconds: median (95th percentile); in brackets the queries.",
            "",
            f"    {command}",
            "",
            markdown_table(
                [
                    "people",
                    "who",
                    "what",
                    "ours",
                    "plain Wagtail",
                    "tuned Wagtail",
                    "ours / plain",
                    "ours / tuned",
                ],
                _times(results),
                words=3,
            ),
            "",
            markdown_table(["target", "limit", "measured", "met"], _targets(results), words=1),
            "",
        ]
    )


def _times(results: list[dict[str, Any]]) -> Iterator[list[str]]:
    for result in results:
        for scene in result["scenes"]:
            timings = scene["timings"]
            yield [
                f"{result['people']:,}",
                scene["who"],
                scene["what"] + (f", {scene['rows']} rows" if scene["what"] == "listing" else ""),
                *(_cell(timings[peer]) for peer in ("ours", "plain", "tuned")),
                *(
                    f"{timings['ours']['median'] / timings[peer]['median']:.2f}"
                    for peer in ("plain", "tuned")
                ),
            ]


def _cell(timing: dict[str, Any]) -> str:
    return f"{timing['median']:,.0f} ({timing['p95']:,.0f}) [{timing['queries']}]"


def _targets(results: list[dict[str, Any]]) -> Iterator[list[str]]:
    """What guards the speed of the rosters, with what was found."""
    by_size = {result["people"]: result["scenes"] for result in results}
    smallest, biggest = min(by_size), max(by_size)

    def median(size: int, who: str, what: str, peer: str = "ours", rows: int = 20) -> float:
        return _find(by_size[size], who, what, rows)["timings"][peer]["median"]

    def row(name: str, limit: float, value: float) -> list[str]:
        return [name, f"{limit:g}", f"{value:.2f}", "yes" if value <= limit else "**no**"]

    for who in ("Super Admin", "PM"):
        ratio = median(biggest, who, "listing") / median(biggest, who, "listing", "plain")
        yield row(f"{who}: listing of {biggest:,}, ours / plain", 0.6, ratio)
    for who, limit in (("PM", 1.3), ("Super Admin", 2.0)):
        growth = median(biggest, who, "listing") / median(smallest, who, "listing")
        yield row(f"{who}: listing of {biggest:,} / of {smallest:,}", limit, growth)
    for who in ("Child account", "PM"):
        for what in _SEARCHES:
            ratio = median(biggest, who, f"search: {what}") / median(biggest, who, "listing", "plain")
            yield row(f"{who}: search by {what} among {biggest:,}, ours / plain listing", 1.2, ratio)
    for what in _SEARCHES:
        scene = f"search: {what}"
        ratio = median(biggest, "Super Admin", scene) / median(biggest, "Super Admin", scene, "plain")
        yield row(f"Super Admin: search by {what} among {biggest:,}, ours / plain", 0.25, ratio)
    listings = [scene for scenes in by_size.values() for scene in scenes if scene["what"] == "listing"]
    most = max(scene["timings"]["ours"]["queries"] for scene in listings)
    yield ["most queries of a listing", "15", str(most), "yes" if most <= 15 else "**no**"]
    apart = max(
        abs(
            _find(scenes, who, "listing", 20)["timings"]["ours"]["queries"]
            - _find(scenes, who, "listing", 100)["timings"]["ours"]["queries"]
        )
        for scenes in by_size.values()
        for who in ("Super Admin", "Child account", "PM")
    )
    yield ["more queries for 100 rows than for 20", "0", str(apart), "yes" if apart == 0 else "**no**"]


def _find(scenes: list[dict[str, Any]], who: str, what: str, rows: int) -> dict[str, Any]:
    return next(
        scene for scene in scenes if (scene["who"], scene["what"], scene["rows"]) == (who, what, rows)
    )
