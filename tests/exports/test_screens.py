"""The Exports tab: asking, waiting, fetching, and what comes regularly."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.exports import raw_views
from mentorpro_plugin.exports.rosters import ExportStopped
from mentorpro_plugin.models import Deletion, ExportSchedule, Person, RawExport

from .reading import body


@pytest.fixture
def parent(client_of, storage):
    return client_of("riverside_parent")


def ask(client, world, organization="riverside", **given):
    return client.post(
        reverse("exports:add"),
        {"organization": world.organizations[organization].pk, "with_files": "on", **given},
        follow=True,
    )


def screen(client, name, *args, **query):
    return client.get(reverse(f"exports:{name}", args=args), query).content.decode()


def waiting(world, **fields):
    export = RawExport(
        organization=world.organizations["riverside"], by=world.user("riverside_parent"), **fields
    )
    export.save()
    return export


def test_the_first_visit_says_that_there_is_nothing(world, parent):
    page = screen(parent, "index")

    assert "No raw data have been exported yet." in page
    assert "Nothing is exported regularly yet." in page


def test_raw_data_are_asked_for_and_fetched(world, parent):
    page = ask(parent, world)
    export = RawExport._base_manager.get()

    response = parent.post(reverse("exports:file", args=[export.pk]))

    assert page.redirect_chain == [(f"/admin/exports/{export.pk}/", 302)]
    assert "The export is ready" in page.content.decode()
    content = body(response)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    day = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="riverside-organization-{day}.zip"'
    assert response["Content-Length"] == str(len(content)) == str(export.size)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    actions = HistoryEntry._base_manager.filter(subject_type="rawexport").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["exported", "downloaded"]
    history = parent.get("/admin/history/").content.decode()
    assert f"exported the raw data ({sum(export.counts.values())} rows)" in history


@pytest.mark.parametrize("name", ["add", "regular_add"])
def test_it_says_who_can_read_messages_by_it_and_that_it_is_recorded(parent, name):
    page = screen(parent, name)

    assert (
        "Whoever has the file can read all messages that people wrote to each other, which no screen shows to anybody"
        " but the two of them."
    ) in page
    assert "Each export and each download stands in the history." in page


def test_children_can_be_chosen_and_strangers_can_t(world, parent):
    choices = parent.get(reverse("exports:add")).context["form"].fields["organization"].queryset

    assert {str(organization) for organization in choices} == {
        "Riverside Organization",
        "Enginmark Organization",
        "Nursmark Organization",
    }
    refused = ask(parent, world, "law").context["form"].errors
    assert list(refused) == ["organization"]
    assert not RawExport._base_manager.exists()


@pytest.mark.parametrize("form", ["add", "regular_add"])
def test_an_address_may_choose_the_organization(world, parent, form):
    def chosen(organization):
        page = parent.get(reverse(f"exports:{form}"), {"organization": organization})
        return page.context["form"]["organization"].value()

    assert chosen(world.organizations["nursing"].pk) == world.organizations["nursing"].pk
    for stranger in (world.organizations["law"].pk, "x", "9" * 30):
        assert chosen(stranger) == world.organizations["riverside"].pk


def test_while_one_is_written_another_one_waits(world, parent):
    waiting(world)

    page = ask(parent, world).content.decode()

    assert "An export of this organization is being written already." in page


def test_progress_is_said_in_percent_and_can_be_cancelled(world, parent):
    export = waiting(world, rows_done=30, rows_total=60)

    page = screen(parent, "progress", export.pk)
    part = screen(parent, "state", export.pk)
    parent.post(reverse("exports:cancel", args=[export.pk]))

    assert "50 percent are done" in page
    assert "50 percent are done" in part
    assert "<html" not in part
    assert "The export was cancelled. Nothing of it is kept." in screen(parent, "progress", export.pk)
    assert "cancelled" in screen(parent, "index")


def test_it_says_for_whom_it_waits(world, parent):
    export = waiting(world)
    before = screen(parent, "state", export.pk)
    person = world.people["transfer_mentee"]
    Deletion(person_pk=person.pk, role=person.role, organization=person.organization).save()

    assert "waits to be written" in before
    assert "is being deleted. The export begins when they are gone." in screen(parent, "state", export.pk)


@pytest.mark.parametrize("reason", RawExport.Reason.values)
def test_every_failure_is_a_sentence_with_a_way_on(world, parent, reason):
    export = waiting(world, state=RawExport.State.FAILED, error=reason, due_at=None)

    page = screen(parent, "progress", export.pk)

    assert str(RawExport.Reason(reason).label) in page.replace("&#x27;", "'")
    assert f"/admin/exports/add/?organization={export.organization_id}" in page


def test_a_file_past_its_time_is_not_there(world, parent):
    ask(parent, world)
    RawExport._base_manager.update(expires_at=timezone.now())
    export = RawExport._base_manager.get()

    assert parent.post(reverse("exports:file", args=[export.pk])).status_code == 404
    assert "it is kept for seven days" in screen(parent, "progress", export.pk)


def test_a_file_that_somebody_took_from_the_disk_is_not_there(world, parent, storage):
    ask(parent, world)
    export = RawExport._base_manager.get()
    storage.delete(export.file)

    assert parent.post(reverse("exports:file", args=[export.pk])).status_code == 404
    assert not HistoryEntry._base_manager.filter(action="downloaded").exists()


def test_a_download_stops_once_its_user_may_not_export(world, parent, monkeypatch):
    monkeypatch.setattr(raw_views, "_BYTES", 100)
    monkeypatch.setattr(raw_views, "_OFTEN", 0.0)
    ask(parent, world)
    response = parent.post(reverse("exports:file", args=[RawExport._base_manager.get().pk]))
    pieces = iter(response.streaming_content)
    next(pieces)
    Person._base_manager.filter(pk=world.people["riverside_parent"].pk).update(status="deactivated")

    with pytest.raises(ExportStopped):
        list(pieces)


def test_a_get_fetches_nothing(world, parent):
    ask(parent, world)

    assert parent.get(reverse("exports:file", args=[RawExport._base_manager.get().pk])).status_code == 405


def test_regular_exports_are_set_up_changed_and_removed(world, parent):
    organization = world.organizations["riverside"]
    parent.post(reverse("exports:regular_add"), {"organization": organization.pk, "every": "week"})
    schedule = ExportSchedule._base_manager.get()
    page = screen(parent, "index")

    parent.post(reverse("exports:regular_edit", args=[schedule.pk]), {"every": "month", "with_files": "on"})
    changed = ExportSchedule._base_manager.get()
    parent.post(reverse("exports:regular_remove", args=[schedule.pk]))

    assert "every week" in page
    assert (schedule.every, schedule.with_files) == ("week", False)
    assert (changed.every, changed.with_files, changed.organization) == ("month", True, organization)
    assert not ExportSchedule._base_manager.exists()
    history = parent.get("/admin/history/").content.decode()
    for sentence in (
        "raw data to be exported every week",
        "raw data to be exported every month",
        "ended regular exports of the raw data",
    ):
        assert sentence in history


def test_a_second_regular_export_of_an_organization_is_refused_in_a_sentence(world, parent):
    given = {"organization": world.organizations["riverside"].pk, "every": "week"}
    parent.post(reverse("exports:regular_add"), given)

    page = parent.post(reverse("exports:regular_add"), given).content.decode()

    assert "exported regularly already" in page


def test_a_regular_export_that_rests_says_why(world, parent, client_of):
    other = world.people["nursing_child"]
    ExportSchedule(organization=world.organizations["nursing"], by=other.user).save()

    page = screen(parent, "index")
    schedule = ExportSchedule._base_manager.get()
    parent.post(reverse("exports:regular_edit", args=[schedule.pk]), {"every": "week"})

    assert "may not export raw data any more. Save it anew, and it goes on on your behalf." in page
    assert "may not export raw data any more" not in screen(parent, "index")


def test_listing_is_filtered_by_organization_and_state(world, parent):
    ask(parent, world)
    waiting(world, state=RawExport.State.CANCELLED, due_at=None)

    def found(**query):
        return [row.state for row in parent.get(reverse("exports:index"), query).context["object_list"]]

    assert found() == ["cancelled", "done"]
    assert found(state="done") == ["done"]
    assert found(organization=world.organizations["nursing"].pk) == []
    assert "No exports of raw data match your query." in screen(parent, "index", state="failed")


@pytest.mark.parametrize("count", [1, 5])
def test_listing_takes_as_many_queries_for_many_as_for_few(
    world, parent, django_assert_max_num_queries, count
):
    for number in range(count):
        waiting(world, state=RawExport.State.CANCELLED, created_at=timezone.now() - timedelta(days=number))
    screen(parent, "index")

    with django_assert_max_num_queries(16):
        screen(parent, "index")


def test_an_organization_leads_to_its_raw_data(world, parent, client_of):
    organization = world.organizations["engineering"]
    page = parent.get(f"/admin/organizations/{organization.pk}/").content.decode()
    of_child = client_of("engineering_child").get(f"/admin/organizations/{organization.pk}/").content.decode()

    assert f"/admin/exports/add/?organization={organization.pk}" in page
    assert "Raw data" not in of_child


@pytest.mark.parametrize("by", ["engineering_child", "first_year_pm", "first_year_sc"])
def test_others_have_no_such_tab(world, client_of, by):
    assert 'href="/admin/exports/"' not in client_of(by).get("/admin/").content.decode()
