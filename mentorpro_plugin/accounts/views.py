"""Staff's way in and their own account, in the look of the admin. What it takes to prove who one is, allauth checks."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import get_pending_stage, redirect_to_pending_stage
from allauth.account.mixins import RedirectAuthenticatedUserMixin
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from ..access.roles import STAFF
from ..activity.models import HistoryEntry
from ..people.tokens import password_tokens
from .actions import choose_password
from .devices import devices_of, end_other_devices, other_session
from .forms import (
    AskForPasswordForm,
    ChoosePasswordForm,
    StaffChangePasswordForm,
    StaffLogInForm,
    StaffReauthenticateForm,
)
from .history import note, person_of
from .second_factor import is_offered

_DIRECTORY = "mentorpro_plugin/accounts"


class LogInView(allauth_views.LoginView):
    template_name = f"{_DIRECTORY}/log_in.html"

    @method_decorator(rate_limit(action="login"))
    @method_decorator(sensitive_post_parameters("password"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Instead of allauth's, which sends on whoever is logged in: mentors and mentees would go round in circles.
        if request.user.has_perm("wagtailadmin.access_admin"):
            return redirect(self.get_authenticated_redirect_url())
        stage = get_pending_stage(request)
        if stage is not None and stage.is_resumable(request):
            return redirect_to_pending_stage(request, stage)
        return super(RedirectAuthenticatedUserMixin, self).dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type:
        return StaffLogInForm

    def form_valid(self, form: StaffLogInForm) -> HttpResponse:
        if self.request.user.is_authenticated:
            # Or else allauth would write its record into a session that Django then empties.
            self.request.session.flush()
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "offers_passkeys": is_offered()}


class LogOutView(allauth_views.LogoutView):
    """Logs out, by POST. Whoever comes by a link is asked."""

    template_name = f"{_DIRECTORY}/log_out.html"


class AskForPasswordView(allauth_views.PasswordResetView):
    template_name = f"{_DIRECTORY}/ask_for_password.html"

    def get_form_class(self) -> type:
        return AskForPasswordForm


class AskedForPasswordView(allauth_views.PasswordResetDoneView):
    template_name = f"{_DIRECTORY}/asked_for_password.html"


@method_decorator(sensitive_post_parameters("new_password1", "new_password2"), name="dispatch")
class ChoosePasswordView(PasswordResetConfirmView):
    """Choose a password, having come by the link of a mail. Works where allauth's own pages have no address, too."""

    template_name = f"{_DIRECTORY}/choose_password.html"
    form_class = ChoosePasswordForm
    token_generator = password_tokens

    def get_user(self, uidb64: str) -> Any:
        """Return the user, if they belong to staff who may log in."""
        user = super().get_user(uidb64)
        person = person_of(user) if isinstance(user, get_user_model()) else None
        if person is None or person.role not in STAFF or person.is_deactivated or not user.is_active:
            return None
        return user

    def form_valid(self, form: ChoosePasswordForm) -> HttpResponse:
        choose_password(person_of(self.user), form.cleaned_data["new_password1"])
        del self.request.session["_password_reset_token"]
        messages.success(self.request, _("Your new password is set. Log in with it."))
        return redirect(_log_in_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "log_in_url": _log_in_url()}


class OwnAccountMixin(WagtailAdminTemplateMixin):
    """A screen on one's own account, in the frame of the admin. `require_admin_access` stands around it."""

    header_icon = "lock"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [
            *self.breadcrumbs_items,
            {"url": reverse("wagtailadmin_account"), "label": _("Account")},
        ]
        if is_offered() and self.request.path != reverse("mfa_index"):
            items.append({"url": reverse("mfa_index"), "label": _("Security")})
        return [*items, {"url": "", "label": self.get_page_title()}]


class ReauthenticateView(OwnAccountMixin, allauth_views.ReauthenticateView):
    page_title = gettext_lazy("Is it you?")
    template_name = f"{_DIRECTORY}/reauthenticate.html"

    def get_form_class(self) -> type:
        return StaffReauthenticateForm


class ChangePasswordView(OwnAccountMixin, allauth_views.PasswordChangeView):
    """Change the password. Every other session ends, this one goes on."""

    page_title = gettext_lazy("Change password")
    template_name = f"{_DIRECTORY}/change_password.html"

    @method_decorator(sensitive_post_parameters("oldpassword", "password1", "password2"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type:
        return StaffChangePasswordForm

    @transaction.atomic
    def form_valid(self, form: StaffChangePasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        if (person := person_of(self.request.user)) is not None:
            end_other_devices(self.request, person)
            note(person, HistoryEntry.Action.PASSWORD_CHANGED, by=self.request.user)
        return response


class SessionsView(OwnAccountMixin, TemplateView):
    """Where one is logged in, and to end one of those sessions or all others."""

    page_title = gettext_lazy("Where you are logged in")
    header_icon = "desktop"
    template_name = f"{_DIRECTORY}/sessions.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = person_of(request.user)
        if self.person is None:
            raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        devices = devices_of(self.person, self.request.session.session_key)
        return {
            **super().get_context_data(**kwargs),
            "devices": devices,
            "has_others": any(not device.is_this for device in devices),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if "others" in request.POST:
                end_other_devices(request, self.person)
                said = _("You are logged out everywhere else.")
            else:
                row = other_session(
                    self.person, request.POST.get("session", ""), session_key=request.session.session_key
                )
                if row is None:
                    raise Http404
                row.end()
                said = _("That session is ended.")
            note(self.person, HistoryEntry.Action.SESSION_ENDED, by=request.user)
        messages.success(request, said)
        return redirect("usersessions_list")


def too_many(request: HttpRequest) -> HttpResponse:
    """A site names it `handler429`: what allauth answers when its brakes on floods take hold."""
    return render(request, f"{_DIRECTORY}/too_many.html", status=429)


def _log_in_url() -> str:
    try:
        return reverse("account_login")
    except NoReverseMatch:
        # A site that lets its staff log in elsewhere.
        return resolve_url("wagtailadmin_login")
