"""The terms in force, for the plugin's setting `TERMS`, and when everybody is asked again."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import get_language
from wagtail.rich_text import expand_db_html
from wagtail.signals import page_published

from .models import TermsPage, TermsTranslation

_CACHE_KEY = "home.terms.languages"
#: A reader may put back what a publication has just taken out of the cache; it stays no longer than this.
_CACHE_SECONDS = 300


@dataclass(frozen=True)
class Terms:
    """What to agree to, in `language`. `version` differs whenever there is something else to agree to.

    It is the same in all languages.
    """

    page: int
    version: str
    title: str
    url: str
    language: str

    @property
    def html(self) -> str:
        """The text. One query, and one more in another language than the site's own."""
        page = TermsPage.objects.live().filter(pk=self.page).first()
        if page is None:
            return ""
        return expand_db_html((page.translation_in(self.language) or page).body)


def current_terms() -> Terms | None:
    """Return the terms in force, in the reader's language or else the site's own; None where no page of terms is live.

    No query as long as they are cached.
    """
    # All languages at once, and empty for none, so that "none" can be told from "not cached".
    if (cached := cache.get(_CACHE_KEY)) is None:
        cached = _read()
        cache.set(_CACHE_KEY, cached, _CACHE_SECONDS)
    return cached.get(get_language()) or cached.get(settings.LANGUAGE_CODE)


def _read() -> dict[str, Terms]:
    page = TermsPage.objects.live().order_by("pk").first()
    if page is None:
        return {}
    titles = {row.language: row.title for row in page.translations.all()}
    # With the page's key, so that a page made anew, which counts from 1 again, isn't taken for the old one.
    version, url = f"{page.pk}.{page.version}", page.get_url() or ""
    return {
        language: Terms(page=page.pk, version=version, title=title, url=url, language=language)
        for language, title in {**titles, settings.LANGUAGE_CODE: page.title}.items()
    }


@receiver(page_published, sender=TermsPage)
@transaction.atomic
def count_version(sender: Any, instance: TermsPage, revision: Any, **kwargs: Any) -> None:
    """After a publication that asks everybody again: a new version, and the box empty for the next one."""
    if instance.ask_again:
        TermsPage.objects.filter(pk=instance.pk).update(version=F("version") + 1, ask_again=False)
        instance.ask_again = False
        instance.refresh_from_db(fields=["version"])
        # The editor opens the last revision, not the page.
        revision.content["ask_again"] = False
        revision.save(update_fields=["content"])
    forget_terms()


@receiver([post_save, post_delete], sender=TermsPage)
@receiver([post_save, post_delete], sender=TermsTranslation)
def forget_terms(**kwargs: Any) -> None:
    """Read the terms anew from the next request on."""
    transaction.on_commit(partial(cache.delete, _CACHE_KEY))
