"""What Wagtail, Django and allauth keep of a person besides what goes with the user by itself."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.admin.models import FormState
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision
from wagtail.users.models import UserProfile

from ..holdings import register_holding, register_sweep
from ..people.models import Person

#: Sessions read at once.
_SESSIONS = 2_000

#: An ID shorter than this stands in too much that isn't about the person.
_TELLING = 6

register_holding(
    "wagtail_profile",
    UserProfile,
    _("Settings and picture in the admin"),
    lambda person: Q(user=person.user_id),
    files="avatar",
)


def end_sessions(person: Any, beat: Callable[[], object]) -> None:
    """Delete every session of the person's user. What a session holds can't be searched, so each one is read."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    own = UserSession.objects.filter(user=person.user_id).values_list("session_key", flat=True)
    for key in (*own, *_sessions_of(person, store, beat)):
        store(key).delete(key)


def _sessions_of(person: Any, store: Any, beat: Callable[[], object]) -> Iterator[str]:
    if not hasattr(store, "get_model_class"):
        return
    rows = store.get_model_class()._base_manager.order_by("pk")
    last = ""
    while batch := list(rows.filter(pk__gt=last)[:_SESSIONS]):
        beat()
        last = batch[-1].pk
        yield from (row.pk for row in batch if row.get_decoded().get(SESSION_KEY) == str(person.user_id))


def forget_in_wagtail(person: Any, beat: Callable[[], object]) -> None:
    """Delete what Wagtail keeps by type and key: names in its log, revisions, form states, indexes."""
    for model, key in ((Person, person.pk), (get_user_model(), person.user_id)):
        kinds = [model, *(kind for kind in apps.get_models() if kind._meta.proxy_for_model is model)]
        types = ContentType.objects.get_for_models(*kinds, for_concrete_models=False).values()
        own = {"content_type__in": types, "object_id": str(key)}
        for keeper in _keepers():
            keeper.objects.filter(**own).delete()
        ReferenceIndex.objects.filter(to_content_type__in=types, to_object_id=str(key)).delete()
        # What was typed into a form for adding somebody belongs to no row yet.
        FormState.objects.filter(content_type__in=types, object_id="").delete()


def _keepers() -> list[Any]:
    keepers: list[Any] = [ModelLogEntry, Revision, FormState, ReferenceIndex]
    if apps.is_installed("wagtail.search"):
        keepers.append(apps.get_model("wagtailsearch", "IndexEntry"))
    return keepers


def forget_in_tasks(person: Any, beat: Callable[[], object]) -> None:
    """Delete tasks that name the person: what they were given, what they returned, what they failed with."""
    if not apps.is_installed("django_tasks_db"):
        return
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects.exclude(status="RUNNING")
    rows = rows.alias(given=Cast("args_kwargs", TextField()), returned=Cast("return_value", TextField()))
    naming = Q()
    for words in _telling_words(person):
        # JSON is stored as it is, or with everything beyond ASCII spelled out.
        for spelling in {words, json.dumps(words)[1:-1]}:
            naming |= (
                Q(given__icontains=spelling)
                | Q(returned__icontains=spelling)
                | Q(traceback__icontains=spelling)
            )
    rows.filter(naming).delete()


def _telling_words(person: Any) -> list[str]:
    phone = person.phone.as_e164 if person.phone else ""
    words = [person.full_name, person.email, phone, person.id_number]
    return [word for word in dict.fromkeys(words) if len(word) >= _TELLING]


register_sweep(end_sessions)
register_sweep(forget_in_wagtail)
register_sweep(forget_in_tasks)
