"""Django's makemessages, made to give the same files from the same sentences, compiled."""

import contextlib
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import makemessages
from django.core.management.utils import find_command
from django.utils.translation import to_locale

from mentorpro_site.catalogues import FOLDERS, header, read

HEADER = """\
# MentorPRO for Wagtail: translations. `make messages` keeps this file up to date; see docs/developers/translating.md.
msgid ""
msgstr ""
"Project-Id-Version: mentorpro-plugin\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"
"""


class Command(makemessages.Command):
    help = "Bring the catalogues of all languages up to date with the sentences in code and templates."

    # A guessed translation reads like a real one.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args, **options):
        if find_command("xgettext") is None:
            raise CommandError("GNU gettext is missing. On Debian and Ubuntu: apt-get install gettext.")
        outside = [path.name for path in settings.BASE_DIR.iterdir() if path.name not in FOLDERS]
        options |= {
            "locale": [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE],
            "ignore_patterns": [*options["ignore_patterns"], *outside],
            "add_location": "file",
            "no_obsolete": True,
            "no_wrap": True,
        }
        with contextlib.chdir(settings.BASE_DIR):
            super().handle(*args, **options)

    def write_po_file(self, potfile, locale):
        super().write_po_file(potfile, locale)
        path = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        _, _, entries = path.read_text(encoding="utf-8").partition("\n\n")
        head = HEADER.format(language=locale, plural_forms=header(read(path))["Plural-Forms"])
        path.write_text(f"{head}\n{entries}" if entries else head, encoding="utf-8")
        compiled = subprocess.run(  # noqa: S603
            ["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path],  # noqa: S607
            capture_output=True,
            check=False,
            text=True,
        )
        if compiled.returncode:
            raise CommandError(compiled.stderr)
