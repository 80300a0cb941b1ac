"""The page of terms: what it is called by, and when everybody is asked again."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import override_settings
from django.utils import translation
from wagtail.models import Page

from home.models import HomePage, TermsPage, TermsTranslation
from home.terms import current_terms

pytestmark = pytest.mark.django_db


def publish(page, **changes):
    """Change the page as an editor does, who opens the latest revision and publishes a new one."""
    draft = page.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision().publish()
    return TermsPage.objects.get(pk=page.pk)


def test_new_site_has_terms_that_can_be_read(client):
    page = TermsPage.objects.get()

    html = client.get("/terms/").content.decode()

    assert (page.live, page.has_unpublished_changes, page.version) == (True, False, 1)
    assert page.get_parent().specific == HomePage.objects.get()
    assert Page.find_problems() == ([], [], [], [], [])
    assert '<h1 lang="en">Terms of use</h1>' in html
    assert "In an emergency, call your local emergency number." in html


def test_terms_are_the_live_page(django_assert_num_queries):
    page = TermsPage.objects.get()

    terms = current_terms()

    assert (terms.version, terms.title, terms.url) == (f"{page.pk}.1", "Terms of use", "/terms/")
    with django_assert_num_queries(1):
        assert terms.html == page.body
    with django_assert_num_queries(0):
        assert current_terms() == terms


def test_typo_asks_nobody_again(django_capture_on_commit_callbacks):
    page, before = TermsPage.objects.get(), current_terms()

    with django_capture_on_commit_callbacks(execute=True):
        page = publish(page, title="Terms", body="<p>Be kind.</p>")

    assert page.version == 1
    assert current_terms().version == before.version
    assert current_terms().title == "Terms"


def test_new_meaning_asks_everybody_again_and_once(django_capture_on_commit_callbacks):
    page = TermsPage.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        page = publish(page, ask_again=True, body="<p>Be kind.</p>")
    first = current_terms().version
    opened = page.get_latest_revision_as_object()
    with django_capture_on_commit_callbacks(execute=True):
        page = publish(page, body="<p>Be kind, always.</p>")

    assert first == f"{page.pk}.2"
    assert (opened.ask_again, opened.version) == (False, 2)
    assert (page.ask_again, page.version) == (False, 2)
    assert current_terms().version == first


def test_draft_asks_nobody(django_capture_on_commit_callbacks):
    page, before = TermsPage.objects.get(), current_terms()
    page.ask_again = True

    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision()

    assert current_terms() == before
    assert TermsPage.objects.get().version == 1
    assert page.get_latest_revision_as_object().ask_again is True


def test_draft_of_before_does_not_bring_the_old_version_back(django_capture_on_commit_callbacks):
    page = TermsPage.objects.get()
    old = page.save_revision()

    with django_capture_on_commit_callbacks(execute=True):
        publish(page, ask_again=True)
        old.publish()

    assert TermsPage.objects.get().version == 2


def test_without_a_live_page_there_are_no_terms(
    django_capture_on_commit_callbacks, django_assert_num_queries
):
    assert current_terms() is not None

    with django_capture_on_commit_callbacks(execute=True):
        TermsPage.objects.get().unpublish()

    assert current_terms() is None
    with django_assert_num_queries(0):
        assert current_terms() is None


def test_page_made_anew_is_other_terms():
    home, old = HomePage.objects.get(), current_terms()
    TermsPage.objects.get().delete()
    cache.clear()
    home.refresh_from_db()

    home.add_child(instance=TermsPage(title="Terms", body="<p>Other.</p>"))

    assert current_terms().version != old.version


def written(text):
    """Return a paragraph as the editor sends it."""
    block = {
        "key": "a",
        "text": text,
        "type": "unstyled",
        "depth": 0,
        "inlineStyleRanges": [],
        "entityRanges": [],
    }
    return json.dumps({"blocks": [block], "entityMap": {}})


def form_of(*translations, **changes):
    """Return what the editor of the terms posts: `translations` are (key, language, title, text)."""
    form = {
        "title": "Our terms",
        "slug": "terms",
        "body": written("Be kind."),
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
        "comments-MIN_NUM_FORMS": 0,
        "comments-MAX_NUM_FORMS": 1000,
        "translations-TOTAL_FORMS": len(translations),
        "translations-INITIAL_FORMS": sum(1 for key, *_ in translations if key),
        "translations-MIN_NUM_FORMS": 0,
        "translations-MAX_NUM_FORMS": 1000,
    }
    for number, (key, language, title, text) in enumerate(translations):
        for name, value in {"id": key, "language": language, "title": title, "body": written(text)}.items():
            form[f"translations-{number}-{name}"] = value
    return {**form, **changes}


@pytest.fixture
def editor(client):
    client.force_login(get_user_model().objects.create_superuser("editor", "editor@example.org", "-"))
    return client


def test_editor_previews_and_publishes(editor, django_capture_on_commit_callbacks):
    page = TermsPage.objects.get()
    spanish = page.translations.get()
    form = form_of((spanish.pk, "es", "Lo nuestro", "Sé amable."), ask_again="on")
    edit = f"/admin/pages/{page.pk}/edit/"

    shown = editor.get(edit).content.decode()
    preview = editor.post(f"{edit}preview/", form)
    previewed = editor.get(f"{edit}preview/?mode=").content.decode()
    in_spanish = editor.get(f"{edit}preview/?mode=es").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        published = editor.post(edit, {**form, "action-publish": "1"})

    assert "Ask everybody again" in shown
    assert preview.json()["is_valid"] is True
    assert '<h1 lang="en">Our terms</h1>' in previewed
    assert '<html lang="es"' in in_spanish
    assert '<h1 lang="es">Lo nuestro</h1>' in in_spanish
    assert "Sé amable." in in_spanish
    assert published.status_code == 302
    assert (current_terms().title, current_terms().version) == ("Our terms", f"{page.pk}.2")
    with translation.override("es"):
        assert (current_terms().title, current_terms().version) == ("Lo nuestro", f"{page.pk}.2")


def test_editor_is_offered_every_language_but_the_default_and_each_once(editor):
    page = TermsPage.objects.get()
    key = page.translations.get().pk
    twice = form_of((key, "es", "Uno", "Uno."), ("", "es", "Dos", "Dos."))
    default = form_of((key, "en", "One", "One."))
    edit = f"/admin/pages/{page.pk}/edit/"

    answers = [editor.post(edit, {**form, "action-publish": "1"}) for form in (twice, default)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Please correct the duplicate" in answers[0].content.decode()
    assert "en is not one of the available choices" in answers[1].content.decode()
    assert page.translations.get().title == "Condiciones de uso"
    with pytest.raises(IntegrityError), transaction.atomic():
        TermsTranslation.objects.create(page=page, language="es", title="Dos", body="<p>Dos.</p>")


def test_terms_are_in_the_readers_language_and_one_version(django_assert_num_queries):
    page, english = TermsPage.objects.get(), current_terms()

    with translation.override("es"), django_assert_num_queries(0):
        spanish = current_terms()

    assert (english.language, english.title) == ("en", "Terms of use")
    assert (spanish.language, spanish.title) == ("es", "Condiciones de uso")
    assert (spanish.version, spanish.url) == (english.version, english.url)
    body = page.translations.get().body
    with django_assert_num_queries(2):
        assert spanish.html == body
    assert "En una emergencia, llama al número de emergencias de tu zona." in " ".join(body.split())


def test_what_is_not_translated_is_shown_and_marked_in_the_default_language(
    client, django_capture_on_commit_callbacks
):
    before = TermsPage.objects.get()
    with translation.override("es"):
        assert current_terms().language == "es"

    with django_capture_on_commit_callbacks(execute=True):
        before.translations.get().delete()

    with translation.override("es"):
        terms = current_terms()
    html = client.get("/terms/", headers={"accept-language": "es"}).content.decode()
    assert (terms.language, terms.title, terms.html) == ("en", "Terms of use", before.body)
    assert '<html lang="es"' in html
    assert '<h1 lang="en">Terms of use</h1>' in html
    assert '<div class="intro" lang="en">' in html


def test_page_is_read_in_spanish(client):
    html = client.get("/terms/", headers={"accept-language": "es"}).content.decode()

    assert "<title>Condiciones de uso" in html
    assert '<h1 lang="es">Condiciones de uso</h1>' in html
    assert '<div class="intro" lang="es">' in html
    assert "Terms of use" not in html


@pytest.mark.parametrize(("ask_again", "version"), [(False, 1), (True, 2)])
def test_changed_translation_asks_again_only_when_told_to(
    ask_again, version, django_capture_on_commit_callbacks
):
    page = TermsPage.objects.get()
    with translation.override("es"):
        current_terms()

    spanish = page.translations.get()
    spanish.title = "Condiciones"
    with django_capture_on_commit_callbacks(execute=True):
        page = publish(page, ask_again=ask_again, translations=[spanish])

    assert page.version == version
    with translation.override("es"):
        assert (current_terms().title, current_terms().version) == ("Condiciones", f"{page.pk}.{version}")
    assert current_terms().version == f"{page.pk}.{version}"


def test_draft_of_a_translation_is_read_by_nobody(django_capture_on_commit_callbacks):
    page = TermsPage.objects.get()
    spanish = page.translations.get()
    spanish.title = "Borrador"
    page.translations = [spanish]

    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision()

    with translation.override("es"):
        assert current_terms().title == "Condiciones de uso"


@pytest.mark.parametrize(
    ("change", "languages", "count"),
    [
        ({}, ["en", "es"], 1),
        ({"body": "<p>Our own.</p>"}, ["en", "es"], 0),
        ({"title": "Rules"}, ["en", "es"], 0),
        ({}, ["en"], 0),
    ],
)
def test_migration_translates_its_own_text_and_no_other(change, languages, count):
    migration = import_module("home.migrations.0006_default_translations")
    TermsTranslation.objects.all().delete()
    for name, value in change.items():
        TermsPage.objects.update(**{name: value})

    with override_settings(LANGUAGES=[(code, code) for code in languages]):
        # Twice: what is there already stays the only one.
        for _ in range(2):
            migration.add_translations(apps, connection.schema_editor())

    assert TermsTranslation.objects.count() == count
