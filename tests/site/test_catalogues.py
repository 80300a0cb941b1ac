"""Translations: what readers of another language get. Runs without GNU gettext; `make messages-check` needs it."""

import struct
from pathlib import Path

import pytest
import wagtail
from django.conf import settings

from mentorpro_site.borrowed import SENTENCES
from mentorpro_site.catalogues import TEXT_MESSAGE, catalogues, faults, read
from mentorpro_site.management.commands.check_messages import differences

#: A compiled catalogue without entries: magic number, version, no strings, where its tables would start.
EMPTY = struct.pack("<7I", 0x950412DE, 0, 0, 28, 28, 0, 28)
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


def write(folder, *entries):
    """A catalogue in a project in `folder`, with a .mo file that holds none of the entries."""
    path = folder / "home" / "locale" / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join([HEADER, *entries]), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(EMPTY)
    return path


@pytest.mark.parametrize(
    "path", catalogues(settings.BASE_DIR), ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix()
)
def test_catalogue_is_sound(path):
    assert list(faults(path)) == []


def test_every_language_has_its_catalogues():
    languages = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}

    assert {
        (path.relative_to(settings.BASE_DIR).parts[0], path.parts[-3])
        for path in catalogues(settings.BASE_DIR)
    } == {
        (folder, language)
        for folder in ("home", "mentorpro_plugin", "resources", "site")
        for language in languages
    }


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "Add"\nmsgstr ""\n', "untranslated: 'Add'"),
        (
            'msgid "%(n)d day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "un día"\nmsgstr[1] ""\n',
            "untranslated: '%(n)d day'",
        ),
        ('#, python-format, fuzzy\nmsgid "Add"\nmsgstr "Quitar"\n', "fuzzy: 'Add'"),
        ('#~ msgid "Add"\n#~ msgstr "Añadir"\n', "obsolete: 'Add'"),
        (
            'msgid "Add %(role)s"\nmsgstr "Añadir %(rol)s"\n',
            "placeholders differ: 'Add %(role)s' from 'Añadir %(rol)s'",
        ),
        (
            f'#. {TEXT_MESSAGE}.\nmsgid "Your code."\nmsgstr "Tu código."\n',
            "dear in a text message for ó: 'Tu código.'",
        ),
        ('msgid "<b>No</b>"\nmsgstr "<b>No<b>"\n', "tags differ: '<b>No</b>' from '<b>No<b>'"),
        ('msgid ""\n"Add "\n"it"\nmsgstr ""\n', "untranslated: 'Add it'"),
    ],
)
def test_faults_are_named(tmp_path, entry, fault):
    path = write(tmp_path, entry)

    assert next(faults(path)) == fault


def test_plural_forms_follow_either_english_sentence(tmp_path):
    path = write(
        tmp_path,
        'msgid "one day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d día"\nmsgstr[1] "%(n)d días"\n',
    )

    assert list(faults(path)) == ["stale in django.mo: 'one day'"]


def test_catalogue_without_its_compiled_file_is_a_fault(tmp_path):
    path = write(tmp_path)
    path.with_suffix(".mo").unlink()

    assert list(faults(path)) == ["not compiled: there is no django.mo"]


def test_sentences_that_came_or_went_are_named(tmp_path):
    write(
        tmp_path / "present",
        'msgid "Old"\nmsgstr "Viejo"\n',
        'msgctxt "to do"\nmsgid "Open"\nmsgstr "Abrir"\n',
    )
    write(tmp_path / "fresh", 'msgid "New"\nmsgstr ""\n', 'msgctxt "not done"\nmsgid "Open"\nmsgstr ""\n')

    found = [fault.partition(": ")[2] for fault in differences(tmp_path / "present", tmp_path / "fresh")]

    assert found[:4] == [
        "missing: 'New'",
        "missing: 'not done\\x04Open'",
        "no longer in the code: 'Old'",
        "no longer in the code: 'to do\\x04Open'",
    ]


def test_entries_keep_what_gettext_needs(tmp_path):
    path = write(
        tmp_path,
        '#. For translators.\n#: home/models.py\n#, python-format\nmsgctxt "a day"\nmsgid "Say \\"%(word)s\\"\\n"\nmsgstr "Di «%(word)s»\\n"\n',
    )

    _, entry = read(path)

    assert (entry.key, entry.strings) == ('a day\x04Say "%(word)s"\n', ("Di «%(word)s»\n",))


def test_borrowed_sentences_are_wagtails_and_lacked_by_it():
    folder = Path(wagtail.__file__).parent
    of_wagtail, translated = (
        {
            entry.key
            for path in folder.rglob(f"locale/{language}/LC_MESSAGES/django.po")
            for entry in read(path)
            if keep(entry)
        }
        for language, keep in (
            ("en", lambda entry: not entry.obsolete),
            ("es", lambda entry: entry.is_translated and not entry.fuzzy),
        )
    )

    assert set(SENTENCES) - of_wagtail == set()
    assert set(SENTENCES) & translated == set(), "Wagtail has caught up: leave these to it"
