import re

import pytest
from wagtail.models import Page, Site

from home.models import HomePage

pytestmark = pytest.mark.django_db


def test_home_page_replaces_the_welcome_page():
    home = HomePage.objects.get()

    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert [page.specific for page in Page.objects.filter(depth=2)] == [home]
    assert (home.url_path, home.live, home.get_parent().depth) == ("/home/", True, 1)
    assert Page.find_problems() == ([], [], [], [], [])


def test_home_page_shows_title_introduction_and_the_way_in(client):
    home = HomePage.objects.get()
    home.title, home.intro = "Umbra Mentoring", "<p>Read <b>this</b> first.</p>"
    home.save()

    response = client.get("/")

    html = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Umbra Mentoring</h1>" in html
    assert "<p>Read <b>this</b> first.</p>" in html
    assert re.findall(r'class="door" href="([^"]+)"', html) == ["/mentee/", "/mentor/", "/admin/"]


def test_introduction_is_in_the_readers_language_or_marked_as_the_default_one(client):
    home = HomePage.objects.get()

    translated = client.get("/", headers={"accept-language": "es"}).content.decode()
    home.translations.all().delete()
    not_translated = client.get("/", headers={"accept-language": "es"}).content.decode()

    assert '<div class="intro" lang="es"><p>Mentores y aprendices, ' in translated
    assert "bring them together" not in translated
    assert '<div class="intro" lang="en"><p>Mentors and mentees, ' in not_translated


def test_home_page_leads_to_doors_at_hosts_of_their_own(client, settings):
    settings.MENTORPRO = {"DOOR_URLS": {"mentor": "https://mentors.example.org"}}

    html = client.get("/").content.decode()

    doors = re.findall(r'class="door" href="([^"]+)"', html)
    assert doors == ["/mentee/", "https://mentors.example.org/mentor/", "/admin/"]


def test_pages_have_no_inline_style_script_or_third_party(client):
    for address in ["/", "/nothing-here/"]:
        html = client.get(address).content.decode()

        assert "<style" not in html
        assert "<script" not in html
        assert " style=" not in html
        assert "//" not in html.replace("<!doctype html>", "")


def test_unknown_address_answers_in_the_sites_own_words(client):
    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()
