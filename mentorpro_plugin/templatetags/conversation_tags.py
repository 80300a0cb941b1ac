"""How messages are written out."""

from django import template
from django.utils.html import Urlizer
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class _LinksAway(Urlizer):
    """Links lead to strangers' pages: these get no handle on ours, and no credit. Only web and mail addresses."""

    url_template = '<a href="{href}" rel="noopener noreferrer nofollow ugc" target="_blank">{url}</a>'


_links_away = _LinksAway()


@register.filter
def as_message(text: str) -> SafeString:
    """Escape `text`, and make its addresses clickable. Line breaks are left to the style sheet."""
    return mark_safe(_links_away(text, autoescape=True))
