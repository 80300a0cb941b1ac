"""The screens on which a Super Admin rewrites the e-mails that the site writes by itself."""

from base64 import b64encode
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Table
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from ..access.doors import open_to_staff
from ..shell.doors import DOOR_OF_ROLE
from ..shell.qr import qr_code
from ..tables import LabelledColumn, NameColumn
from .actions import change_letter, may_change_letters, restore_letter
from .forms import LetterForm
from .kinds import KINDS, MEANINGS, LetterKind
from .models import Letter
from .values import example_values
from .writing import Text, built_in_text, rendered, text_of


class Row(NamedTuple):
    """One e-mail in one language, in the list."""

    label: str
    subject: str
    state: str
    url: str


class Preview(NamedTuple):
    """What would be sent to an invented person."""

    subject: str
    text: str
    html: str


class ForLetterWriters:
    """A view for those who may rewrite e-mails; "permission denied" for everybody else."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        if not may_change_letters(request.user):
            raise PermissionDenied


class OnOneLetter(ForLetterWriters):
    """A view on one kind of e-mail in one language; 404 for kinds and languages that there aren't."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.language = kwargs["language"]
        if kwargs["kind"] not in KINDS or self.language not in dict(settings.LANGUAGES):
            raise Http404
        self.kind = KINDS[kwargs["kind"]]


class LettersView(ForLetterWriters, WagtailAdminTemplateMixin, TemplateView):
    """Every kind of e-mail in every language of the site: a few dozen, whatever the site holds."""

    template_name = "mentorpro_plugin/letters/index.html"
    page_title = gettext_lazy("E-mails")
    header_icon = "mail"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        columns = [
            NameColumn("label", label=_("E-mail"), get_url=lambda row: row.url),
            LabelledColumn("subject", label=_("Subject")),
            LabelledColumn("state", label=_("Text")),
        ]
        return {**super().get_context_data(**kwargs), "table": Table(columns, _rows())}


class EditLetterView(OnOneLetter, WagtailAdminTemplateMixin, FormView):
    """Shows the text in force, previews another one, or keeps it. Of two who edit at once, the later one's stays."""

    form_class = LetterForm
    template_name = "mentorpro_plugin/letters/edit.html"
    header_icon = "mail"

    def get_page_title(self) -> str:
        return str(self.kind.label)

    def get_page_subtitle(self) -> str:
        return _name_of(self.language)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("letters:index"), "label": LettersView.page_title},
            {"url": "", "label": _label(self.kind, self.language)},
        ]

    def get_initial(self) -> dict[str, Any]:
        text = text_of(self.kind, self.language)
        return {"subject": text.subject, "body": text.body}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "kind": self.kind}

    def form_valid(self, form: LetterForm) -> HttpResponse:
        if "preview" in self.request.POST:
            preview = preview_of(self.kind, self.language, **form.cleaned_data)
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        try:
            change_letter(self.kind, self.language, **form.cleaned_data, by=self.request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        letter = _label(self.kind, self.language)
        messages.success(
            self.request, _("“%(letter)s” is written like this from now on.") % {"letter": letter}
        )
        return redirect("letters:index")

    def form_invalid(self, form: LetterForm) -> HttpResponse:
        messages.error(self.request, _("Nothing was saved. See what is wrong beside the fields."))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "placeholders": [(f"{{{name}}}", MEANINGS[name]) for name in self.kind.placeholders],
            "needed": f"{{{self.kind.needed}}}",
            "is_built_in": text_of(self.kind, self.language).is_built_in,
            "built_in": built_in_text(self.kind, self.language),
            "restore_url": reverse("letters:restore", args=[self.kind.name, self.language]),
            "cancel_url": reverse("letters:index"),
        }


class RestoreLetterView(OnOneLetter, View):
    """Goes back to the text that comes with the plugin, by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        restore_letter(self.kind, self.language, by=request.user)
        letter = _label(self.kind, self.language)
        messages.success(request, _("“%(letter)s” has its built-in text again.") % {"letter": letter})
        return redirect("letters:index")


class LettersMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_change_letters(request.user)


class LetterViewSet(ViewSet):
    """No row is added here: there are as many texts as kinds and languages."""

    name = "letters"
    icon = "mail"
    menu_label = gettext_lazy("E-mails")
    menu_order = 700
    add_to_settings_menu = True
    menu_item_class = LettersMenuItem

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", LettersView.as_view(), name="index"),
            path("<slug:kind>/<slug:language>/", EditLetterView.as_view(), name="edit"),
            path("<slug:kind>/<slug:language>/restore/", RestoreLetterView.as_view(), name="restore"),
        ]

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)


def preview_of(kind: LetterKind, language: str, *, subject: str, body: str) -> Preview:
    """Return what `kind` would say to an invented person with this text."""
    code_url = ""
    if kind.has_code:
        # Within the page: a front door may have a host of its own, from which the admin's pages fetch nothing.
        code_url = f"data:image/png;base64,{b64encode(qr_code(DOOR_OF_ROLE[kind.role])).decode()}"
    with translation.override(language):
        values = example_values(kind)
        organization = values["organization"]
        text = Text(subject, body, is_built_in=False)
        return Preview(*rendered(kind, text, values, organization=organization, code_url=code_url))


def _rows() -> list[Row]:
    letters = {(letter.kind, letter.language): letter for letter in Letter.objects.all()}
    rows = []
    for kind in KINDS.values():
        for language, _language_name in settings.LANGUAGES:
            letter = letters.get((kind.name, language))
            text = letter or built_in_text(kind, language)
            url = reverse("letters:edit", args=[kind.name, language])
            rows.append(Row(_label(kind, language), text.subject, _state(letter), url))
    return rows


def _state(letter: Letter | None) -> str:
    if letter is None:
        return _("Built-in")
    day = date_format(timezone.localtime(letter.changed_at), "SHORT_DATE_FORMAT")
    return _("Changed on %(day)s") % {"day": day}


def _label(kind: LetterKind, language: str) -> str:
    return f"{kind.label} ({_name_of(language)})"


def _name_of(language: str) -> str:
    return str(dict(settings.LANGUAGES)[language])
