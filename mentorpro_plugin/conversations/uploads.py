"""What may be attached to a message: pictures and documents whose content is what their name says."""

import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..conf import setting
from ..text import clean_text
from .models import Attachment
from .pictures import encode_again

#: Characters that one system or another reads as something else than a part of a name.
_FORBIDDEN = frozenset('<>:"/\\|?*')
_NAME_LENGTH = 100

#: What a document may unpack to, and hold: more is a trap for whoever opens it.
_UNPACKED_BYTES = 300_000_000
_ENTRIES = 10_000

#: What `zipfile` raises for a file that is broken, encrypted (RuntimeError, as NotImplementedError is one), or lies about
#: where its parts are.
_UNREADABLE = (zipfile.BadZipFile, ValueError, RuntimeError, OSError, EOFError, OverflowError, zlib.error)

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class Checked:
    """A file that may be sent. Of a picture, `content` holds nothing but what is seen."""

    name: str
    extension: str
    kind: Attachment.Kind
    content_type: str
    content: ContentFile


def check_files(files: Iterable[UploadedFile]) -> list[Checked]:
    """Return what is to be stored of `files`. Raises ValidationError on the field `files`, a sentence for each file
    that doesn't do.
    """
    files = list(files)
    most = setting("ATTACHMENTS_PER_MESSAGE")
    if len(files) > most:
        message = ngettext(
            "A message takes at most %(count)d file.", "A message takes at most %(count)d files.", most
        )
        raise ValidationError({"files": message % {"count": most}})
    checked, refused = [], []
    for file in files:
        try:
            checked.append(_check(file))
        except ValidationError as error:
            refused.extend(error.messages)
    if refused:
        raise ValidationError({"files": refused})
    return checked


def accepted_extensions() -> str:
    """Return what a file field offers to choose from, for its `accept`."""
    return ",".join(f".{extension}" for extension in (*_PICTURES, *_DOCUMENTS))


def clean_name(name: str) -> str:
    """Return the name of a file without folders, and without what could make it look like, or be, another."""
    name = clean_text(unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2]))
    name = "".join("_" if char in _FORBIDDEN else char for char in name).rstrip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:_NAME_LENGTH]
    stem = stem.strip(" .") or _("file")
    return f"{stem[: _NAME_LENGTH - 10].rstrip(' .')}.{extension[:9].lower()}"


def _check(file: UploadedFile) -> Checked:
    name = clean_name(file.name or "")
    extension = PurePosixPath(name).suffix.removeprefix(".")
    most = setting("ATTACHMENT_MAX_MB")
    if extension not in _PICTURES and extension not in _DOCUMENTS:
        if extension in ("heic", "heif"):
            raise _refused(_("“%(name)s” is a HEIC picture, which few can open. Send it as JPEG."), name)
        raise _refused(
            _("“%(name)s” can't be sent: it is neither a picture nor a document that we know."), name
        )
    if not file.size:
        raise _refused(_("“%(name)s” is empty."), name)
    if file.size > most * 1_000_000:
        raise _refused(_("“%(name)s” is too large: a file has at most %(most)s MB."), name, most=most)
    if extension in _PICTURES:
        content, extension = encode_again(file, name)
        stem = name.rpartition(".")[0]
        return Checked(
            f"{stem}.{extension}",
            extension,
            Attachment.Kind.IMAGE,
            _PICTURES[extension],
            ContentFile(content),
        )
    content_type, fits = _DOCUMENTS[extension]
    if not fits(file):
        raise _refused(_("“%(name)s” can't be sent: its content isn't what its name says."), name)
    file.seek(0)
    return Checked(name, extension, Attachment.Kind.DOCUMENT, content_type, ContentFile(file.read()))


def _refused(sentence: str, name: str, **values: Any) -> ValidationError:
    return ValidationError(sentence % {"name": name, **values})


def _is_pdf(file: File) -> bool:
    file.seek(0)
    if file.read(5) != b"%PDF-":
        return False
    file.seek(max(0, file.size - 2048))
    return b"%%EOF" in file.read()


def _is_office(folder: str) -> Callable[[File], bool]:
    def fits(file: File) -> bool:
        names = _entries(file)
        # A document with macros has another extension by rights.
        return (
            "[Content_Types].xml" in names
            and any(name.startswith(f"{folder}/") for name in names)
            and not any(name.lower().endswith("vbaproject.bin") for name in names)
        )

    return fits


def _is_open_document(file: File) -> bool:
    if "mimetype" not in _entries(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            entry = archive.getinfo("mimetype")
            # The other ways of packing unpack whole blocks, however few bytes are asked for.
            if entry.file_size > 100 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return False
            return archive.read(entry) == b"application/vnd.oasis.opendocument.text"
    except _UNREADABLE:
        return False


def _entries(file: File) -> frozenset[str]:
    """Names in a ZIP file; none if it is no such file, has something else in front, or unpacks to too much."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return frozenset()
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except _UNREADABLE:
        return frozenset()
    if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        return frozenset()
    # `zipfile` takes a ZIP behind other bytes for one; then the first entry doesn't begin at the first byte.
    if min((entry.header_offset for entry in entries), default=1):
        return frozenset()
    return frozenset(entry.filename for entry in entries)


def _is_text(file: File) -> bool:
    file.seek(0)
    content = file.read()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets still write where they were set up long ago; it maps nearly every byte.
        text = content.decode("cp1252", errors="replace")
    if any(ord(char) < 32 and char not in "\t\n\r\x0c" for char in text):
        return False
    # Text that a careless program would take for a page.
    return not text.lstrip().lower().startswith(("<!doctype", "<html", "<svg", "<script", "<?xml", "<!--"))


_PICTURES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}
_DOCUMENTS: dict[str, tuple[str, Callable[[File], bool]]] = {
    "pdf": ("application/pdf", _is_pdf),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _is_office("word")),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _is_office("xl")),
    "pptx": (f"{_OFFICE}.presentationml.presentation", _is_office("ppt")),
    "odt": ("application/vnd.oasis.opendocument.text", _is_open_document),
    "txt": ("text/plain; charset=utf-8", _is_text),
    "csv": ("text/csv; charset=utf-8", _is_text),
}
