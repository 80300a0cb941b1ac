import pytest
from django.contrib.auth import get_user_model
from django.test import Client

PASSWORD = "correct-horse-battery"


@pytest.fixture
def owner(db):
    """The host site's own superuser, who is nobody in the plugin's books."""
    return get_user_model().objects.create_superuser("owner@example.org", PASSWORD)


@pytest.fixture
def log_in():
    """Log in through the log-in screen, as people do; returns the client."""

    def submit(email, password=PASSWORD):
        client = Client()
        response = client.post("/admin/login/", {"username": email, "password": password, "next": "/admin/"})
        assert response.status_code == 302, response.context["form"].errors
        assert response["Location"] == "/admin/"
        return client

    return submit
