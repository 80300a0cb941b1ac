"""My people: a mentee's mentors, a mentor's mentees and Program Managers."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse

from ..access.roles import Role
from ..conversations.actions import may_write
from ..organizations.queries import contact_of
from ..programs.models import Program
from ..shell.views import PortalView
from .queries import companions, leads_of, mentors_or_mentees_of

#: People on a page of the list.
PAGE = 50


class PeopleView(PortalView):
    """All of them, with the programs that they share and what is unread."""

    template_name = "mentorpro_plugin/portal/people.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        page = Paginator(mentors_or_mentees_of(request.user, self.person), PAGE).get_page(
            request.GET.get("page")
        )
        leads = leads_of(request.user, self.person) if self.person.role == Role.MENTOR else ()
        found = companions([*page.object_list, *leads], self.person)
        people = len(page.object_list)
        return self.render(
            {
                "page": page,
                "people": found[:people],
                "leads": found[people:],
                "programs": Program.objects.visible_to(request.user),
                "contact": contact_of(self.person.organization),
            }
        )


class PersonView(PortalView):
    """One of them. Shows what the permission table lets mentors and mentees see of each other, which is no address."""

    template_name = "mentorpro_plugin/portal/person.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        people = [
            mentors_or_mentees_of(request.user, self.person).filter(pk=pk),
            leads_of(request.user, self.person).filter(pk=pk),
        ]
        other = next((person for queryset in people for person in queryset), None)
        if other is None:
            raise Http404
        [companion] = companions([other], self.person)
        return self.render(
            {
                "companion": companion,
                "other": other,
                "may_write": may_write(request.user, self.person, other),
            }
        )
