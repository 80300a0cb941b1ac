"""Fills an empty site with a demo worth looking at, or with a million people to measure."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ...demo.building import Demo, build, is_there
from ...demo.crowd import SMALLEST
from ...demo.numbers import MOST
from ...people.models import Person


class Command(BaseCommand):
    help = (
        "Fill an empty site with invented organizations, programs and people. With DEBUG on, five log-ins come with"
        " them: superadmin@demo.test, parent@demo.test, child@demo.test, pm@demo.test and sc@demo.test, password"
        " mentorpro-demo. With DEBUG off, log-ins with a password that everybody knows are never made, and the"
        " command refuses to run unless --people says that a database is wanted for measuring. Once the demo is there,"
        " running the command again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = Demo()
        parser.add_argument("--people", type=int, help=f"How many people (default: {usual.people}).")
        parser.add_argument(
            "--organizations",
            type=int,
            default=usual.organizations,
            help="How many organizations; the first six are always the same ones (default: %(default)s).",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=usual.seed,
            help="The same number gives the same people (default: %(default)s).",
        )

    def handle(self, *, people: int | None, organizations: int, seed: int, **options: Any) -> None:
        if not settings.DEBUG and people is None:
            raise CommandError(
                "Demo data has log-ins whose password everybody knows, so it isn't made where DEBUG is off."
                " For measuring, give --people: then there are no log-ins."
            )
        if is_there():
            self.stdout.write("The demo data is there already. Nothing was changed.")
            return
        if Person._base_manager.exists():
            raise CommandError("This site has people of its own. Demo data is for an empty one.")
        demo = Demo(people or Demo.people, organizations, seed, log_ins=settings.DEBUG)
        _check(demo)
        started = time.monotonic()
        count = build(demo, written=Progress(demo.people, self.stderr).show)
        seconds = time.monotonic() - started
        self.stdout.write(f"Created {count:,} people in {organizations:,} organizations in {seconds:.1f} s.")


def _check(demo: Demo) -> None:
    if demo.organizations < 1:
        raise CommandError("There has to be at least one organization.", returncode=2)
    fewest = demo.organizations * SMALLEST
    if not fewest <= demo.people <= MOST:
        raise CommandError(
            f"For {demo.organizations:,} organizations, --people has to be between {fewest:,} and {MOST:,}"
            " (there are no more telephone numbers for fiction).",
            returncode=2,
        )


class Progress:
    """A bar on standard error; where that is no terminal, a line for every tenth."""

    WIDTH = 40
    #: Below so many people, it is over before anybody looks.
    FEWEST = 5_000

    def __init__(self, total: int, stderr: Any) -> None:
        self._total = total
        self._stderr = stderr
        self._started = time.monotonic()
        self._tenth = 0

    def show(self, done: int) -> None:
        if self._total < self.FEWEST:
            return
        share = min(done / self._total, 1)
        speed = done / max(time.monotonic() - self._started, 0.001)
        text = f"{share:4.0%}  {done:,} people  {speed:,.0f} a second"
        if self._stderr.isatty():
            filled = int(share * self.WIDTH)
            end = "\n" if share == 1 else ""
            self._stderr.write(f"\r[{'#' * filled:<{self.WIDTH}}] {text}", ending=end)
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            self._stderr.write(text)
