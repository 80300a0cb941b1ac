"""Text messages in Spanish: short words that every telephone writes, so that they cost no more than English ones."""

from mentorpro_site.catalogues import TELEPHONES

from .knocking import Visitor, messages


def test_spanish_code_keeps_to_the_alphabet_of_telephones(world):
    visitor = Visitor(**{"accept-language": "es-MX"})

    visitor.ask(world.people["first_year_mentee"].phone.as_e164)

    body = messages()[-1].body
    assert body.startswith("Usa {secret} para entrar en MentorPRO.")
    assert set(body) - TELEPHONES == set()
