"""The first pages behind the doors."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from ..organizations.queries import contact_of
from ..shell.news import news_for
from ..shell.views import PortalView
from .queries import companions, mentors_or_mentees_of

#: People on the first page; the rest is behind their tab.
MOST_PEOPLE = 5


class HomeView(PortalView):
    """What is new, and whom to turn to."""

    template_name = "mentorpro_plugin/portal/home.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = list(mentors_or_mentees_of(request.user, self.person)[: MOST_PEOPLE + 1])
        return self.render(
            {
                "news": [(news, self.url(news.view, *news.args)) for news in news_for(request, self.person)],
                "people": companions(found[:MOST_PEOPLE], self.person),
                "has_more_people": len(found) > MOST_PEOPLE,
                "contact": contact_of(self.person.organization),
            }
        )
