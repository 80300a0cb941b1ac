from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class HomePage(Page):
    """The site's front page: what this place is, and where program staff go in."""

    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=["bold", "italic", "h2", "h3", "ol", "ul", "link", "document-link"],
        help_text=_("What visitors read first, below the title."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro")]

    max_count = 1

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
