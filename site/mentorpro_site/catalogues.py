"""Catalogues of translations (.po, .mo): reading them, and saying what is wrong with one. Needs no GNU gettext."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: The folders, below the project's, that have sentences for readers; each catalogue lies in one of them.
FOLDERS = ("home", "mentorpro_plugin", "resources", "site")

#: In a text message, one letter outside the alphabet of telephones (GSM 03.38) more than halves what fits, and doubles
#: the price. Sentences for text messages are marked so, in a comment before them in the code.
TEXT_MESSAGE = "Translators: sent by text message"
TELEPHONES = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)

_LINE = re.compile(r'(?:(?P<keyword>msgctxt|msgid_plural|msgid|msgstr)(?:\[\d+\])? )?(?P<text>".*")')
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]\b|\{\w*\}")
_TAG = re.compile(r"</?[a-z][^>]*>")


@dataclass(frozen=True, slots=True)
class Message:
    """One entry. `strings` has one text, or one for each plural form; the header is the entry without a msgid."""

    msgid: str
    strings: tuple[str, ...]
    context: str = ""
    plural: str = ""
    fuzzy: bool = False
    obsolete: bool = False
    comment: str = ""

    @property
    def key(self) -> str:
        """What gettext looks it up by."""
        return f"{self.context}\x04{self.msgid}" if self.context else self.msgid

    @property
    def is_translated(self) -> bool:
        return all(self.strings)


def catalogues(root: Path) -> list[Path]:
    """The .po files of the project in `root`."""
    return sorted(
        path for folder in FOLDERS for path in (root / folder).rglob("locale/*/LC_MESSAGES/django.po")
    )


def read(path: Path) -> list[Message]:
    """The entries of a .po file, header first."""
    blocks = re.split(r"\n{2,}", path.read_text(encoding="utf-8"))
    return [message for block in blocks if (message := _read_entry(block.splitlines())) is not None]


def header(messages: list[Message]) -> dict[str, str]:
    lines = next((message.strings[0] for message in messages if not message.msgid), "").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def faults(path: Path) -> Iterator[str]:
    """A sentence for each fault that the .po file, or the .mo file beside it, shows by itself."""
    messages = read(path)
    for message in messages:
        if message.obsolete:
            yield f"obsolete: {message.msgid!r}"
        elif message.fuzzy:
            yield f"fuzzy: {message.msgid!r}"
        elif not message.is_translated:
            yield f"untranslated: {message.msgid!r}"
        elif message.msgid:
            yield from _misfits(message)
    compiled = path.with_suffix(".mo")
    if not compiled.exists():
        yield f"not compiled: there is no {compiled.name}"
        return
    with compiled.open("rb") as file:
        held = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    held.pop("", None)
    meant = _compiled(messages)
    for key in sorted({_msgid(key) for key in meant.keys() | held.keys() if meant.get(key) != held.get(key)}):
        yield f"stale in {compiled.name}: {key!r}"


def _read_entry(lines: list[str]) -> Message | None:
    parts: dict[str, list[str]] = {"msgctxt": [], "msgid": [], "msgid_plural": [], "msgstr": []}
    keyword = ""
    for line in lines:
        if (match := _LINE.fullmatch(line.removeprefix("#~ "))) is None:
            continue
        if match["keyword"]:
            keyword = match["keyword"]
            parts[keyword].append("")
        parts[keyword][-1] += ast.literal_eval(match["text"])
    if not parts["msgid"]:
        return None
    return Message(
        msgid=parts["msgid"][0],
        strings=tuple(parts["msgstr"]),
        context="".join(parts["msgctxt"]),
        plural="".join(parts["msgid_plural"]),
        fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in lines),
        obsolete=any(line.startswith("#~") for line in lines),
        comment="\n".join(line[3:] for line in lines if line.startswith("#. ")),
    )


def _misfits(message: Message) -> Iterator[str]:
    """Placeholders and tags that are missed, or break a translation; letters that make a text message dear."""
    for kind, pattern in (("placeholders", _PLACEHOLDER), ("tags", _TAG)):
        # The form for one may name the number, or leave it out, as either English sentence does.
        wanted = [Counter(pattern.findall(text)) for text in (message.msgid, message.plural) if text]
        for string in message.strings:
            if Counter(pattern.findall(string)) not in wanted:
                yield f"{kind} differ: {message.msgid!r} from {string!r}"
    if TEXT_MESSAGE in message.comment and (foreign := set("".join(message.strings)) - TELEPHONES):
        yield f"dear in a text message for {''.join(sorted(foreign))}: {message.strings[0]!r}"


def _compiled(messages: list[Message]) -> dict[str | tuple[str, int], str]:
    """What Python's gettext holds of a catalogue compiled from these entries."""
    held: dict[str | tuple[str, int], str] = {}
    for message in messages:
        if message.obsolete or message.fuzzy or not message.msgid or not message.is_translated:
            continue
        if message.plural:
            held |= {(message.key, form): string for form, string in enumerate(message.strings)}
        else:
            held[message.key] = message.strings[0]
    return held


def _msgid(key: str | tuple[str, int]) -> str:
    return key[0] if isinstance(key, tuple) else key
