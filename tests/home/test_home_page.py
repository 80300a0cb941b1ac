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
    assert 'href="/admin/"' in html


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
