"""The first wall: default managers show the organizations of the scope in force, and without a scope nothing at all."""

import asyncio

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django_scopes import scope, scopes_disabled
from django_scopes.exceptions import ScopeError
from django_scopes.state import get_scope

from mentorpro_plugin.access.middleware import ReachMiddleware
from mentorpro_plugin.access.reach import EVERYTHING, NOTHING, reach_of, scope_of
from mentorpro_plugin.activity.history import record
from mentorpro_plugin.activity.models import HistoryEntry
from mentorpro_plugin.models import (
    Assignment,
    Attachment,
    CatalogueGoal,
    Consent,
    Conversation,
    Deletion,
    ExportSchedule,
    GivenIdentifier,
    Goal,
    GoalComment,
    GoalStep,
    Identifier,
    IdentifierValue,
    ImportedPerson,
    Letter,
    LoginCode,
    Message,
    Organization,
    OutboxMessage,
    OutboxRound,
    Participation,
    PasswordTries,
    Person,
    Program,
    RawExport,
    ReachBudget,
    RememberedHeading,
    RosterImport,
    TextBudget,
)
from tests.lives import live

MODELS = list(apps.get_app_config("mentorpro_plugin").get_models())

#: Models that no organization owns, each with the reason why its manager needs no scope.
UNSCOPED: dict[type, str] = {
    Letter: "the whole site writes its e-mails in these words, and they name nobody",
    PasswordTries: "it is read before anybody is logged in, and nobody can be read from it",
    ReachBudget: "it is read for the one user whom it counts for, and names nobody",
    OutboxRound: "it says when the deliverer next does what, and nothing of anybody",
}
SCOPED = [model for model in MODELS if model not in UNSCOPED]

#: Primary key of the organization that owns a row, worked out from the row itself. A new model is added here.
OWNER = {
    Organization: lambda row: row.pk,
    Program: lambda row: row.organization_id,
    Person: lambda row: row.organization_id,
    Assignment: lambda row: row.program.organization_id,
    GivenIdentifier: lambda row: row.person.organization_id,
    HistoryEntry: lambda row: row.organization_id,
    Conversation: lambda row: row.organization_id,
    Participation: lambda row: row.conversation.organization_id,
    Message: lambda row: row.conversation.organization_id,
    Attachment: lambda row: row.message.conversation.organization_id,
    Goal: lambda row: row.mentee.organization_id,
    GoalStep: lambda row: row.goal.mentee.organization_id,
    GoalComment: lambda row: row.goal.mentee.organization_id,
    OutboxMessage: lambda row: row.organization_id,
    TextBudget: lambda row: row.organization_id,
    Consent: lambda row: row.person.organization_id,
    LoginCode: lambda row: row.person.organization_id,
    Deletion: lambda row: row.organization_id,
    RosterImport: lambda row: row.organization_id,
    ImportedPerson: lambda row: row.person.organization_id,
    RememberedHeading: lambda row: row.organization_id,
    ExportSchedule: lambda row: row.organization_id,
    RawExport: lambda row: row.organization_id,
}

#: Likewise, for what a parent organization defines for its whole tree.
OWNING_TREE = {
    Identifier: lambda row: row.organization_id,
    IdentifierValue: lambda row: row.identifier.organization_id,
    CatalogueGoal: lambda row: row.organization_id,
}


def concrete(models):
    return {model for model in models if not model._meta.proxy}


async def _fetch(queryset):
    return [row async for row in queryset]


def _any_field(model):
    return next(field.name for field in model._meta.fields if not field.primary_key)


READINGS = {
    "all": lambda rows: list(rows.all()),
    "iteration": lambda rows: list(rows.get_queryset()),
    "filter": lambda rows: rows.filter(pk__gt=0),
    "exclude": lambda rows: list(rows.exclude(pk=0)),
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "contains": lambda rows: rows.contains(rows.model(pk=1)),
    "in_bulk": lambda rows: rows.in_bulk(),
    "aggregate": lambda rows: rows.aggregate(),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk")),
    "only": lambda rows: list(rows.only("pk")),
    "defer": lambda rows: list(rows.defer(None)),
    "distinct": lambda rows: list(rows.distinct()),
    "reverse": lambda rows: list(rows.reverse()),
    "select_related": lambda rows: list(rows.select_related(None)),
    "prefetch_related": lambda rows: list(rows.prefetch_related()),
    "using": lambda rows: list(rows.using("default")),
    "iterator": lambda rows: list(rows.iterator()),
    "raw": lambda rows: list(rows.raw("select 1 as id")),
    "union": lambda rows: list(rows.union(rows.model._base_manager.all())),
    "or": lambda rows: list(rows.model._base_manager.none() | rows.get_queryset()),
    "subquery": lambda rows: list(rows.model._base_manager.filter(pk__in=rows.get_queryset())),
    "subquery of an exclusion": lambda rows: list(rows.model._base_manager.filter(pk__in=rows.exclude(pk=0))),
    "explain": lambda rows: rows.get_queryset().explain(),
    "async iteration": lambda rows: asyncio.run(_fetch(rows.get_queryset())),
    "async iterator": lambda rows: asyncio.run(_fetch(rows.aiterator())),
    "permitted": lambda rows: rows.permitted(AnonymousUser(), "view_person"),
    "visible_to": lambda rows: rows.visible_to(AnonymousUser()),
    "update": lambda rows: rows.update(pk=1),
    "delete": lambda rows: rows.get_queryset().delete(),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "update_or_create": lambda rows: rows.update_or_create(pk=1),
    "bulk_update": lambda rows: rows.bulk_update([rows.model(pk=1)], [_any_field(rows.model)]),
}


def test_every_model_says_who_owns_its_rows():
    assert set(OWNER) | set(OWNING_TREE) | set(UNSCOPED) == concrete(MODELS)


@pytest.mark.parametrize("reading", READINGS)
def test_default_manager_without_a_scope_raises(db, reading):
    # A model without extents can't be narrowed to what a user may do, scope or no scope: that is a KeyError.
    refusal = (ScopeError, KeyError) if reading in {"permitted", "visible_to"} else ScopeError

    for model in SCOPED:
        with pytest.raises(refusal):
            READINGS[reading](model._default_manager)


def test_empty_queryset_needs_no_scope(db):
    # Forms declare their choices with one, long before there is a request.
    assert [list(model._default_manager.none()) for model in MODELS] == [[]] * len(MODELS)


def test_rows_related_to_a_row_need_a_scope_too(world):
    person = world.people["first_year_mentor"]

    with pytest.raises(ScopeError):
        list(person.assignments.all())
    with pytest.raises(ScopeError):
        list(world.organizations["riverside"].children.all())
    with scope_of(reach_of(world.user("law_child"))):
        assert list(person.assignments.all()) == []


def _everybody_has_a_past(world):
    live(world)
    for person in Person._base_manager.exclude(organization=None):
        record(
            person,
            HistoryEntry.Action.CHANGED,
            by=None,
            organization=person.organization_id,
            person=person.pk,
        )


@pytest.mark.parametrize(
    ("name", "organizations", "tree"),
    [
        ("riverside_parent", ["riverside", "engineering", "nursing"], "riverside"),
        ("engineering_child", ["engineering"], "riverside"),
        ("first_year_pm", ["engineering"], "riverside"),
        ("first_year_sc", ["engineering"], "riverside"),
        ("first_year_mentor", ["engineering"], "riverside"),
        ("first_year_mentee", ["engineering"], "riverside"),
        ("law_child", ["law"], "hillside"),
        ("engineering_left_pm", [], None),
    ],
)
def test_scope_holds_the_rows_of_its_organizations_and_no_other(world, name, organizations, tree):
    _everybody_has_a_past(world)
    within = {world.organizations[key].pk for key in organizations}
    trees = {world.organizations[tree].pk} if tree else set()

    with scope_of(reach_of(world.user(name))):
        for model in SCOPED:
            shown = set(model._default_manager.values_list("pk", flat=True))
            owner, owners = (
                (OWNER[model._meta.concrete_model], within)
                if model._meta.concrete_model in OWNER
                else (OWNING_TREE[model._meta.concrete_model], trees)
            )
            role_rows = set(_past_the_scope(model))
            expected = {
                row.pk
                for row in model._meta.concrete_model._base_manager.all()
                if owner(row) in owners and row.pk in role_rows
            }

            assert shown == expected, model.__name__


def _past_the_scope(model):
    with scopes_disabled():
        return list(model._default_manager.values_list("pk", flat=True))


def test_every_model_has_rows_that_could_leak(world):
    _everybody_has_a_past(world)
    hillside = {world.organizations[key].pk for key in ("hillside", "law")}

    for model, owner in {**OWNER, **OWNING_TREE}.items():
        owners = {owner(row) for row in model._base_manager.all()}

        assert owners & hillside, model.__name__
        assert owners - hillside - {None}, model.__name__


def test_scope_of_everything_holds_all_rows(world):
    with scope_of(EVERYTHING):
        for model in concrete(MODELS):
            assert model._default_manager.count() == model._base_manager.count(), model.__name__


def test_scope_of_nothing_holds_no_row(world):
    _everybody_has_a_past(world)

    with scope_of(NOTHING):
        for model in SCOPED:
            assert model._default_manager.count() == 0, model.__name__
            assert not model._default_manager.exists(), model.__name__


def test_scopes_within_each_other_leave_the_outer_one_as_it_was(world):
    with scope_of(EVERYTHING):
        with scope_of(reach_of(world.user("law_child"))):
            inner = set(Organization.objects.all())
        outer = Organization.objects.count()

    assert inner == {world.organizations["law"]}
    assert outer == len(world.organizations)
    assert get_scope() == {}


def test_scope_within_a_disabled_one_is_in_force(world):
    with scopes_disabled(), scope_of(reach_of(world.user("law_child"))):
        assert set(Organization.objects.all()) == {world.organizations["law"]}


def test_scope_of_one_dimension_leaves_the_other_closed(world):
    with scope(organization=[world.organizations["law"].pk]), pytest.raises(ScopeError):
        Identifier.objects.count()


def _request(rf, user):
    request = rf.get("/")
    request.user = user
    return request


def test_middleware_opens_the_scope_for_the_request_and_closes_it_after(world, rf):
    seen = []

    def view(request):
        seen.append(set(Organization.objects.all()))
        return HttpResponse()

    ReachMiddleware(view)(_request(rf, world.user("law_child")))
    ReachMiddleware(view)(_request(rf, AnonymousUser()))

    assert seen == [{world.organizations["law"]}, set()]
    assert get_scope() == {}


def test_middleware_closes_the_scope_when_the_view_fails(world, rf):
    def view(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ReachMiddleware(view)(_request(rf, world.user("super_admin")))

    assert get_scope() == {}
