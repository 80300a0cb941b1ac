"""Puts values in the place of placeholders: by name, from a fixed list, and nothing else is ever done with a text.

No `str.format` and no template engine: both follow dots and brackets into whatever they are given.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..text import clean_text
from .kinds import LINKS

#: What a placeholder stands for: some words, or several lines.
Value = str | list[str]

_BRACES = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(r"https?://[^\s<>\"'{}]*[^\s<>\"'{}.,;:!?()]")
_BULLET = re.compile(r"\s*[-•*]\s+")
_NUMBER = re.compile(r"\s*\d{1,2}[.)]\s+")
#: An organization's name may have 200 characters; nothing longer makes sense in a line.
_LONGEST = 200


class _Part(NamedTuple):
    """A piece of a line: literal text, or the name of a placeholder with its value."""

    text: str
    placeholder: str = ""
    items: tuple[str, ...] = ()


def placeholders_in(text: str) -> list[str]:
    """Return what stands in braces in `text`, in order."""
    return list(dict.fromkeys(_BRACES.findall(text)))


def unknown_in(text: str, known: Iterable[str]) -> list[str]:
    """Return what stands in braces in `text` and isn't among `known`."""
    known = set(known)
    return [name for name in placeholders_in(text) if name not in known]


def clean_value(text: str) -> str:
    """Return `text` as it may stand in a line: nothing that breaks it, turns it around or looks like a placeholder."""
    cleaned = clean_text(text).translate({ord("{"): "(", ord("}"): ")"})
    return cleaned if len(cleaned) <= _LONGEST else f"{cleaned[: _LONGEST - 1]}…"


def fill_line(text: str, values: Mapping[str, Value]) -> str:
    """Fill one line of plain text, such as a subject."""
    return "".join(_plain(part) for part in _parts(text, values))


def fill_text(text: str, values: Mapping[str, Value]) -> str:
    """Fill a text and return it as plain text. Lines whose placeholders are all empty are left out."""
    paragraphs = []
    for lines in _paragraphs(text, values):
        written = []
        for parts in lines:
            if (items := _listed(parts)) is not None:
                written += [f"- {item}" for item in items]
            else:
                written.append("".join(_plain(part) for part in parts).rstrip())
        paragraphs.append("\n".join(written))
    return "\n\n".join(paragraphs)


def fill_html(text: str, values: Mapping[str, Value], *, button: str = "") -> SafeString:
    """Fill a text and return it as HTML for the frame of our e-mails. What people entered is escaped, and no link.

    A link on a line of its own becomes a button that says `button`, with the address below it.
    """
    blocks = []
    for lines in _paragraphs(text, values):
        for form, group in groupby(lines, key=_form):
            blocks.append(_BLOCKS[form](list(group), button))
    return mark_safe("\n".join(blocks))  # each of them is escaped


def _parts(line: str, values: Mapping[str, Value]) -> list[_Part]:
    parts, end = [], 0
    for match in _BRACES.finditer(line):
        name = match[1]
        if name not in values:
            # An unknown one is a mistake in a translation: it stays readable.
            continue
        if before := line[end : match.start()]:
            parts.append(_Part(before))
        value = values[name]
        items = [value] if isinstance(value, str) else value
        cleaned = tuple(filter(None, (item if name in LINKS else clean_value(item) for item in items)))
        parts.append(_Part("", name, cleaned))
        end = match.end()
    if rest := line[end:]:
        parts.append(_Part(rest))
    return parts


def _paragraphs(text: str, values: Mapping[str, Value]) -> Iterator[list[list[_Part]]]:
    """The lines of each paragraph, in parts; without lines and paragraphs that have nothing to say."""
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
        lines = [_parts(line, values) for line in paragraph.split("\n")]
        if kept := [parts for parts in lines if not _is_empty(parts)]:
            yield kept


def _is_empty(parts: list[_Part]) -> bool:
    named = [part for part in parts if part.placeholder]
    if named:
        return not any(part.items for part in named)
    return not any(part.text.strip() for part in parts)


def _alone(parts: list[_Part]) -> _Part | None:
    """The placeholder that stands on a line of its own."""
    told = [part for part in parts if part.placeholder or part.text.strip()]
    return told[0] if len(told) == 1 and told[0].placeholder else None


def _listed(parts: list[_Part]) -> tuple[str, ...] | None:
    """The lines of a value of several lines that stands on a line of its own."""
    part = _alone(parts)
    return part.items if part and part.placeholder == "assignments" else None


def _plain(part: _Part) -> str:
    return ", ".join(part.items) if part.placeholder else part.text


def _form(parts: list[_Part]) -> str:
    part = _alone(parts)
    if part and part.placeholder in LINKS:
        return "button"
    if part and part.placeholder == "assignments":
        return "items"
    start = parts[0].text if not parts[0].placeholder else ""
    return "bullets" if _BULLET.match(start) else "numbers" if _NUMBER.match(start) else "text"


def _html(parts: list[_Part]) -> SafeString:
    return mark_safe("".join(_html_of(part) for part in parts))  # each of them is escaped


def _html_of(part: _Part) -> SafeString:
    if not part.placeholder:
        return _linked(part.text)
    if part.placeholder in LINKS:
        return mark_safe("".join(_link(item) for item in part.items))
    # A name in Arabic takes nothing around it along.
    return format_html('<span dir="auto">{}</span>', ", ".join(part.items))


def _linked(text: str) -> SafeString:
    """Escape what a Super Admin wrote, and make links of the addresses in it."""
    pieces, end = [], 0
    for match in _ADDRESS.finditer(text):
        pieces += [format_html("{}", text[end : match.start()]), _link(match[0])]
        end = match.end()
    pieces.append(format_html("{}", text[end:]))
    return mark_safe("".join(pieces))


def _link(address: str) -> SafeString:
    if not address.startswith(("https://", "http://")):
        return format_html("{}", address)
    return format_html('<a class="link" href="{0}" style="color:#14506b">{0}</a>', address)


def _text_block(lines: list[list[_Part]], button: str) -> SafeString:
    inner = format_html_join(mark_safe("<br>\n"), "{}", ((_html(line),) for line in lines))
    return format_html('<p style="margin:0 0 16px">{}</p>', inner)


def _without_mark(line: list[_Part], mark: re.Pattern[str]) -> SafeString:
    return _html([line[0]._replace(text=mark.sub("", line[0].text, count=1)), *line[1:]])


def _list_block(tag: str, items: Iterable[SafeString | str]) -> SafeString:
    inner = format_html_join("\n", '<li style="margin:0 0 6px">{}</li>', ((item,) for item in items))
    template = '<{0} style="margin:0 0 16px;padding-left:24px;padding-right:0">{1}</{0}>'
    return format_html(template, mark_safe(tag), inner)


def _bullets_block(lines: list[list[_Part]], button: str) -> SafeString:
    return _list_block("ul", (_without_mark(line, _BULLET) for line in lines))


def _numbers_block(lines: list[list[_Part]], button: str) -> SafeString:
    return _list_block("ol", (_without_mark(line, _NUMBER) for line in lines))


def _items_block(lines: list[list[_Part]], button: str) -> SafeString:
    items = [item for line in lines for item in _listed(line) or ()]
    return _list_block("ul", (format_html('<span dir="auto">{}</span>', item) for item in items))


def _button_block(lines: list[list[_Part]], button: str) -> SafeString:
    template = (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 8px"><tr>'
        '<td class="button" style="border-radius:8px;background:#14506b">'
        '<a href="{0}" style="display:inline-block;padding:12px 24px;color:#ffffff;font-weight:bold;'
        'text-decoration:none;border-radius:8px">{1}</a></td></tr></table>'
        '<p class="small" style="margin:0 0 16px;font-size:13px;line-height:18px;color:#4a5a63;word-break:break-all">'
        '<a class="link" href="{0}" style="color:#14506b">{0}</a></p>'
    )
    made = []
    for line in lines:
        part = _alone(line)
        address = part.items[0] if part and part.items else ""
        made.append(format_html(template, address, button) if button else _text_block([line], ""))
    return mark_safe("\n".join(made))


_BLOCKS = {
    "text": _text_block,
    "bullets": _bullets_block,
    "numbers": _numbers_block,
    "items": _items_block,
    "button": _button_block,
}
