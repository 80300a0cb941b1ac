"""Staff's log-in: `path("accounts/", include("mentorpro_plugin.accounts.urls"))`.

The names are allauth's, which it looks for. A site that has mounted allauth's own pages leaves this out. Whatever isn't
listed here has no address: nobody signs up, and addresses are kept by the rosters.
"""

from typing import Any

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access

from . import factor_views, views


def own(view: Any) -> Any:
    """A screen on the own account: for whoever works in the admin, and in their language and time zone."""
    return never_cache(require_admin_access(view.as_view()))


urlpatterns = [
    path("login/", views.LogInView.as_view(), name="account_login"),
    path("logout/", views.LogOutView.as_view(), name="account_logout"),
    path("password/reset/", views.AskForPasswordView.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.AskedForPasswordView.as_view(), name="account_reset_password_done"),
    path("password/change/", own(views.ChangePasswordView), name="account_change_password"),
    path("reauthenticate/", own(views.ReauthenticateView), name="account_reauthenticate"),
    path("sessions/", own(views.SessionsView), name="usersessions_list"),
    path("security/", own(factor_views.SecurityView), name="mfa_index"),
    path("second-factor/", factor_views.SecondFactorView.as_view(), name="mfa_authenticate"),
    path("reauthenticate/code/", own(factor_views.ReauthenticateByCodeView), name="mfa_reauthenticate"),
    path(
        "reauthenticate/passkey/",
        own(factor_views.ReauthenticateByPasskeyView),
        name="mfa_reauthenticate_webauthn",
    ),
    path("app/", own(factor_views.SetUpAppView), name="mfa_activate_totp"),
    path("app/remove/", own(factor_views.RemoveAppView), name="mfa_deactivate_totp"),
    path("recovery-codes/", own(factor_views.RecoveryCodesView), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", own(factor_views.NewRecoveryCodesView), name="mfa_generate_recovery_codes"),
    path("passkeys/", own(factor_views.PasskeysView), name="mfa_list_webauthn"),
    path("passkeys/add/", own(factor_views.AddPasskeyView), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/", own(factor_views.RenamePasskeyView), name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", own(factor_views.RemovePasskeyView), name="mfa_remove_webauthn"),
    path("passkeys/login/", factor_views.LogInByPasskeyView.as_view(), name="mfa_login_webauthn"),
]
