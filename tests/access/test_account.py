"""The account page of people whose name and address the rosters keep."""

import pytest


@pytest.mark.parametrize("who", ["first_year_pm", "riverside_parent", "super_admin"])
def test_account_page_offers_no_second_place_for_name_and_address(world, client_of, who):
    client = client_of(who)
    before = world.user(who)

    page = client.get("/admin/account/")
    client.post(
        "/admin/account/",
        {
            "name_email-first_name": "Mallory",
            "name_email-last_name": "X",
            "name_email-email": "mallory@example.net",
        },
    )

    assert page.status_code == 200
    assert "name_email-email" not in page.content.decode()
    after = world.user(who)
    assert (after.first_name, after.last_name, after.email) == (
        before.first_name,
        before.last_name,
        before.email,
    )
