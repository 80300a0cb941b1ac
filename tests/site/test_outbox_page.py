"""The demo's outbox: what would have been sent, for whoever tries the site, and for nobody in earnest."""

import sys
from types import ModuleType

import pytest
from django.test import Client, override_settings
from django.urls import clear_url_caches, include, path
from django.utils import timezone

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.actions import queue_email, queue_text
from mentorpro_plugin.outbox.delivery import deliver_due
from mentorpro_site import outbox
from mentorpro_site.settings.base import mail

KIND = OutboxMessage.Kind


@pytest.fixture
def folder(settings, tmp_path):
    """The site on one's own machine, as far as this page goes; returns where mail and text messages end up."""
    urls = ModuleType("urls_with_outbox")
    urls.urlpatterns = [
        path("outbox/", outbox.outbox),
        path("", include("mentorpro_site.urls")),
    ]
    sys.modules[urls.__name__] = urls
    folder = tmp_path / "outbox"
    sent_to_files = {
        **mail(f"filemail:///{folder}"),
        "MENTORPRO": {
            **settings.MENTORPRO,
            "SMS_BACKEND": "file",
            "SMS_OPTIONS": {"folder": str(folder)},
        },
    }
    with override_settings(DEBUG=True, DATA_DIR=tmp_path, ROOT_URLCONF=urls.__name__, **sent_to_files):
        clear_url_caches()
        yield folder
    clear_url_caches()


def send_text(code="482913", recipient="+12055550101"):
    queue_text(kind=KIND.LOGIN_CODE, recipient=recipient, body="{secret} is your code.", secret=code)
    assert deliver_due() == 1


def test_page_is_not_there_in_earnest(db, rf):
    assert Client().get("/outbox/").status_code == 404
    with pytest.raises(outbox.Http404):
        outbox.outbox(rf.get("/outbox/"))


def test_page_without_messages_says_what_to_do(db, folder):
    response = Client().get("/outbox/")

    assert response.status_code == 200
    assert "Nothing yet." in response.content.decode()


def test_code_is_read_there_although_the_row_has_dropped_it(db, folder):
    send_text()

    page = Client().get("/outbox/").content.decode()

    assert '<span class="outbox__label">Code</span> 482913' in page
    assert "+12055550101" in page
    assert OutboxMessage._base_manager.get().secret is None


def test_newest_message_stands_first_and_mail_and_text_together(db, folder):
    send_text("111111")
    for subject in ("First", "Second"):
        queue_email(
            kind=KIND.UNREAD_NOTICE,
            recipient="ada@example.org",
            subject=subject,
            body="Read it at http://testserver/mentee/ — or not.\n" + "-" * 79 + "\nAda & Lev",
            html="<p>Read it</p>",
        )
    assert deliver_due() == 2
    send_text("222222")

    shown = outbox.newest()

    assert [message.code or message.subject for message in shown] == ["222222", "Second", "First", "111111"]
    page = Client().get("/outbox/").content.decode()
    assert '<a href="http://testserver/mentee/" rel="nofollow">' in page
    assert "Ada &amp; Lev" in page


def test_message_that_holds_markup_shows_it(db, folder):
    queue_text(kind=KIND.UNREAD_NOTICE, recipient="+12055550101", body="<script>alert(1)</script>")
    deliver_due()

    page = Client().get("/outbox/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_list_is_sent_again_only_when_there_is_something_new(db, folder):
    send_text()
    client = Client()
    first = client.get("/outbox/?list")
    assert "<html" not in first.content.decode()

    unchanged = client.get("/outbox/?list", headers={"If-None-Match": first.headers["ETag"]})
    send_text("222222")
    changed = client.get("/outbox/?list", headers={"If-None-Match": first.headers["ETag"]})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert "222222" in changed.content.decode()


def test_page_names_a_mentee_and_her_mentor_to_log_in_as(world, folder):
    page = Client().get("/outbox/").content.decode()

    people = outbox.visitors()
    assert [door.name for _person, door, _url in people] == ["mentee", "mentor"]
    for person, door, _url in people:
        assert person.phone.as_international in page
        assert f'/{door.name}/"' in page


def test_unfinished_and_foreign_files_are_passed_over(db, folder):
    send_text()
    (folder / "half.part").write_text("To: +1")
    (folder / "notes.txt").write_text("To: +1\nDate: today\n\n999999")
    (folder / "empty.log").write_text("")

    assert [message.code for message in outbox.newest()] == ["482913"]
    assert outbox.newest()[0].at <= timezone.now()
