"""Every address that the site answers, found in the resolver, and what each type of user may expect of it.

A pattern belongs to exactly one class below, or to one of those in `portal.py`. One that belongs to none fails `test_every_address_is_classified`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mentorpro_plugin.access.roles import ACCOUNTS, COORDINATORS, PARTICIPANTS, STAFF, Role
from mentorpro_plugin.models import (
    Assignment,
    Attachment,
    CatalogueGoal,
    Deletion,
    ExportSchedule,
    GoalComment,
    GoalStep,
    HistoryEntry,
    Identifier,
    IdentifierValue,
    Mentee,
    Mentor,
    Message,
    Organization,
    OrganizationAccount,
    OutboxMessage,
    Person,
    Program,
    ProgramManager,
    RawExport,
    RosterImport,
    SuccessCoordinator,
)
from mentorpro_plugin.shell.doors import DOORS
from tests.world import MARKERS

from .asking import Probe
from .expectations import NOUN_OF, WORDS, Facts
from .portal import CLASSIFIED

#: Outside the admin, for everybody: pages, files of pages, health.
PUBLIC = {
    "health_live",
    "health_ready",
    "permissions_guide",
    "wagtail_serve",
    "wagtailcore_authenticate_with_password",
    "wagtailcore_login",
    "wagtaildocs_authenticate_with_password",
    "wagtaildocs_serve",
}

#: Outside the admin, for everybody: how staff get in, or back in.
ENTRANCE = {
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "accounts:set_password",
    "mfa_authenticate",
    "mfa_login_webauthn",
}

#: Outside the admin, for whoever works there, about nobody but themselves.
OWN_ACCOUNT = {
    "account_change_password",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "usersessions_list",
}

#: In the admin, for everybody: what it takes to log in. Wagtail's own log-in and resets lead to those above.
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
    "goals": CatalogueGoal,
}
LISTINGS = {"index", "index_results", "unassigned", "unassigned_results"}
#: Rosters that are there as files too, for whoever may export them.
EXPORTED = ("mentors", "mentees", "program-managers", "success-coordinators")
FORMATS = ("csv", "xlsx")
#: Screens on one row of a viewset, with the action they are for.
#: Posted to with what is wanted; a GET asks.
ARCHIVE_SCREENS = {"programs:archive", "organizations:archive"}
ROW_SCREENS = {"profile": "view", "edit": "change"}
#: The button that deactivates and reactivates, in the rosters whose people can be.
STATUS_ROSTERS = ("mentors", "mentees", "program-managers", "success-coordinators")
#: What is done to many people at once, and the permission that it takes; the same for all rosters.
BULK_ACTIONS = {
    "deactivate": ("deactivate",),
    "reactivate": ("deactivate",),
    "write": ("change", "write_message"),
}
BULK_ROSTERS = (*STATUS_ROSTERS, "organization-accounts")
#: Screens on a person, a program and an assignment.
ASSIGN_SCREENS = {"assignments:assign", "assignments:leads"}
ASSIGN_IN_PROGRAM_SCREENS = {"assignments:assign_in_program", "assignments:people"}
#: Screens on somebody who leads others.
REASSIGN_SCREENS = {"assignments:reassign", "assignments:reassign_part"}
#: Posted to, on a person; the answer is a page.
LOG_IN_ACTIONS = {"login-codes:issue"}
ASSIGNMENT_ACTIONS = {"assignments:unassign", "assignments:reopen", "assignments:primary"}
#: The outbox: a listing, and a button.
OUTBOX_SCREENS = {"outbox:index", "outbox:index_results", "outbox:send_again"}

#: The history report: a listing, and a button that takes it away as a file.
HISTORY_SCREENS = {"history:index", "history:index_results", "history:csv"}

#: The texts of e-mails: the list, one of them, and the button back to the built-in one.
LETTER_SCREENS = {"letters:index", "letters:edit", "letters:restore"}

#: Deletions: receipts, the question about a person, and screens on one deletion.
DELETION_LISTINGS = {"deletions:index", "deletions:index_results"}
DELETION_SCREENS = {"deletions:progress", "deletions:state", "deletions:export"}

#: Imports: the list and what has no import yet, and screens on one; those that are posted to, and whose they are.
IMPORT_LISTINGS = {"imports:index", "imports:index_results", "imports:add"}
IMPORT_SCREENS = {"imports:progress", "imports:state", "imports:columns", "imports:preview", "imports:undo"}
IMPORT_ACTIONS = {"imports:confirm", "imports:cancel", "imports:refused", "imports:file"}
#: Raw data: exports, the two forms that ask for them, screens on one export, and on what comes regularly.
RAW_EXPORT_LISTINGS = {"exports:index", "exports:index_results"}
RAW_EXPORT_FORMS = {"exports:add", "exports:regular_add"}
RAW_EXPORT_SCREENS = {"exports:progress", "exports:state", "exports:cancel", "exports:file"}
REGULAR_EXPORT_SCREENS = {"exports:regular_edit", "exports:regular_remove"}

#: Screens on the conversation with a person.
CONNECT_ON_PEOPLE = {"connect:conversation", "connect:conversation_news", "connect:conversation_read"}

#: The permissions guide: shows the table, and no rows.
GUIDE = {"permissions:index"}

OURS = (
    {f"{namespace}:{screen}" for namespace in VIEWSETS for screen in ["add", *LISTINGS, *ROW_SCREENS]}
    - {
        f"{namespace}:{screen}"
        for namespace in ("organization-accounts", "programs", "organizations", "identifiers", "goals")
        for screen in ("unassigned", "unassigned_results")
    }
    | {f"{namespace}:bulk" for namespace in BULK_ROSTERS}
    | {f"{namespace}:status" for namespace in STATUS_ROSTERS}
    | ASSIGN_SCREENS
    | ASSIGN_IN_PROGRAM_SCREENS
    | REASSIGN_SCREENS
    | ARCHIVE_SCREENS
    | ASSIGNMENT_ACTIONS
    | {"goals:offer", "welcome:send"}
    | OUTBOX_SCREENS
    | HISTORY_SCREENS
    | LETTER_SCREENS
    | DELETION_LISTINGS
    | {"deletions:delete"}
    | DELETION_SCREENS
    | IMPORT_LISTINGS
    | {"imports:sample"}
    | IMPORT_SCREENS
    | IMPORT_ACTIONS
    | RAW_EXPORT_LISTINGS
    | RAW_EXPORT_FORMS
    | RAW_EXPORT_SCREENS
    | REGULAR_EXPORT_SCREENS
    | {"connect:messages", "connect:messages_news"}
    | CONNECT_ON_PEOPLE
    | {"connect:attachment"}
    | LOG_IN_ACTIONS
    | GUIDE
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
            "ENTRANCE": address.name in ENTRANCE,
            "OWN_ACCOUNT": address.name in OWN_ACCOUNT,
            "BEFORE_LOGIN": address.name in BEFORE_LOGIN,
            "FRAME": address.name in FRAME,
            "STOCK": address.name in STOCK or address.namespace in STOCK_NAMESPACES,
            "OURS": address.name in OURS,
            "PORTAL": address.namespace in DOORS and address.name.partition(":")[2] in CLASSIFIED,
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


def export_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Every listing as a file: of rosters, for whoever may export them; of others there is none."""
    exports = may_somewhere(facts, user, "export_roster")
    for namespace, model in VIEWSETS.items():
        sees = may_somewhere(facts, user, f"view_{model._meta.model_name}")
        for screen in sorted(LISTINGS):
            if (name := f"{namespace}:{screen}") not in OURS:
                continue
            for file_format in FORMATS:
                answer = "refused" if not sees else "hidden"
                if sees and namespace in EXPORTED:
                    answer = "shown" if exports else "refused"
                yield Probe(name, f"{reverse(name)}?export={file_format}", answer, kind=file_format)


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
                yield Probe(name, reverse(name, args=[row.pk]), answer, kind=facts.kind_of(user, row))
            # Whoever has no business in a roster at all may be told so before the row is looked for.
            nowhere = "hidden" if may_somewhere(facts, user, f"{action}_{model._meta.model_name}") else "away"
            for pk in (*others.values(), 0, 999_999_999, 10**30):
                yield Probe(name, reverse(name, args=[pk]), nowhere, kind=pk)


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
            yield Probe(name, reverse(name, args=[person.pk]), answer, kind=facts.kind_of(user, person))
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
                kind = (role, facts.kind_of(user, program))
                yield Probe(name, reverse(name, args=[program.pk, role.value]), answer, kind=kind)
            kind = ("super_admin", facts.kind_of(user, program))
            yield Probe(name, reverse(name, args=[program.pk, "super_admin"]), "hidden", kind=kind)


def archive_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Archiving every program and organization: for whoever may change it, but for their own organization."""
    me = facts.me(user)
    for name, rows in (("programs:archive", facts.programs), ("organizations:archive", facts.organizations)):
        for row in rows:
            is_own = isinstance(row, Organization) and row.pk == getattr(me, "organization_id", None)
            if not may(facts, user, "view", row):
                answer = "hidden"
            else:
                answer = "shown" if may(facts, user, "change", row) and not is_own else "refused"
            yield Probe(name, reverse(name, args=[row.pk]), answer, kind=facts.kind_of(user, row))


def reassign_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Giving the people of every person to somebody else: of mentors and Program Managers, who alone lead."""
    led = {"mentor": "mentee", "program_manager": "mentor"}
    for name in sorted(REASSIGN_SCREENS):
        for person in facts.people:
            if not facts.sees(user, person) or person.role not in led:
                answer = "hidden"
            elif may_somewhere(facts, user, f"assign_{led[person.role]}"):
                answer = "shown"
            else:
                answer = "refused"
            yield Probe(name, reverse(name, args=[person.pk]), answer, kind=facts.kind_of(user, person))


def log_in_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """A log-in code for every person."""
    for name in sorted(LOG_IN_ACTIONS):
        for person in facts.people:
            if not facts.sees(user, person) or person.role not in PARTICIPANTS:
                answer = "hidden"
            elif not may(facts, user, "change", person):
                answer = "refused"
            else:
                # Back to the profile, with the reason.
                answer = "done" if person.is_deactivated else "shown"
            kind = facts.kind_of(user, person)
            yield Probe(name, reverse(name, args=[person.pk]), answer, "post", kind=kind)


def welcome_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The welcome, by POST, to every person."""
    name = "welcome:send"
    for person in facts.people:
        if person.role == Role.SUPER_ADMIN or not facts.sees(user, person):
            answer = "hidden"
        else:
            answer = "done" if may(facts, user, "change", person) else "refused"
        yield Probe(name, reverse(name, args=[person.pk]), answer, "post")


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
            path, kind = reverse(name, args=[assignment.pk]), facts.kind_of(user, assignment)
            yield Probe(name, path, answer, "post", {"is_primary": "on"}, kind)


def status_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Deactivating and reactivating, by POST, everybody under every roster."""
    for namespace in STATUS_ROSTERS:
        name, noun = f"{namespace}:status", VIEWSETS[namespace]._meta.model_name
        for person in facts.people:
            if NOUN_OF[person.role] != noun or not facts.sees(user, person):
                answer = "hidden"
            elif facts.may(user, f"deactivate_{noun}", person):
                answer = "done"
            else:
                answer = "refused"
            path, kind = reverse(name, args=[person.pk]), facts.kind_of(user, person)
            if NOUN_OF[person.role] != noun:
                # Of another roster: nobody's row has to be told from another one's here.
                kind = kind[1:]
            for status in Person.Status:
                yield Probe(name, path, answer, "post", {"status": status.value}, (status, *kind))


def _may_do_to_many(facts: Facts, user: Any, permission: str, noun: str) -> bool:
    if permission == "write_message":
        # Of whoever doesn't write there is another word in the table: a hint.
        me = facts.me(user)
        is_staff = me not in (None, "super admin") and not WORDS[permission][me.role].startswith(
            ("none", "hint")
        )
        return is_staff and noun in PARTICIPANTS
    return f"{permission}_{noun}" in WORDS and may_somewhere(facts, user, f"{permission}_{noun}")


def bulk_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """What can be done to many, aimed at each person alone, at all of them, and at whoever matches."""
    for namespace in BULK_ROSTERS:
        name, noun = f"{namespace}:bulk", VIEWSETS[namespace]._meta.model_name
        yield Probe(name, reverse(name, args=["delete"]), "hidden")
        people = [person for person in facts.people if NOUN_OF[person.role] == noun]
        seen = {person.pk for person in people if facts.sees(user, person)}
        for action, permissions in BULK_ACTIONS.items():
            path = reverse(name, args=[action])
            if not any(_may_do_to_many(facts, user, permission, noun) for permission in permissions):
                answers = {True: "refused", False: "refused"}
            else:
                # Whom one doesn't see, one can't select: back to the list, with a sentence that fits nobody too.
                answers = {True: "shown", False: "done"}
            others = [person for person in facts.people if NOUN_OF[person.role] != noun][:1]
            for person in (*people, *others):
                kind = (action, *facts.kind_of(user, person))
                yield Probe(name, f"{path}?id={person.pk}", answers[person.pk in seen], kind=kind)
            everybody = "&".join(f"id={person.pk}" for person in facts.people)
            for query in (everybody, "matching=all"):
                yield Probe(name, f"{path}?{query}", answers[bool(seen)])
                # Without the mark of the page, a POST asks again and does nothing.
                yield Probe(name, f"{path}?{query}", answers[bool(seen)], "post", {"mark": "0" * 32})
            for query in ("id=all", f"id={10**30}", "matching=all&status=nothing", "matching=all&q=zzzz"):
                yield Probe(name, f"{path}?{query}", answers[False])


#: Models whose rows the addresses above lead to; a viewset on another one needs a class of its own.
REACHED = {*VIEWSETS.values(), HistoryEntry, Assignment, Deletion, OutboxMessage, RosterImport, RawExport}


def offer_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The switch of the catalogue, for every goal in one."""
    for goal in facts.catalogue_goals:
        answer = "done" if facts.may(user, "change_cataloguegoal", goal) else "hidden"
        path, kind = reverse("goals:offer", args=[goal.pk]), facts.kind_of(user, goal)
        yield Probe("goals:offer", path, answer, "post", {}, kind)


def outbox_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The outbox, for all staff, and sending every message in it again, for whoever may change its person."""
    for name in sorted(OUTBOX_SCREENS - {"outbox:send_again"}):
        me = facts.me(user)
        is_staff = me is not None and (me == "super admin" or me.role in STAFF)
        yield Probe(name, reverse(name), "shown" if is_staff else "refused")
    name = "outbox:send_again"
    yield Probe(name, reverse(name, args=[999_999_999]), "hidden", "post")
    people = {person.pk: person for person in facts.people}
    for message in OutboxMessage._base_manager.exclude(person=None):
        person = people[message.person_id]
        if not facts.sees(user, person):
            answer = "hidden"
        else:
            answer = "done" if may(facts, user, "change", person) else "refused"
        kind = facts.kind_of(user, message)
        yield Probe(name, reverse(name, args=[message.pk]), answer, "post", kind=kind)


def letter_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The texts of e-mails, for Super Admins alone."""
    is_super_admin = facts.me(user) == "super admin"
    yield Probe("letters:index", reverse("letters:index"), "shown" if is_super_admin else "refused")
    for given in (["welcome_mentor", "en"], ["password_reset", "es"]):
        for method in ("get", "post"):
            # Without a text, a POST shows the form again.
            path = reverse("letters:edit", args=given)
            yield Probe("letters:edit", path, "shown" if is_super_admin else "refused", method)
        path = reverse("letters:restore", args=given)
        yield Probe("letters:restore", path, "done" if is_super_admin else "refused", "post")
    for given in (["welcome_nobody", "en"], ["welcome_mentor", "xx"]):
        for name, method in (("letters:edit", "get"), ("letters:restore", "post")):
            path = reverse(name, args=given)
            yield Probe(name, path, "hidden" if is_super_admin else "refused", method)


def deletion_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The receipts, the question about everybody, and every deletion there is."""
    deletes = may_somewhere(facts, user, "delete_mentee")
    for name in sorted(DELETION_LISTINGS):
        yield Probe(name, reverse(name), "shown" if deletes else "refused")
    for person in facts.people:
        name, noun = "deletions:delete", NOUN_OF[person.role]
        if not facts.sees(user, person):
            answer = "hidden"
        elif noun == "superadmin" or person.user_id == user.pk:
            answer = "refused"
        else:
            answer = "shown" if facts.may(user, f"delete_{noun}", person) else "refused"
        path, kind = reverse(name, args=[person.pk]), facts.kind_of(user, person)
        yield Probe(name, path, answer, kind=kind)
        yield Probe(name, path, answer, "post", {"answer": "no"}, kind)
    for deletion in Deletion._base_manager.all():
        is_seen = deletes and facts.is_within_the_border(user, deletion.organization_id)
        for name in sorted(DELETION_SCREENS):
            method = "post" if name == "deletions:export" else "get"
            # The receipts of these tests have no export any more.
            answer = "shown" if is_seen and method == "get" else "hidden"
            yield Probe(name, reverse(name, args=[deletion.pk]), answer, method)
    yield Probe("deletions:export", reverse("deletions:export", args=[999_999_999]), "hidden", "post")
    for name in ("deletions:progress", "deletions:state"):
        yield Probe(name, reverse(name, args=[999_999_999]), "hidden")


def import_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The list, the upload, and every import there is: seen by its uploader, and by accounts over its organization."""
    imports = may_somewhere(facts, user, "import_roster")
    for name in sorted(IMPORT_LISTINGS):
        yield Probe(name, reverse(name), "shown" if imports else "refused")
    for sample in ("mentors-and-mentees", "nothing"):
        shown = "hidden" if sample == "nothing" else "shown"
        path = reverse("imports:sample", args=[sample, "csv"])
        yield Probe("imports:sample", path, shown if imports else "refused", kind=sample)
    for roster_import in RosterImport._base_manager.all():
        whose = (roster_import.by_id == user.pk, roster_import.state, *facts.kind_of(user, roster_import))
        for name in sorted(IMPORT_SCREENS | IMPORT_ACTIONS):
            path = reverse(name, args=[roster_import.pk])
            methods = ["get"] if name in IMPORT_SCREENS else ["post"]
            if name in ("imports:columns", "imports:undo"):
                methods.append("post")
            for method in methods:
                answer = _import_answer(facts, user, roster_import, name, method)
                yield Probe(name, path, answer, method, {}, whose)
    for name in sorted(IMPORT_SCREENS):
        yield Probe(name, reverse(name, args=[999_999_999]), "hidden")
    for name in sorted(IMPORT_ACTIONS):
        yield Probe(name, reverse(name, args=[999_999_999]), "hidden", "post")


def _sees_import(facts: Facts, user: Any, roster_import: RosterImport) -> bool:
    me = facts.me(user)
    if not may_somewhere(facts, user, "import_roster"):
        return False
    is_account = me == "super admin" or me.role in ACCOUNTS
    is_near = facts.is_within_the_border(user, roster_import.organization_id)
    return roster_import.by_id == user.pk or (is_account and is_near)


def _import_answer(facts: Facts, user: Any, roster_import: RosterImport, name: str, method: str) -> str:
    is_own, state = roster_import.by_id == user.pk, roster_import.state
    if not _sees_import(facts, user, roster_import):
        return "hidden"
    match name:
        case "imports:state":
            return "shown"
        case "imports:progress":
            return "done" if is_own and state in ("mapping", "preview") else "shown"
        case "imports:columns":
            if not is_own:
                return "refused"
            return "shown"
        case "imports:preview":
            if not is_own and facts.me(user) != "super admin":
                return "refused"
            return "shown" if state == "preview" else "done"
        case "imports:undo":
            return "shown" if state == "done" and method == "get" else "done"
        case "imports:cancel":
            return "done"
        case "imports:confirm":
            return "done" if is_own else "refused"
    # Their files aren't kept any more.
    return "hidden" if is_own or facts.me(user) == "super admin" else "refused"


def raw_export_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Raw data, for whoever may export those of the organization."""
    exports = may_somewhere(facts, user, "export_raw_data")
    for name in sorted(RAW_EXPORT_LISTINGS | RAW_EXPORT_FORMS):
        yield Probe(name, reverse(name), "shown" if exports else "refused")
        if name in RAW_EXPORT_FORMS:
            # Without an organization, the form is shown again.
            yield Probe(name, reverse(name), "shown" if exports else "refused", "post", {})
    organizations = {row.pk: row for row in facts.organizations}
    for name, model in (
        *((name, RawExport) for name in sorted(RAW_EXPORT_SCREENS)),
        *((name, ExportSchedule) for name in sorted(REGULAR_EXPORT_SCREENS)),
    ):
        for row in model._base_manager.all():
            is_seen = facts.may(user, "export_raw_data", organizations[row.organization_id])
            # The exports of these tests have ended, and have no file any more.
            seen = {"cancel": "done", "regular_remove": "done", "file": "hidden"}
            answer = seen.get(name.partition(":")[2], "shown") if is_seen else "hidden"
            method = "get" if name in _SHOWN else "post"
            kind = facts.kind_of(user, row)
            yield Probe(
                name, reverse(name, args=[row.pk]), answer if exports else "refused", method, kind=kind
            )
        method = "get" if name in _SHOWN else "post"
        yield Probe(name, reverse(name, args=[999_999_999]), "hidden" if exports else "refused", method)


_SHOWN = {"exports:progress", "exports:state", "exports:regular_edit"}


def history_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """The report, and the file with all of it, for all staff: whose history is in it is a matter of its rows."""
    shown = "shown" if may_somewhere(facts, user, "view_history") else "refused"
    for name in sorted(HISTORY_SCREENS - {"history:csv"}):
        yield Probe(name, reverse(name), shown)
    yield Probe("history:csv", reverse("history:csv"), shown, "post", {})


def connect_probes(facts: Facts, user: Any) -> Iterator[Probe]:
    """Everybody's own conversations; those of others aren't there."""
    me = facts.person_of.get(user.pk)
    yield Probe("connect:messages", reverse("connect:messages"), "shown")
    own = "shown" if me else "hidden"
    yield Probe("connect:messages_news", reverse("connect:messages_news"), own)
    for other in facts.people:
        answer = "shown" if me and _converses_with(facts, user, me, other) else "hidden"
        kind = facts.kind_of(user, other)
        for name in ("connect:conversation", "connect:conversation_news"):
            yield Probe(name, reverse(name, args=[other.pk]), answer, kind=kind)
        name = "connect:conversation_read"
        noted = "204" if answer == "shown" else answer
        yield Probe(name, reverse(name, args=[other.pk]), noted, "post", {"up_to": 10**9}, kind)
    nowhere = reverse("connect:attachment", args=[999_999_999])
    yield Probe("connect:attachment", nowhere, "hidden")
    for attachment in Attachment._base_manager.select_related("message__conversation"):
        may_read = facts.may(user, "view_conversation", attachment.message.conversation)
        path = reverse("connect:attachment", args=[attachment.pk])
        kind = facts.kind_of(user, attachment)
        yield Probe("connect:attachment", path, "shown" if may_read else "hidden", kind=kind)


def _converses_with(facts: Facts, user: Any, me: Person, other: Person) -> bool:
    """Whether there is a conversation, or could be one: staff begin with mentors and mentees."""
    if any({row.first_id, row.second_id} == {me.pk, other.pk} for row in facts.conversations):
        return True
    is_open = other.status != "deactivated" and other.role in PARTICIPANTS
    return is_open and facts.may(user, "write_message", other)


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
    secrets |= _texts_of_catalogue(facts, trees) | _texts_of_others(facts, user)
    secrets |= _texts_of_imports(facts, user)
    return secrets - {"", *_names_of_correspondents(facts, user)}


def _names_of_correspondents(facts: Facts, user: Any) -> set[str]:
    """With whom somebody has a conversation, they know by name: also people whom they don't see otherwise."""
    me = facts.person_of.get(user.pk)
    pairs = [{row.first_id, row.second_id} for row in facts.conversations]
    return {facts.person[pk].full_name for pair in pairs if me and me.pk in pair for pk in pair}


def _texts_of_catalogue(facts: Facts, trees: set[int]) -> set[str]:
    others = [goal for goal in facts.catalogue_goals if goal.organization_id not in trees]
    return {text for goal in others for text in (goal.title, goal.description)}


def _texts_of_imports(facts: Facts, user: Any) -> set[str]:
    """Names of the files that others imported, and what stands in the cells of files that aren't the own."""
    names, cells = set(), set()
    for roster_import in RosterImport._base_manager.all():
        if not _sees_import(facts, user, roster_import):
            names.add(roster_import.file_name)
        if roster_import.by_id != user.pk and facts.me(user) != "super admin":
            cells |= {cell for row in roster_import.glance.get("samples", ()) for cell in row}
    return names | cells


def _texts_of_others(facts: Facts, user: Any) -> set[str]:
    """What people wrote in conversations that `user` isn't in, and to goals that `user` doesn't see."""
    texts = set()
    closed = [row.pk for row in facts.conversations if not facts.may(user, "view_conversation", row)]
    for model, path, text in (
        (Message, "conversation", "text"),
        (Attachment, "message__conversation", "name"),
    ):
        texts |= set(model._base_manager.filter(**{f"{path}__in": closed}).values_list(text, flat=True))
    hidden = [row for row in facts.goals if not facts.may(user, "view_goal", row)]
    texts |= {text for goal in hidden for text in (goal.title, goal.description)}
    for model in (GoalStep, GoalComment):
        texts |= set(model._base_manager.filter(goal__in=hidden).values_list("text", flat=True))
    return texts


def guide_probes() -> Iterator[Probe]:
    """What every account of staff may read."""
    for name in sorted(GUIDE):
        yield Probe(name, reverse(name), "shown")


def all_probes(facts, user):
    return [
        *guide_probes(),
        *listing_probes(facts, user),
        *export_probes(facts, user),
        *row_probes(facts, user),
        *assign_probes(facts, user),
        *archive_probes(facts, user),
        *reassign_probes(facts, user),
        *log_in_probes(facts, user),
        *welcome_probes(facts, user),
        *action_probes(facts, user),
        *offer_probes(facts, user),
        *connect_probes(facts, user),
        *status_probes(facts, user),
        *bulk_probes(facts, user),
        *outbox_probes(facts, user),
        *history_probes(facts, user),
        *letter_probes(facts, user),
        *deletion_probes(facts, user),
        *import_probes(facts, user),
        *raw_export_probes(facts, user),
    ]


def some_of(probes: list[Probe]) -> list[Probe]:
    """The first and the last of each screen and answer: enough where only the way to the answer is another."""
    return [probe for first, *more in _alike(probes, with_kind=False) for probe in (first, *more[-1:])]


def of_each_kind(probes: Iterable[Probe]) -> list[Probe]:
    """One of each screen, answer and kind of row: what is asked of a second one is the same again.

    Whoever says nothing of kinds is asked about every row.
    """
    return [alike[0] for alike in _alike(probes, with_kind=True)]


def _alike(probes: Iterable[Probe], *, with_kind: bool) -> Iterable[list[Probe]]:
    kinds: dict[tuple[Any, ...], list[Probe]] = {}
    for probe in probes:
        kind = None
        if with_kind:
            kind = (probe.path, str(probe.body)) if probe.kind is None else probe.kind
        kinds.setdefault((probe.name, probe.answer, probe.method, kind), []).append(probe)
    return kinds.values()


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
    for query in (
        *(f"person={person.pk}" for person in (stranger, neighbour)),
        *(f"{field}={word}" for field in ("about", "by") for word in (MARKERS["law"], MARKERS["nursing"])),
        f"organization={law}",
        f"organization={nursing}",
        f"program={world.programs['moot'].pk}",
        f"program={world.programs['cohort'].pk}",
        "kind=people",
        "kind=nothing&via=nothing",
        "since=2020-01-01&until=9999-12-31",
        "batch=00000000-0000-0000-0000-000000000000",
    ):
        yield "history", query


def own_account_probes(who: str) -> Iterator[Probe]:
    """Staff's log-in, and what is about nobody but whoever asks ("staff", "other" or "nobody"), whatever the key."""
    entrance = {
        "account_login": "refused" if who == "staff" else "shown",
        "account_logout": "log in" if who == "nobody" else "shown",
        "account_reset_password": "shown",
        "account_reset_password_done": "shown",
        "accounts:set_password": "shown",
        # Nobody has given a password, or asked for a passkey.
        "mfa_authenticate": "log in" if who == "nobody" else "refused",
        "mfa_login_webauthn": "refused" if who == "staff" else "log in",
    }
    own = {
        "account_change_password": "shown",
        "account_reauthenticate": "shown",
        # Without a second factor, there is none to remove, nor a code.
        "mfa_deactivate_totp": "hidden",
        "mfa_index": "shown",
        "mfa_list_webauthn": "shown",
        "mfa_view_recovery_codes": "hidden",
        "usersessions_list": "shown",
    }
    for address in addresses():
        given = dict(
            zip(address.parameters, ["MQ", "x-y"] if "uidb64" in address.parameters else [1], strict=False)
        )
        if address.name in ENTRANCE:
            yield Probe(address.name, reverse(address.name, kwargs=given), entrance[address.name])
        elif address.name in OWN_ACCOUNT:
            # Whatever changes the log-in asks first who it is.
            answer = own.get(address.name, "done") if who == "staff" else "log in"
            yield Probe(address.name, reverse(address.name, kwargs=given), answer)
