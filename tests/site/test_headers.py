import pytest

pytestmark = pytest.mark.django_db


def policy(response):
    directives = (part.partition(" ") for part in response["Content-Security-Policy"].split("; "))
    return {name: sources for name, _, sources in directives}


@pytest.mark.parametrize("address", ["/", "/nothing-here/", "/health/live", "/documents/1/nothing.pdf"])
def test_our_pages_allow_nothing_inline_and_nobody_else(client, address):
    directives = policy(client.get(address))

    assert "unsafe" not in str(directives)
    assert "http" not in str(directives)
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/mentors/", "/admin/account/"])
def test_staff_pages_allow_no_inline_script(client, address):
    directives = policy(client.get(address))

    assert directives["script-src"] == "'self'"
    assert directives["frame-ancestors"] == "'self'"


def test_page_editor_allows_wagtails_inline_scripts(admin_client):
    directives = policy(admin_client.get("/admin/pages/"))

    assert directives["script-src"] == "'self' 'unsafe-inline'"


def test_staff_pages_are_not_kept_by_browsers(client):
    assert "no-store" in client.get("/accounts/login/")["Cache-Control"]
