"""The doors of the Wagtail admin: what is open to program staff is named, all else answers 404."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.urls import (
    clear_script_prefix,
    clear_url_caches,
    get_script_prefix,
    include,
    path,
    re_path,
    set_script_prefix,
)
from wagtail.admin import urls as wagtailadmin_urls

from mentorpro_plugin.access import doors
from mentorpro_plugin.access.doors import is_open_to, is_scoped_url

STAFF = ["riverside_parent", "engineering_child", "first_year_pm", "first_year_sc"]


class PlainAdmin:
    urlpatterns = [path("admin/", include(wagtailadmin_urls))]


class AdminByExpression:
    urlpatterns = [re_path(r"^admin/", include(wagtailadmin_urls))]


class AdminInAnotherAlphabet:
    urlpatterns = [path("админ/", include(wagtailadmin_urls))]


class AdminBesidePagesOfAlikeName:
    urlpatterns = [
        path("admin-guide/", lambda request: None, name="guide"),
        path("back/office/", include(wagtailadmin_urls)),
    ]


@pytest.fixture
def urls(settings):
    """Let the site have other addresses: `urls(PlainAdmin, prefix="/below/")`."""
    before = get_script_prefix()

    def use(urlconf, prefix="/"):
        settings.ROOT_URLCONF = urlconf
        clear_url_caches()
        set_script_prefix(prefix)

    yield use
    clear_script_prefix()
    set_script_prefix(before)
    clear_url_caches()


WHEREVER = [
    (PlainAdmin, "/"),
    (PlainAdmin, "/below/"),
    (AdminByExpression, "/"),
    (AdminByExpression, "/below/"),
    (AdminInAnotherAlphabet, "/"),
    (AdminInAnotherAlphabet, "/unter-weg/"),
    (AdminBesidePagesOfAlikeName, "/"),
]


@pytest.mark.parametrize(("urlconf", "prefix"), WHEREVER)
def test_doors_are_closed_wherever_the_admin_is(world, urls, urlconf, prefix):
    urls(urlconf, prefix)
    user = world.user("riverside_parent")

    def open_to_them(name, **kwargs):
        from django.urls import reverse

        return is_open_to(user, doors._resolved(reverse(name, kwargs=kwargs)), kwargs)

    assert not open_to_them("wagtailusers_users:index")
    assert not open_to_them("wagtailadmin_reports:site_history")
    assert not open_to_them("wagtailadmin_choose_page")
    assert open_to_them("wagtailadmin_home")
    assert open_to_them("mentees:index")


def test_pages_outside_the_admin_are_open(world, urls):
    urls(AdminBesidePagesOfAlikeName)

    assert is_open_to(world.user("first_year_pm"), doors._resolved("/admin-guide/"), {})


@pytest.mark.parametrize("prefix", ["/", "/below/"])
def test_menu_knows_its_own_screens_wherever_the_site_is_mounted(db, urls, prefix):
    from django.urls import reverse

    urls(PlainAdmin, prefix)

    assert is_scoped_url(reverse("mentees:index"))
    assert not is_scoped_url(reverse("wagtailusers_users:index"))
    assert not is_scoped_url("/nowhere/")
    assert not is_scoped_url("")
    assert not is_scoped_url(None)


@pytest.mark.parametrize("name", STAFF)
def test_address_that_leads_nowhere_is_404(client_of, name):
    client = client_of(name)

    assert client.get("/admin/nothing-here/").status_code == 404
    assert client.get("/admin/test404/").status_code == 404
    assert client.get("/admin/failwhale/").status_code == 404


@pytest.mark.parametrize("name", STAFF)
def test_group_opens_no_door_to_program_staff(client_of, world, name):
    everything = Group.objects.create(name="Everything")
    everything.permissions.set(Permission.objects.all())
    world.people[name].user.groups.add(everything)
    client = client_of(name)

    answers = {
        address: client.get(address).status_code
        for address in (
            "/admin/users/",
            "/admin/groups/",
            "/admin/images/",
            "/admin/documents/",
            "/admin/reports/site-history/",
            "/admin/redirects/",
            "/admin/sites/",
        )
    }

    assert set(answers.values()) == {404}, answers


def test_account_of_a_person_is_closed_in_the_stock_user_screen(client_of, world):
    client = client_of("super_admin")
    theirs = world.people["first_year_pm"].user_id

    for screen in ("edit", "delete", "history", "usage", "copy"):
        from django.urls import reverse

        address = reverse(f"wagtailusers_users:{screen}", args=[theirs])

        assert client.get(address).status_code == 404, screen
        assert client.post(address, {"is_superuser": "on"}).status_code == 404, screen


@pytest.mark.parametrize("action", ["delete", "set_active_state", "assign_role"])
def test_bulk_screen_of_users_is_closed_to_everybody(client_of, world, action):
    client = client_of("super_admin")

    for method in (client.get, client.post):
        response = method(f"/admin/bulk/auth/user/{action}/?id=all")

        assert response.status_code == 404


def test_user_screen_tells_nobody_outside_the_admin_which_accounts_exist(client_of, world):
    theirs = world.people["first_year_pm"].user_id

    for name in (None, "first_year_mentor", "first_year_mentee", "engineering_left_pm"):
        client = client_of(name)
        known = client.get(f"/admin/users/edit/{theirs}/")
        unknown = client.get("/admin/users/edit/999999/")

        assert (known.status_code, unknown.status_code) == (302, 302), name
        assert known["Location"].replace(str(theirs), "999999") == unknown["Location"]


def test_editor_of_the_site_without_a_person_keeps_wagtails_own_screens(client, django_user_model):
    editor = django_user_model.objects.create_user("editor", password="x")
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)

    assert client.get("/admin/pages/").status_code == 200
    assert client.get("/admin/images/").status_code == 200
    assert client.get("/admin/mentees/").status_code == 302
    assert client.get("/admin/users/").status_code == 302


def test_editor_who_may_change_users_changes_nobody_of_the_rosters(client, world, django_user_model):
    editor = django_user_model.objects.create_user("editor", password="x")
    editor.groups.add(Group.objects.get(name="Editors"))
    editor.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(editor)
    person = world.people["super_admin"]

    assert client.get(f"/admin/users/edit/{person.user_id}/").status_code == 404
    assert client.get(f"/admin/users/edit/{editor.pk}/").status_code == 200


def test_door_out_of_the_admin_is_open_to_the_anonymous(db):
    assert is_open_to(AnonymousUser(), doors._resolved("/admin/users/"), {})
