"""The second factor: asked for at the log-in, and set up. Imported only where `allauth.mfa` is installed."""

from typing import Any

from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.account.mixins import RedirectAuthenticatedUserMixin
from allauth.core.internal import ratelimit
from allauth.mfa.base import views as base_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from ..people.models import Person
from .factor_forms import (
    StaffActivateTOTPForm,
    StaffAddPasskeyForm,
    StaffAuthenticateByPasskeyForm,
    StaffAuthenticateForm,
    StaffLogInByPasskeyForm,
    StaffReauthenticateByCodeForm,
    StaffReauthenticateByPasskeyForm,
    StaffRenamePasskeyForm,
)
from .factors import FactorAdapter
from .history import person_of
from .second_factor import lacks_one, may_lose
from .sessions import may_end_log_in
from .views import OwnAccountMixin

_DIRECTORY = "mentorpro_plugin/accounts"


class SecondFactorView(base_views.AuthenticateView):
    """The step of the log-in after the password."""

    template_name = f"{_DIRECTORY}/second_factor.html"
    webauthn_form_class = StaffAuthenticateByPasskeyForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stage = get_pending_stage(request)
        person = person_of(stage.login.user) if stage is not None else None
        if person is not None and not may_end_log_in(request, person):
            clear_login(request)
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type:
        return StaffAuthenticateForm


class SecurityView(OwnAccountMixin, base_views.IndexView):
    """All about the own log-in: password, second factor, sessions."""

    page_title = _("Security")
    template_name = f"{_DIRECTORY}/security.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        codes = context["authenticators"].get("recovery_codes")
        return {
            **context,
            "lacks_one": lacks_one(self.request.user),
            "is_person": person_of(self.request.user) is not None,
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
        }


class ReauthenticateByCodeView(OwnAccountMixin, base_views.ReauthenticateView):
    page_title = _("Is it you?")
    template_name = f"{_DIRECTORY}/reauthenticate.html"

    def get_form_class(self) -> type:
        return StaffReauthenticateByCodeForm


class ReauthenticateByPasskeyView(OwnAccountMixin, webauthn_views.ReauthenticateWebAuthnView):
    page_title = _("Is it you?")
    template_name = f"{_DIRECTORY}/reauthenticate_by_passkey.html"

    def get_form_class(self) -> type:
        return StaffReauthenticateByPasskeyForm

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, _passkey_refused())
        return redirect("mfa_reauthenticate_webauthn")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth's own leaves out what it is given.
        return {**super().get_context_data(**kwargs), **kwargs}


@method_decorator(never_cache, name="dispatch")
class SetUpAppView(OwnAccountMixin, totp_views.ActivateTOTPView):
    page_title = _("Set up an authenticator app")
    template_name = f"{_DIRECTORY}/set_up_app.html"

    def get_form_class(self) -> type:
        return StaffActivateTOTPForm


class KeepLastFactorMixin:
    """Two removals at once come one after the other, so that the second one finds that it is about the last factor."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            person = person_of(request.user)
            if person is not None:
                Person._base_manager.select_for_update().get(pk=person.pk)
            return super().post(request, *args, **kwargs)  # type: ignore[misc]


class RemoveAppView(KeepLastFactorMixin, OwnAccountMixin, totp_views.DeactivateTOTPView):
    page_title = _("Remove the authenticator app")
    template_name = f"{_DIRECTORY}/remove_app.html"


@method_decorator(never_cache, name="dispatch")
class RecoveryCodesView(OwnAccountMixin, recovery_views.ViewRecoveryCodesView):
    """The codes, this once."""

    page_title = _("Recovery codes")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/recovery_codes.html"


class NewRecoveryCodesView(OwnAccountMixin, recovery_views.GenerateRecoveryCodesView):
    page_title = _("New recovery codes")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/new_recovery_codes.html"


class PasskeysView(OwnAccountMixin, webauthn_views.ListWebAuthnView):
    page_title = _("Passkeys")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/passkeys.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().order_by("created_at", "pk")


class AddPasskeyView(OwnAccountMixin, webauthn_views.AddWebAuthnView):
    page_title = _("Add a passkey")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/add_passkey.html"

    def get_form_class(self) -> type:
        return StaffAddPasskeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth's own leaves out what it is given, a refused form among it.
        return {**super().get_context_data(**kwargs), **kwargs}


class RenamePasskeyView(OwnAccountMixin, webauthn_views.EditWebAuthnView):
    page_title = _("Rename a passkey")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/rename_passkey.html"

    def get_form_class(self) -> type:
        return StaffRenamePasskeyForm


class RemovePasskeyView(KeepLastFactorMixin, OwnAccountMixin, webauthn_views.RemoveWebAuthnView):
    page_title = _("Remove a passkey")
    header_icon = "key"
    template_name = f"{_DIRECTORY}/remove_passkey.html"

    def form_valid(self, form: Any) -> HttpResponse:
        # allauth asks this of authenticator apps only.
        if not may_lose(self.request.user, self.get_object().pk):
            messages.error(self.request, FactorAdapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)


class LogInByPasskeyView(webauthn_views.LoginWebAuthnView):
    """What the script of the log-in asks for, and what it brings back."""

    def get_form_class(self) -> type:
        return StaffLogInByPasskeyForm

    @method_decorator(ratelimit.decorator(app="allauth.mfa", action="webauthn_login"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Instead of allauth's, as in LogInView.
        if request.user.has_perm("wagtailadmin.access_admin"):
            return redirect(self.get_authenticated_redirect_url())
        return super(RedirectAuthenticatedUserMixin, self).dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if self.request.user.is_authenticated:
            self.request.session.flush()
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, _passkey_refused())
        return redirect("account_login")


def _passkey_refused() -> Any:
    return _("This passkey isn't known here, or took too long. Try again, or log in with your password.")
