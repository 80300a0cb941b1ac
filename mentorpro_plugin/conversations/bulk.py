"""Writing to the selected people of a roster: what, then a look at it, then off it goes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..access.extents import holds
from ..access.reach import reach_of
from ..access.roles import PARTICIPANTS
from ..access.table import Span, span_of
from ..people.bulk import BulkActionView, Sorting, sort
from ..people.models import Person
from ..shell.views import person_of
from .forms import EMAIL, MESSAGE, WriteToManyForm
from .to_many import MOST_MESSAGES, email_many, filled, message_many

#: Proxies of Person to whom staff write messages.
_PARTICIPANTS = tuple(role.value for role in PARTICIPANTS)


class WriteToManyView(BulkActionView):
    """Three steps on one address: the form, a preview of what one person gets, and the sending."""

    name = "write"
    label = gettext_lazy("Write to them")
    icon_name = "mail"
    template_name = "mentorpro_plugin/conversations/write_to_many.html"
    preview_template_name = "mentorpro_plugin/conversations/write_to_many_preview.html"
    form: WriteToManyForm

    @classmethod
    def is_offered(cls, user: Any, model: type[Person]) -> bool:
        return bool(cls._channels(user, model))

    @staticmethod
    def _channels(user: Any, model: type[Person]) -> list[str]:
        name = model._meta.model_name
        channels = [EMAIL] if holds(user, f"change_{name}") else []
        if name in _PARTICIPANTS and holds(user, "write_message"):
            channels.append(MESSAGE)
        return channels

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show_form(self._make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = request.POST.get("step")
        if step == "change":
            return self._show_form(self._make_form(initial=request.POST.dict()))
        form = self._make_form(request.POST)
        if not form.is_valid():
            return self._show_form(form)
        self.form = form
        count = len(self.sorting.chosen)
        if self._is_message and count > MOST_MESSAGES:
            form.add_error(
                None,
                _(
                    "At most %(limit)d messages can be written at once, and these are %(count)d. Filter the list to "
                    "fewer people, or write an e-mail."
                )
                % {"limit": MOST_MESSAGES, "count": count},
            )
            return self._show_form(form)
        if step != "send" or not count:
            return self._show_preview()
        if request.POST.get("mark") != self.selection.mark:
            self.say_that_it_changed()
            return self._show_preview()
        return self.run(self.sorting.chosen)

    def sort(self) -> Sorting:
        codename = "write_message" if self._is_message else f"change_{self.model._meta.model_name}"
        permitted = self.selection.permitted(codename)

        def reason_of(person: Person) -> str:
            if person.pk not in permitted:
                return _("you may not write to them this way")
            if person.is_deactivated:
                return _("deactivated")
            return "" if self._is_message or person.email else _("without an e-mail address")

        return sort(self.selection.people, reason_of)

    def run(self, chosen: list[Person]) -> HttpResponse:
        keys = [person.pk for person in chosen]
        cleaned = self.form.cleaned_data
        common = {"text": cleaned["text"], "batch": cleaned["batch"], "by": self.request.user}
        if self._is_message:
            count = message_many(keys, author=person_of(self.request), **common)
            said = ngettext(
                "A message was written to %(count)d person. It stands in Connect.",
                "Messages were written to %(count)d people. They stand in Connect.",
                count,
            )
        else:
            count = email_many(keys, subject=cleaned["subject"], **common)
            said = ngettext(
                "An e-mail to %(count)d person is in the outbox, and leaves from there.",
                "E-mails to %(count)d people are in the outbox, and leave from there.",
                count,
            )
        return self.leave(
            said % {"count": count} if count else _("Everybody has this already: nothing was sent twice.")
        )

    @property
    def _is_message(self) -> bool:
        return self.form.cleaned_data["channel"] == MESSAGE

    @cached_property
    def channels(self) -> list[str]:
        return self._channels(self.request.user, self.model)

    def _make_form(self, *args: Any, **kwargs: Any) -> WriteToManyForm:
        return WriteToManyForm(*args, channels=self.channels, **kwargs)

    def _show_form(self, form: WriteToManyForm) -> HttpResponse:
        self.form = form
        is_hint = span_of(reach_of(self.request.user), "write_message") == Span.HINT
        return self._render(
            self.template_name,
            form=form,
            is_to_use_another_account=is_hint and self.model._meta.model_name in _PARTICIPANTS,
        )

    def _show_preview(self) -> HttpResponse:
        cleaned, chosen = self.form.cleaned_data, self.sorting.chosen
        first = chosen[0] if chosen else None
        return self._render(
            self.preview_template_name,
            form=self.form,
            sorting=self.sorting,
            first=first,
            address="" if self._is_message or first is None else first.email,
            subject=filled(cleaned.get("subject", ""), first) if first and not self._is_message else "",
            text=filled(cleaned["text"], first) if first else "",
            typed=[(name, cleaned.get(name, "")) for name in self.form.fields],
        )

    def _render(self, template_name: str, **context: Any) -> HttpResponse:
        self.template_name = template_name
        return self.render_to_response({**self.get_context_data(), **context})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Whom it reaches depends on the channel, which isn't chosen yet when the form is shown first.
        context = super(BulkActionView, self).get_context_data(**kwargs)
        return {
            **context,
            "selection": self.selection,
            "selected_count": len(self.selection.people),
            "submit_url": self.request.get_full_path(),
        }
