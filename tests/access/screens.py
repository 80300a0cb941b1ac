"""Every address that the site answers, found in the resolver, and what each type of user may expect of it.

A pattern belongs to exactly one class below. One that belongs to none fails `test_every_address_is_classified`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mentorpro_plugin.access.roles import COORDINATORS, PARTICIPANTS
from mentorpro_plugin.models import (
    Assignment,
    Identifier,
    IdentifierValue,
    Mentee,
    Mentor,
    Organization,
    OrganizationAccount,
    Person,
    Program,
    ProgramManager,
    SuccessCoordinator,
)
from tests.world import MARKERS

from .expectations import NOUN_OF, WORDS, Facts

#: Outside the admin, for everybody: pages, files of pages, health.
PUBLIC = {
    "health_live",
    "health_ready",
    "wagtail_serve",
    "wagtailcore_authenticate_with_password",
    "wagtailcore_login",
    "wagtaildocs_authenticate_with_password",
    "wagtaildocs_serve",
}

#: In the admin, for everybody: what it takes to log in.
BEFORE_LOGIN = {
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_login",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_sprite",
}

#: In the admin, for whoever works there: the frame around the screens, and the own account.
FRAME = {
    "wagtailadmin_account",
    "wagtailadmin_dismissibles",
    "wagtailadmin_home",
    "wagtailadmin_logout",
}

#: Screens of Wagtail and its apps: 404 for program staff.
STOCK = {
    "admin/^.*/$",
    "admin/test404/",
    "wagtail_bulk_action",
    "wagtailadmin_block_preview",
    "wagtailadmin_choose_page",
    "wagtailadmin_choose_page_anchor_link",
    "wagtailadmin_choose_page_child",
    "wagtailadmin_choose_page_chosen_multiple",
    "wagtailadmin_choose_page_email_link",
    "wagtailadmin_choose_page_external_link",
    "wagtailadmin_choose_page_phone_link",
    "wagtailadmin_choose_page_search",
    "wagtailadmin_error_test",
    "wagtailadmin_explore",
    "wagtailadmin_explore_results",
    "wagtailadmin_explore_root",
    "wagtailadmin_tag_autocomplete",
    "wagtailadmin_tag_model_autocomplete",
}
STOCK_NAMESPACES = {
    "wagtailadmin_api",
    "wagtailadmin_collections",
    "wagtailadmin_editing_sessions",
    "wagtailadmin_pages",
    "wagtailadmin_reports",
    "wagtailadmin_workflows",
    "wagtaildocs",
    "wagtaildocs_chooser",
    "wagtailembeds",
    "wagtailimages",
    "wagtailimages_chooser",
    "wagtailredirects",
    "wagtailsites",
    "wagtailsnippets",
    "wagtailusers_groups",
    "wagtailusers_users",
}

#: The plugin's viewsets, by namespace, each with the model whose rows they show.
VIEWSETS = {
    "mentors": Mentor,
    "mentees": Mentee,
    "program-managers": ProgramManager,
    "success-coordinators": SuccessCoordinator,
    "organization-accounts": OrganizationAccount,
    "programs": Program,
    "organizations": Organization,
    "identifiers": Identifier,
}
LISTINGS = {"index", "index_results", "unassigned", "unassigned_results"}
#: Screens on one row of a viewset, with the action they are for.
ROW_SCREENS = {"profile": "view", "edit": "change"}
#: Screens on a person, a program and an assignment.
ASSIGN_SCREENS = {"assignments:assign", "assignments:leads"}
ASSIGN_IN_PROGRAM_SCREENS = {"assignments:assign_in_program", "assignments:people"}
ASSIGNMENT_ACTIONS = {"assignments:unassign", "assignments:reopen", "assignments:primary"}

OURS = (
    {f"{namespace}:{screen}" for namespace in VIEWSETS for screen in ["add", *LISTINGS, *ROW_SCREENS]}
    - {
        f"{namespace}:{screen}"
        for namespace in ("organization-accounts", "programs", "organizations", "identifiers")
        for screen in ("unassigned", "unassigned_results")
    }
    | ASSIGN_SCREENS
    | ASSIGN_IN_PROGRAM_SCREENS
    | ASSIGNMENT_ACTIONS
)


@dataclass(frozen=True)
class Address:
    """One URL pattern, by its name with all namespaces; by its route if it has no name."""

    name: str
    route: str
    parameters: tuple[str, ...]

    @property
    def namespace(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""


def addresses(resolver: URLResolver | None = None, route: str = "", namespaces: tuple[str, ...] = ()):
    """Walk the resolver, included patterns and all."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from addresses(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join([*namespaces, pattern.name]) if pattern.name else here
            yield Address(name, here, tuple(pattern.pattern.converters or pattern.pattern.regex.groupindex))


def classes_of(address: Address) -> list[str]:
    """Names of the classes that `address` belongs to."""
    return [
        name
        for name, belongs in {
            "PUBLIC": address.name in PUBLIC,
            "BEFORE_LOGIN": address.name in BEFORE_LOGIN,
            "FRAME": address.name in FRAME,
            "STOCK": address.name in STOCK or address.namespace in STOCK_NAMESPACES,
            "OURS": address.name in OURS,
        }.items()
        if belongs
    ]


def stock_addresses(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every stock screen as (name, path), aimed at rows that exist. `values` are by parameter, or by namespace."""
    for address in addresses():
        if "STOCK" not in classes_of(address):
            continue
        if address.name in values:
            yield address.name, values[address.name]
        elif address.route == address.name:
            yield address.name, "/" + re.sub(r"\^|\$|\.\*", "", address.route)
        else:
            given = {
                parameter: values.get(f"{address.namespace}.{parameter}", values.get(parameter, 1))
                for parameter in address.parameters
            }
            yield address.name, reverse(address.name, kwargs=given)


@dataclass(frozen=True)
class Probe:
    """A request, and how the specification wants it answered: "shown", "refused", "hidden" or "done"."""

    name: str
    path: str
    answer: str
    method: str = "get"
    body: Any = None


def may(facts: Facts, user: Any, action: str, row: Any) -> bool:
    """Whether `user` may do `action` ("view", "change") to `row`."""
    if isinstance(row, Person):
        if action == "view":
            return facts.sees(user, row)
        codename = f"{action}_{NOUN_OF[row.role]}"
    else:
        codename = f"{action}_{row._meta.model_name}"
    return facts.may(user, codename, row)


def may_somewhere(facts: Facts, user: Any, codename: str) -> bool:
    """Whether `user` has the permission at all, for at least one row that could be."""
    me = facts.me(user)
    return me is not None and (me == "super admin" or WORDS[codename][me.role] != "none")


def listing_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Every listing and every form for adding."""
    for namespace, model in VIEWSETS.items():
        noun = model._meta.model_name
        for screen in ["add", *sorted(LISTINGS)]:
            name = f"{namespace}:{screen}"
            if name in OURS:
                codename = f"add_{noun}" if screen == "add" else f"view_{noun}"
                answer = "shown" if may_somewhere(facts, user, codename) else "refused"
                yield Probe(name, reverse(name), answer)


def row_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Profile and edit screens of every row there is, and of rows that belong elsewhere or nowhere."""
    for namespace, model in VIEWSETS.items():
        rows = facts.rows(model._meta.concrete_model)
        if model._meta.concrete_model is Person:
            noun = model._meta.model_name
            others = {row.role: row.pk for row in rows if NOUN_OF[row.role] != noun}
            rows = [row for row in rows if NOUN_OF[row.role] == noun]
        else:
            others = {}
        for screen, action in ROW_SCREENS.items():
            name = f"{namespace}:{screen}"
            for row in rows:
                seen = may(facts, user, "view", row)
                answer = "hidden" if not seen else "shown" if may(facts, user, action, row) else "refused"
                yield Probe(name, reverse(name, args=[row.pk]), answer)
            # Whoever has no business in a roster at all may be told so before the row is looked for.
            nowhere = "hidden" if may_somewhere(facts, user, f"{action}_{model._meta.model_name}") else "away"
            for pk in (*others.values(), 0, 999_999_999, 10**30):
                yield Probe(name, reverse(name, args=[pk]), nowhere)


def assign_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The screens that assign, for every person and every program."""
    for name in sorted(ASSIGN_SCREENS):
        for person in facts.people:
            if not facts.sees(user, person) or person.role not in (*COORDINATORS, *PARTICIPANTS):
                answer = "hidden"
            elif may_somewhere(facts, user, f"assign_{NOUN_OF[person.role]}"):
                answer = "shown"
            else:
                answer = "refused"
            yield Probe(name, reverse(name, args=[person.pk]), answer)
    for name in sorted(ASSIGN_IN_PROGRAM_SCREENS):
        for program in facts.programs:
            for role in (*COORDINATORS, *PARTICIPANTS):
                answer = (
                    "hidden"
                    if not may(facts, user, "view", program)
                    else "shown"
                    if facts.may(user, f"assign_{NOUN_OF[role]}", program)
                    else "refused"
                )
                yield Probe(name, reverse(name, args=[program.pk, role.value]), answer)
            yield Probe(name, reverse(name, args=[program.pk, "super_admin"]), "hidden")


def action_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Ending, reopening and making primary, by POST, for every assignment."""
    people = {person.pk: person for person in facts.people}
    programs = {program.pk: program for program in facts.programs}
    for assignment in facts.assignments:
        person, program = people[assignment.person_id], programs[assignment.program_id]
        for name in sorted(ASSIGNMENT_ACTIONS):
            codename = "set_primary_mentor" if name.endswith("primary") else f"assign_{NOUN_OF[person.role]}"
            if not (facts.sees(user, person) and may(facts, user, "view", program)):
                answer = "hidden"
            elif facts.may(user, codename, program):
                answer = "done"
            else:
                answer = "refused"
            yield Probe(name, reverse(name, args=[assignment.pk]), answer, "post", {"is_primary": "on"})


#: Models whose rows the addresses above lead to; a viewset on another one needs a class of its own.
REACHED = {*VIEWSETS.values(), Assignment}


def secrets_of(facts: Facts, user: Any) -> set[str]:
    """Strings that `user` must never be sent: of all rows that the specification doesn't let them see.

    The own account isn't among them: everybody sees that.
    """
    secrets = set()
    for person in facts.people:
        if person.user_id != user.pk and not facts.sees(user, person):
            secrets |= {person.full_name, person.email, person.id_number}
            if person.phone:
                digits = person.phone.as_e164
                secrets |= {
                    digits.lstrip("+"),
                    digits[2:],
                    person.phone.as_international,
                    person.phone.as_national,
                }
    for program in facts.programs:
        if not may(facts, user, "view", program):
            secrets.add(program.name)
    for organization in facts.organizations:
        if not may(facts, user, "view", organization):
            secrets.add(organization.name)
    trees = {
        row.parent_id or row.pk for row in facts.organizations if facts.is_within_the_border(user, row.pk)
    }
    for identifier in facts.identifiers:
        if identifier.organization_id not in trees:
            values = IdentifierValue._base_manager.filter(identifier=identifier)
            secrets |= {identifier.name, *values.values_list("name", flat=True)}
    return secrets - {""}


def all_probes(facts, user):
    return [
        *listing_probes(facts, user),
        *row_probes(facts, user),
        *assign_probes(facts, user),
        *action_probes(facts, user),
    ]


def some_of(probes: list[Probe]) -> list[Probe]:
    """Three of each screen and answer: enough where only the way to the answer is another."""
    kinds: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        kinds.setdefault((probe.name, probe.answer), []).append(probe)
    return [probe for alike in kinds.values() for probe in alike[:3]]


def listing_queries(world):
    """Parameters that aim at strangers and neighbours: some for every listing, some where there are such filters."""
    stranger, neighbour = world.people["moot_mentee"], world.people["cohort_mentee"]
    law, nursing = world.organizations["law"].pk, world.organizations["nursing"].pk
    value = world.value("Hillyear")
    for namespace in VIEWSETS:
        for query in ("export=csv", "export=xlsx", "export=", f"q={MARKERS['law']}", f"organization={law}"):
            yield namespace, query
    for query in (
        f"export=csv&organization={law}",
        f"organization={nursing}",
        f"organization={world.organizations['riverside'].pk}",
        *(f"program={world.programs[program].pk}" for program in ("moot", "cohort", "transfer")),
        f"identifier_{value.identifier_id}={value.pk}",
        f"identifier_{world.identifiers['riverside'].pk}={value.pk}",
        f"organization={law}&identifier_{value.identifier_id}={value.pk}",
        *(f"q={quote(part)}" for part in ("mo", "mentee", "example.org")),
        *(f"q={quote(person.phone.as_national)}" for person in (stranger, neighbour)),
        *(f"q={quote(person.id_number)}" for person in (stranger, neighbour)),
        *(f"status={status}" for status in ("active", "never", "inactive", "deactivated", "nothing")),
        *(
            f"ordering={ordering}"
            for ordering in (
                "first_name",
                "-last_activity_at",
                "user__password",
                "organization__parent__name",
                "?",
            )
        ),
        "p=2",
        "page_size=100000",
    ):
        yield "mentees", query
