"""The screens on which a Super Admin rewrites e-mails."""

import pytest
from django.urls import reverse

from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.letters.kinds import KINDS
from mentorpro_plugin.letters.models import Letter
from mentorpro_plugin.letters.writing import built_in_text

INDEX = "/admin/letters/"
EDIT = "/admin/letters/welcome_mentor/en/"
TEXT = {"subject": "Come in, {first_name}", "body": "Hello {first_name},\r\n\r\n{door_address}"}


@pytest.fixture
def client(client_of):
    return client_of("super_admin")


def page(response):
    return response.content.decode()


def test_list_shows_every_kind_in_every_language_and_which_were_changed(client, settings):
    listed = page(client.get(INDEX))

    assert listed.count("Built-in") == len(KINDS) * len(settings.LANGUAGES)
    client.post(EDIT, TEXT)
    listed = page(client.get(INDEX))
    assert listed.count("Changed on") == 1
    assert "Come in, {first_name}" in listed


@pytest.mark.parametrize("name", ["riverside_parent", "engineering_child", "first_year_pm", "first_year_sc"])
def test_nobody_else_finds_the_list_in_the_menu_or_writes(client_of, name):
    client = client_of(name)

    assert INDEX not in page(client.get("/admin/"))
    assert (
        client.get(INDEX)["Location"] == client.post(EDIT, TEXT)["Location"] == reverse("wagtailadmin_home")
    )
    assert not Letter.objects.exists()


def test_super_admin_finds_the_list_in_the_menu(client):
    assert INDEX in page(client.get("/admin/"))


def test_text_is_kept_and_recorded_and_later_ones_win(client, world):
    client.post(EDIT, TEXT)
    response = client.post(EDIT, {**TEXT, "subject": "Another"})

    assert response["Location"] == INDEX
    letter = Letter.objects.get()
    assert (letter.subject, letter.body) == ("Another", "Hello {first_name},\n\n{door_address}")
    entries = HistoryEntry._base_manager.filter(action=HistoryEntry.Action.LETTER_CHANGED)
    assert entries.filter(actor=world.user("super_admin")).count() == 2


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("subject", "{last_name}", "This e-mail knows no {last_name}."),
        ("body", "{door_address} {first_name.__class__}", "This e-mail knows no {first_name.__class__}."),
        ("body", "Hello", "Put {door_address} somewhere into the text"),
        ("subject", "", "This field is required."),
        ("subject", "x" * 201, "at most 200 characters"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"preview": "1"}])
def test_faults_stand_beside_their_field_and_nothing_is_lost(client, field, text, sentence, button):
    response = client.post(EDIT, {**TEXT, field: text, **button})

    assert list(response.context["form"].errors) == [field]
    assert sentence in page(response)
    assert response.context["form"][field].value() == text
    assert "<iframe" not in page(response)
    assert not Letter.objects.exists()


def test_preview_shows_the_text_and_saves_nothing(client):
    body = "Hello <b>{first_name}</b>\n\n{door_address}"

    response = client.post(EDIT, {"subject": "Hi\r\nBcc: x@example.org", "body": body, "preview": "1"})

    preview = response.context["preview"]
    assert preview.subject == "Hi Bcc: x@example.org"
    assert preview.text.startswith("Hello <b>Linnea</b>")
    assert "&lt;b&gt;" in preview.html
    assert "data:image/png;base64," in preview.html
    shown = page(response)
    # No script in it could run, and what is in it can't close the attribute.
    assert '<iframe class="mentorpro-mail" sandbox title="' in shown
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in shown
    assert not Letter.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_built_in_text_can_be_previewed_in_every_language(client, settings, kind):
    for language, _name in settings.LANGUAGES:
        text = built_in_text(KINDS[kind], language)
        fields = {"subject": text.subject, "body": text.body, "preview": "1"}

        response = client.post(reverse("letters:edit", args=[kind, language]), fields)

        assert f'lang="{language}"' in response.context["preview"].html


def test_button_puts_the_built_in_text_back(client):
    assert "Back to the built-in text" not in page(client.get(EDIT))
    client.post(EDIT, TEXT)
    assert "Back to the built-in text" in page(client.get(EDIT))

    assert client.get(f"{EDIT}restore/").status_code == 405
    assert client.post(f"{EDIT}restore/")["Location"] == INDEX
    assert not Letter.objects.exists()


def test_saving_the_built_in_text_leaves_it_built_in(client):
    text = built_in_text(KINDS["welcome_mentor"], "en")

    client.post(EDIT, {"subject": text.subject, "body": text.body.replace("\n", "\r\n")})

    assert not Letter.objects.exists()


@pytest.mark.parametrize("address", ["welcome_nobody/en/", "welcome_mentor/xx/"])
def test_there_are_no_other_kinds_and_languages(client, address):
    assert client.get(INDEX + address).status_code == 404
