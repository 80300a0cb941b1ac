"""The site's own pages: the front page, and the terms that mentors and mentees agree to."""

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

_FEATURES = ["bold", "italic", "h2", "h3", "ol", "ul", "link", "document-link"]


def other_languages() -> list[tuple[str, Any]]:
    """Return the site's languages without its default one, which the pages themselves are in."""
    return [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


class Translation(models.Model):
    """What a page says in one more language. `page` is its page's, and called `translations` there."""

    # Asked for each time, so that another language on the site takes no migration.
    language = models.CharField(_("language"), max_length=10, choices=other_languages)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["page", "language"], name="%(class)s_once")]

    def __str__(self) -> str:
        return self.get_language_display()


class TranslatedPage(Page):
    """A page with `translations`, shown in the reader's language; what isn't translated, in the site's own."""

    class Meta:
        abstract = True

    def translation_in(self, language: str) -> Any:
        """Return the translation into `language`, a draft's own one where this is a draft, or None."""
        if language == settings.LANGUAGE_CODE:
            return None
        return next((row for row in self.translations.all() if row.language == language), None)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found = self.translation_in(translation.get_language())
        return {
            **super().get_context(request, *args, **kwargs),
            "translation": found,
            "text_language": found.language if found else settings.LANGUAGE_CODE,
        }

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        # The first keeps Wagtail's name of it: the default language, whatever the editor's own is.
        return [("", dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]), *other_languages()]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        with translation.override(mode_name or settings.LANGUAGE_CODE):
            response = super().serve_preview(request, mode_name)
            # Now, not when the language is the editor's again.
            return response.render() if hasattr(response, "render") else response


class HomePage(TranslatedPage):
    """The site's front page: what this place is, and where everybody goes in."""

    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=_FEATURES,
        help_text=_("What visitors read first, below the title."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        InlinePanel("translations", heading=_("In other languages"), label=_("Translation")),
    ]

    max_count = 1

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class HomeTranslation(Translation):
    """The front page's introduction in one more language."""

    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="translations")
    intro = RichTextField(_("introduction"), features=_FEATURES)

    panels = [FieldPanel("language"), FieldPanel("intro")]

    class Meta(Translation.Meta):
        verbose_name = _("translation of the home page")
        verbose_name_plural = _("translations of the home page")


class TermsPage(TranslatedPage):
    """What mentors and mentees agree to when they first log in."""

    body = RichTextField(
        _("terms"),
        features=_FEATURES,
        help_text=_("In plain words: some of those who agree to this are still at school."),
    )
    # What people agreed to is this number, which only `home.terms` moves: a text that was mended keeps its own.
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    ask_again = models.BooleanField(
        _("ask everybody again"),
        default=False,
        help_text=_(
            "Tick this when the meaning has changed: once the page is published, mentors and mentees agree again "
            "before they go on. Leave it for a spelling mistake. The tick goes away by itself."
        ),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("body"),
        InlinePanel("translations", heading=_("In other languages"), label=_("Translation")),
        MultiFieldPanel(
            [FieldPanel("ask_again"), FieldPanel("version", read_only=True)], heading=_("Agreement")
        ),
    ]

    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("terms page")
        verbose_name_plural = _("terms pages")

    def with_content_json(self, content: dict[str, Any]) -> "TermsPage":
        # A draft from before the last publication holds an older number, and must not bring it back. Read anew, since
        # revisions keep the page they were once asked for.
        page = super().with_content_json(content)
        page.version = type(self).objects.values_list("version", flat=True).get(pk=self.pk)
        return page


class TermsTranslation(Translation):
    """The terms in one more language: the same terms, so whoever agreed in one language agreed in all."""

    page = ParentalKey(TermsPage, on_delete=models.CASCADE, related_name="translations")
    title = models.CharField(_("title"), max_length=255)
    body = RichTextField(_("terms"), features=_FEATURES)

    panels = [FieldPanel("language"), FieldPanel("title"), FieldPanel("body")]

    class Meta(Translation.Meta):
        verbose_name = _("translation of the terms")
        verbose_name_plural = _("translations of the terms")
