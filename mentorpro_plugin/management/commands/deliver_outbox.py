"""Sends what waits in the outbox: until it is stopped, or once."""

import signal
from typing import Any

from django.core.management import BaseCommand, CommandError

from mentorpro_plugin.outbox.deliverer import Deliverer
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_plugin.outbox.rounds import due_rounds, run_round


class Command(BaseCommand):
    help = "Send e-mails and text messages from the outbox, until SIGTERM or Ctrl-C. Any number of processes may run."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="Send what is due now, and end.")

    def handle(self, *, once: bool, **options: Any) -> None:
        if once:
            for name in due_rounds():
                run_round(name)
            self.stdout.write(f"Sent: {deliver_due()}.")
            return
        deliverer = Deliverer()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: deliverer.stop())
        self.stdout.write("Delivering the outbox.")
        self.stdout.flush()
        if not deliverer.run():
            raise CommandError("Something on its way had to be left. It will be sent again.")
        self.stdout.write("Stopped.")
