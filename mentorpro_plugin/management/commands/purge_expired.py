"""Removes what has had its time: exports, files of imports, files that no row knows any more."""

from typing import Any

from django.core.management import BaseCommand

from mentorpro_plugin.purging import label_of, purge_expired


class Command(BaseCommand):
    help = "Remove what has had its time, and files that nothing refers to. The deliverer does so each hour."

    def handle(self, **options: Any) -> None:
        purged = ", ".join(f"{count} {label_of(name)}" for name, count in purge_expired().items())
        self.stdout.write(f"Removed: {purged}.")
