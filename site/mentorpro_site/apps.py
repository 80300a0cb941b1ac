from django.apps import AppConfig


class MentorProSiteConfig(AppConfig):
    """The site itself is an app, for the sake of its commands only."""

    name = "mentorpro_site"
