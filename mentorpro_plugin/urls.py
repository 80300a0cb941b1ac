"""The plugin's addresses outside the Wagtail admin: `path("", include("mentorpro_plugin.urls"))`."""

from django.urls import include, path

from .accounts.views import ChoosePasswordView
from .shell.doors import DOORS

# Links in mails to staff lead here, wherever else a site lets them log in.
own_passwords = [
    path("set-password/<uidb64>/<token>/", ChoosePasswordView.as_view(), name="set_password"),
]

urlpatterns = [
    path("accounts/", include((own_passwords, "accounts"))),
    *(
        path(f"{door}/", include("mentorpro_plugin.portal.urls", namespace=door), {"door": door})
        for door in DOORS
    ),
]
