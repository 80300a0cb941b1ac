"""Placeholders: whatever stands in a text or in a value, only the listed names are ever replaced, and once."""

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.letters.actions import check_text
from mentorpro_plugin.letters.filling import fill_html, fill_line, fill_text, unknown_in
from mentorpro_plugin.letters.kinds import KINDS, MEANINGS
from mentorpro_plugin.letters.values import example_values

WELCOME = KINDS["welcome_mentor"]
ATTACKS = [
    "{first_name.__class__}",
    "{first_name.__class__.__mro__[1]}",
    "{first_name!r}",
    "{first_name:>9999999}",
    "{first_name[0]}",
    "{}",
    "{0}",
    "{link}",
    "{unknown}",
    "{ first_name }",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_unknown_placeholders_are_refused_by_name_and_never_filled(text):
    with pytest.raises(ValidationError) as refusal:
        check_text(WELCOME, subject=text, body="{door_address}")

    assert text in refusal.value.message_dict["subject"][0]
    assert fill_line(text, {"first_name": "Amara"}) == text


@pytest.mark.parametrize("text", ["%s", "%(first_name)s", "$first_name", "{% now 'Y' %}", "{# x #}"])
def test_other_languages_of_templates_are_words_like_any_other(text):
    assert fill_line(f"Hello {text}", {"first_name": "Amara"}) == f"Hello {text}"


def test_doubled_braces_are_no_way_to_a_template():
    assert fill_line("{{first_name}}", {"first_name": "Amara"}) == "{Amara}"
    assert unknown_in("{{settings.SECRET_KEY}}", MEANINGS) == ["settings.SECRET_KEY"]


def test_braces_in_values_are_never_filled():
    values = {"first_name": "{link}", "organization": "{first_name}", "link": "https://example.org/secret"}

    assert fill_line("{first_name} of {organization}", values) == "(link) of (first_name)"
    assert "secret" not in fill_html("{first_name} of {organization}", values)


def test_nothing_in_a_value_breaks_a_subject():
    assert fill_line("Hello {first_name}", {"first_name": "Amara\r\nBcc: all@example.org"}) == (
        "Hello Amara  Bcc: all@example.org"
    )


def test_html_in_values_and_texts_is_shown_and_not_obeyed():
    name = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

    html = fill_html("<b>{first_name}</b>", {"first_name": name})

    assert [tag for tag in ("<script", "<img", "<b>") if tag in html] == []
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.org", "vbscript:x"]
)
def test_only_addresses_of_the_web_become_links(address):
    assert "href" not in fill_html(f"Open {address} now, {{first_name}}", {"first_name": address})
    assert "href" not in fill_html("See {door_address}.", {"door_address": address})


def test_addresses_in_names_are_no_links():
    assert "href" not in fill_html("Hello {first_name}", {"first_name": "https://example.com/"})


def test_names_of_any_length_and_direction_stay_in_their_place():
    turned = "\u202eعمر\u202c"

    assert fill_line("{first_name}!", {"first_name": "A" * 300}) == "A" * 199 + "…!"
    assert fill_line("{first_name}!", {"first_name": turned}) == "عمر!"
    assert '<span dir="auto">عمر</span>' in fill_html("{first_name}!", {"first_name": turned})


def test_lines_with_nothing_to_say_are_left_out():
    text = "Hello\n\nQuestions? {contact}\n\n{assignments}\n\nBye"

    assert fill_text(text, {"contact": "", "assignments": []}) == "Hello\n\nBye"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_built_in_texts_may_be_saved_as_they_are_and_are_filled_without_rest(kind):
    check_text(kind, subject=str(kind.subject), body=str(kind.body))
    values = example_values(kind)

    for filled in (fill_line(str(kind.subject), values), fill_text(str(kind.body), values)):
        assert "{" not in filled
    assert set(kind.placeholders) <= set(MEANINGS)
