"""Says what is missing from the translations, or left over in them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.utils import find_command

from mentorpro_site.catalogues import FOLDERS, catalogues, faults, read


class Command(BaseCommand):
    help = "Check that every language is complete, and that its catalogues hold the sentences there are now."
    requires_system_checks = []

    def handle(self, **options):
        if find_command("xgettext") is None:
            raise CommandError("GNU gettext is missing. On Debian and Ubuntu: apt-get install gettext.")
        with tempfile.TemporaryDirectory() as folder:
            found = list(differences(settings.BASE_DIR, extracted_anew(Path(folder))))
        if found:
            raise CommandError("\n".join([*found, "Run `make messages`, then translate what is new."]))
        self.stdout.write("Every language is complete and up to date.")


def extracted_anew(folder: Path) -> Path:
    """A copy of the project in `folder`, with its catalogues brought up to date there."""
    copy = folder / "project"
    for name in FOLDERS:
        shutil.copytree(settings.BASE_DIR / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(settings.BASE_DIR / "manage.py", copy)
    made = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--verbosity", "0"],
        cwd=copy,
        env=os.environ | {"DATA_DIR": str(folder / "var")},
        capture_output=True,
        check=False,
        text=True,
    )
    if made.returncode:
        raise CommandError(made.stderr)
    return copy


def differences(root: Path, fresh: Path) -> Iterator[str]:
    """A sentence for each fault of the catalogues in `root`; those in `fresh` hold the sentences there are now."""
    for path in catalogues(fresh):
        name = path.relative_to(fresh)
        if not (root / name).exists():
            yield f"{name}: missing"
            continue
        present, wanted = (
            {(entry.key, entry.plural) for entry in read(each)} for each in (root / name, path)
        )
        yield from (f"{name}: missing: {key!r}" for key, _ in sorted(wanted - present))
        yield from (f"{name}: no longer in the code: {key!r}" for key, _ in sorted(present - wanted))
        yield from (f"{name}: {fault}" for fault in faults(root / name))
