"""Files sent with messages: hostile ones are refused with a sentence, pictures lose what nobody sees, two people read."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from mentorpro_plugin.conversations.pictures import LONGEST_SIDE
from mentorpro_plugin.conversations.uploads import check_files, clean_name
from mentorpro_plugin.models import Attachment, Message

MENTOR, MENTEE, PM = "first_year_mentor", "first_year_mentee", "first_year_pm"
NOT_WHAT = "“{}” can't be sent: its content isn't what its name says."
BROKEN = "“{}” can't be sent: it is broken, or its content isn't what its name says."
UNKNOWN = "“{}” can't be sent: it is neither a picture nor a document that we know."


def upload(name, content):
    return SimpleUploadedFile(name, content, content_type="text/html")


def picture(format_name="JPEG", size=(40, 30), mode="RGB", **options):
    file = io.BytesIO()
    image = Image.new(mode, size, "red" if mode == "RGB" else 1)
    image.putpixel((0, 0), (0, 0, 255) if mode == "RGB" else 0)
    image.save(file, format_name, **options)
    return file.getvalue()


def archive(*names, **contents):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            # Without a date of its own, it would hold the second at which the tests are collected.
            packed.writestr(zipfile.ZipInfo(name), contents.get(name, "<x/>"))
    return file.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
ODT = archive("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.text")
PDF = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n"


def refusals(*files):
    with pytest.raises(ValidationError) as refusal:
        check_files(files)
    assert set(refusal.value.message_dict) == {"files"}
    return refusal.value.messages


def stored_files():
    """Whatever lies below `attachments/` in the private storage."""
    folder = Path(storages["private"].path("attachments"))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def empty_folder():
    import shutil

    shutil.rmtree(storages["private"].path("attachments"), ignore_errors=True)


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.jpg", picture(), "image/jpeg"),
        ("a.jpeg", picture(), "image/jpeg"),
        ("a.PNG", picture("PNG"), "image/png"),
        ("a.webp", picture("WEBP"), "image/webp"),
        ("a.gif", picture("GIF"), "image/png"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("a.txt", "Grüße".encode(), "text/plain; charset=utf-8"),
        ("a.csv", "Größe;1\r\n".encode("cp1252"), "text/csv; charset=utf-8"),
        ("a.csv", "\ufeffä\tb".encode("utf-16"), "text/csv; charset=utf-8"),
    ],
)
def test_what_it_says_is_taken(name, content, content_type):
    [checked] = check_files([upload(name, content)])

    assert checked.content_type == content_type
    assert checked.content.size > 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<script>alert(1)</script>", UNKNOWN),
        ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNKNOWN),
        ("macro.docm", DOCX, UNKNOWN),
        ("setup.exe", b"MZ\x90", UNKNOWN),
        ("noextension", picture(), UNKNOWN),
        ("photo.jpg.exe", picture(), UNKNOWN),
        ("photo.png", picture(), BROKEN),
        ("photo.jpg", b"<svg onload=alert(1)>", BROKEN),
        ("photo.jpg", picture()[:200], BROKEN),
        ("photo.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n", BROKEN),
        ("photo.gif", b"GIF89a" + b"\x00" * 40, BROKEN),
        ("page.pdf", b"<html>%PDF-1.4 %%EOF", NOT_WHAT),
        ("page.pdf", b"%PDF-1.4 and nothing more", NOT_WHAT),
        ("page.txt", b"  <!DOCTYPE html><script>alert(1)</script>", NOT_WHAT),
        ("page.csv", b"<svg onload=alert(1)>", NOT_WHAT),
        ("bytes.txt", b"\x7fELF\x00\x01", NOT_WHAT),
        ("archive.docx", archive("word.txt"), NOT_WHAT),
        ("sheet.docx", archive("[Content_Types].xml", "xl/workbook.xml"), NOT_WHAT),
        ("macro.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), NOT_WHAT),
        ("prefixed.docx", b"<html><script>alert(1)</script>" + DOCX, NOT_WHAT),
        ("polyglot.docx", b"PK\x03\x04<script>" + DOCX, NOT_WHAT),
        ("broken.docx", DOCX[:60], NOT_WHAT),
        ("other.odt", archive("mimetype", mimetype="application/epub+zip"), NOT_WHAT),
        ("damaged.odt", ODT.replace(b"opendocument.text", b"opendocument.next"), NOT_WHAT),
        ("renamed.odt", ODT.replace(b"mimetype", b"mimetypo", 1), NOT_WHAT),
        ("locked.odt", ODT.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), NOT_WHAT),
        ("packed.odt", ODT.replace(b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x63\x00"), NOT_WHAT),
        ("empty.pdf", b"", "“{}” is empty."),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic", "“{}” is a HEIC picture, which few can open. Send it as JPEG."),
    ],
)  # fmt: skip
def test_what_it_doesnt_say_is_refused_with_a_sentence(name, content, sentence):
    assert refusals(upload(name, content)) == [sentence.format(name)]


def test_name_turned_around_is_seen_through():
    assert refusals(upload("photo\u202egpj.exe", picture())) == [UNKNOWN.format("photogpj.exe")]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.PDF", "plan.pdf"),
        ('a"b;c\r\nSet-Cookie: x=1.txt', "a_b;c  Set-Cookie_ x=1.txt"),
        ("….txt", "….txt"),
        (".htaccess.txt", "htaccess.txt"),
        (".txt", "file.txt"),
        ("half\ud83d.txt", "half.txt"),
        ("nul\x00l.txt", "null.txt"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
        ("Curso básico 😀.pdf", "Curso básico 😀.pdf"),
    ],
)
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean


def test_too_many_and_too_large_files_are_refused(settings):
    settings.MENTORPRO = {"ATTACHMENTS_PER_MESSAGE": 2, "ATTACHMENT_MAX_MB": 1}

    assert refusals(*[upload("a.txt", b"a")] * 3) == ["A message takes at most 2 files."]
    assert refusals(upload("a.txt", b"a" * 1_000_001)) == ["“a.txt” is too large: a file has at most 1 MB."]
    assert len(check_files([upload("a.txt", b"a" * 1_000_000)] * 2)) == 2


def test_every_refused_file_has_its_own_sentence():
    assert refusals(upload("a.exe", b"MZ"), upload("a.txt", b"fine"), upload("b.pdf", b"")) == [
        UNKNOWN.format("a.exe"),
        "“b.pdf” is empty.",
    ]


def test_picture_loses_place_and_camera_and_stands_upright():
    exif = Image.Exif()
    exif[0x010F] = "Camera Of Marmalade"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6)})
    content = (
        picture("JPEG", (40, 30), exif=exif, comment=b"Secret comment") + b"PK\x03\x04 trailing marmalade"
    )
    assert b"Marmalade" in content

    [checked] = check_files([upload("photo.jpg", content)])

    written = checked.content.read()
    with Image.open(io.BytesIO(written)) as image:
        assert image.size == (30, 40)
        assert dict(image.getexif()) == {}
        assert not {"exif", "comment", "icc_profile", "photoshop", "xmp"} & set(image.info)
    assert b"armalade" not in written
    assert b"Secret" not in written


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_holding_a_camera_is_undone(orientation):
    """As Pillow itself would turn it, pixel for pixel."""
    from PIL import ImageOps

    image = Image.new("RGB", (64, 32))
    image.paste("red", (0, 0, 32, 16))
    image.paste("lime", (32, 0, 64, 16))
    image.paste("blue", (0, 16, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)

    [checked] = check_files([upload("a.png", file.getvalue())])

    with Image.open(file) as before, Image.open(checked.content) as after:
        assert after.convert("RGB").tobytes() == ImageOps.exif_transpose(before).convert("RGB").tobytes()
        assert dict(after.getexif()) == {}


def test_png_loses_its_texts():
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "Marmalade", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>Marmalade</x:xmpmeta>")

    [checked] = check_files([upload("a.png", picture("PNG", pnginfo=texts))])

    with Image.open(checked.content) as image:
        image.load()
        assert image.info == {}


def test_picture_with_colours_of_its_own_keeps_its_look():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    [checked] = check_files([upload("a.jpg", picture(icc_profile=profile))])
    [broken] = check_files([upload("a.jpg", picture(icc_profile=b"no profile"))])

    for one in (checked, broken):
        with Image.open(one.content) as image:
            assert "icc_profile" not in image.info
            assert image.getpixel((30, 20))[0] > 240


@pytest.mark.parametrize(("format_name", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_large_picture_is_made_smaller(format_name, name):
    [checked] = check_files([upload(name, picture(format_name, (4000, 1000)))])

    with Image.open(checked.content) as image:
        assert image.size == (LONGEST_SIDE, 400)


def test_transparent_picture_stays_transparent():
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(file, "PNG")

    [checked] = check_files([upload("a.png", file.getvalue())])

    with Image.open(checked.content) as image:
        assert image.getpixel((5, 5))[3] == 0


def bomb(width, height):
    """A PNG of some hundred bytes that says it is huge."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"), [(6_000, 6_000), (9_000, 9_000), (65_000, 65_000), (2**31 - 1, 2**31 - 1)]
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bomb_is_refused_before_it_is_unpacked(width, height):
    import tracemalloc

    content = bomb(width, height)
    tracemalloc.start()
    sentences = refusals(upload("a.png", content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sentences[0] in ("“a.png” has too many pixels.", BROKEN.format("a.png"))
    assert peak < 5_000_000


def test_document_that_unpacks_to_gigabytes_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<x/>")
        with packed.open("word/document.xml", "w", force_zip64=True) as entry:
            for _ in range(310):
                entry.write(b"\0" * 1_000_000)

    assert refusals(upload("a.docx", file.getvalue())) == [NOT_WHAT.format("a.docx")]


def test_files_go_with_the_message_to_the_two_and_nobody_else(world, write, client_of):
    message = write(
        MENTEE, MENTOR, "", files=[upload("Plan für\nmich.pdf", PDF), upload("me.jpg", picture())]
    )
    document, image = Attachment._base_manager.filter(message=message).order_by("pk")
    assert (document.name, document.kind, image.kind) == ("Plan für mich.pdf", "document", "image")

    for name, door in ((MENTEE, "mentee"), (MENTOR, "mentor")):
        response = client_of(name).get(f"/{door}/messages/files/{document.pk}/")
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''Plan%20f%C3%BCr%20mich.pdf"
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]
        shown = client_of(name).get(f"/{door}/messages/files/{image.pk}/")
        assert shown["Content-Disposition"] == 'inline; filename="me.jpg"'
        assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    for name, door in (
        (PM, "mentor"), ("transfer_mentor", "mentor"), ("transfer_mentee", "mentee"), ("moot_mentor", "mentor"),
        ("super_admin", "mentor"), ("riverside_parent", "mentee"), (None, "mentor"),
    ):  # fmt: skip
        assert client_of(name).get(f"/{door}/messages/files/{document.pk}/").status_code in (302, 404)


def test_stored_name_tells_nothing_and_the_folder_is_private(write):
    write(MENTEE, MENTOR, "", files=[upload("Marmalade.pdf", PDF)])

    [name] = stored_files()
    path = Attachment._base_manager.get().file.path
    assert "armalade" not in name
    assert Path(path).stat().st_mode & 0o077 == 0
    assert path.startswith(str(storages["private"].location))


def test_file_is_gone_when_the_message_is_not_written(world, write):
    with pytest.raises(ValidationError):
        write(MENTEE, MENTOR, "x" * 5_001, files=[upload("a.pdf", PDF)])
    with pytest.raises(ValidationError):
        write(MENTEE, MENTOR, "", files=[upload("a.pdf", PDF), upload("b.pdf", b"no")])
    world.people[MENTOR].status = "deactivated"
    world.people[MENTOR].save(update_fields=["status"])
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one is tested elsewhere
        write(MENTEE, MENTOR, "", files=[upload("a.pdf", PDF)])

    assert stored_files() == []
    assert not Message._base_manager.exists()


def test_file_is_gone_when_the_database_fails_after_it_was_stored(write, monkeypatch):
    from mentorpro_plugin.conversations import actions

    def fail(*args, **kwargs):
        assert len(stored_files()) == 1
        raise RuntimeError

    monkeypatch.setattr(actions, "note_activity", fail)

    with pytest.raises(RuntimeError):
        write(MENTEE, MENTOR, "", files=[upload("a.pdf", PDF)])

    assert stored_files() == []
    assert not Message._base_manager.exists()


def test_files_go_with_the_person(world, write, django_capture_on_commit_callbacks):
    write(MENTEE, MENTOR, "", files=[upload("a.pdf", PDF)])
    world.assignments[f"{MENTEE}@first_year/{MENTOR}"].delete()

    with django_capture_on_commit_callbacks(execute=True):
        world.people[MENTEE].delete()

    assert not Attachment._base_manager.exists()
    assert stored_files() == []


def test_upload_too_large_to_read_is_refused_before_it_is_read(world, client_of, settings):
    settings.MENTORPRO = {"ATTACHMENTS_PER_MESSAGE": 1, "ATTACHMENT_MAX_MB": 1}
    path = f"/mentee/messages/{world.people[MENTOR].pk}/"

    response = client_of(MENTEE).post(path, {"text": "Hi", "files": upload("a.txt", b"a" * 1_200_000)})

    assert response.status_code == 413
    assert "These files are too large: a file has at most 1 MB." in response.content.decode()
    assert not Message._base_manager.exists()


def test_files_are_sent_and_shown_by_the_page(world, client_of):
    path = f"/mentee/messages/{world.people[MENTOR].pk}/"

    response = client_of(MENTEE).post(
        path,
        {"text": "Look", "files": [upload("a<b>.txt", b"fine"), upload("me.png", picture("PNG"))]},
        follow=True,
    )

    page = response.content.decode()
    assert "<bdi>a_b_.txt</bdi>" in page
    assert 'alt="me.png"' in page
    refused = client_of(MENTEE).post(path, {"text": "Look", "files": upload("a.exe", b"MZ")})
    assert refused.status_code == 422
    assert UNKNOWN.format("a.exe").replace("'", "&#x27;") in refused.content.decode()
