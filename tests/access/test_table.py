"""The table that the code enforces says what the specification says, cell by cell."""

import pytest

from mentorpro_plugin.access.reach import Reach
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.access.table import TABLE, Span, codenames, span_of

from .specification import CODENAMES, LATER, SAME_AS, read_specification, words_by_codename

SPECIFICATION = read_specification()


def test_every_capability_of_the_specification_is_enforced_or_named_as_later():
    assert {str(row.label) for row in TABLE} | LATER == set(SPECIFICATION)
    assert {str(row.label) for row in TABLE} & LATER == set()


@pytest.mark.parametrize("capability", TABLE, ids=lambda capability: str(capability.label))
def test_row_of_the_table_equals_the_specification(capability):
    words = SPECIFICATION[str(capability.label)]

    enforced = {role: str(capability.spans.get(role, Span.NONE).label) for role in Role}

    assert enforced == {role: SAME_AS.get(said, said) for role, said in words.items()}


def test_every_capability_grants_the_permissions_named_for_it():
    assert {str(row.label): list(row.permissions) for row in TABLE} == CODENAMES


def test_no_permission_stands_in_two_rows():
    named = [codename for row in TABLE for codename in row.permissions]

    assert sorted(named) == sorted(set(named))
    assert codenames() == named


def test_span_equals_the_specification_for_every_codename_and_role():
    expected = words_by_codename()

    enforced = {
        codename: {role: span_of(Reach(role=role), codename).value for role in Role}
        for codename in codenames()
    }

    assert enforced == expected


@pytest.mark.parametrize("role", [None, *Role])
def test_unknown_permission_is_granted_to_nobody(role):
    assert span_of(Reach(role=role), "delete_person") == Span.NONE


def test_without_a_role_nothing_is_granted():
    assert {span_of(Reach(), codename) for codename in codenames()} == {Span.NONE}
