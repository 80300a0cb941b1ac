"""Takes authenticator app, passkeys and recovery codes from the account of somebody who has lost them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...access.roles import STAFF
from ...accounts.actions import reset_second_factor
from ...activity.history import history_through
from ...activity.models import HistoryEntry
from ...people.models import Person


class Command(BaseCommand):
    help = (
        "Remove the second factor of the member of staff with the address EMAIL: authenticator app, passkeys and"
        " recovery codes. Their sessions end; they log in by password, and set up another one. They are told by"
        " e-mail. Be sure first that it is they who ask."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *, email: str, **options: Any) -> None:
        people = Person._base_manager.select_related("user")
        person = people.filter(email__iexact=email.strip(), role__in=STAFF).first()
        if person is None:
            raise CommandError("No member of staff has that e-mail address.", returncode=2)
        with history_through(HistoryEntry.Via.COMMAND):
            count = reset_second_factor(person, by=None)
        if not count:
            raise CommandError("There is no second factor to remove.")
        self.stdout.write("The second factor is removed, and all sessions are ended.")
