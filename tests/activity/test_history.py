"""History: written once, in ids, by everything that changes anything."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.activity.changes import changes_between
from mentorpro_plugin.activity.history import history_through, record
from mentorpro_plugin.activity.models import AppendOnlyError, HistoryEntry
from mentorpro_plugin.assignments.actions import assign, reopen, set_primary, unassign
from mentorpro_plugin.identifiers.actions import give_identifiers, save_identifier
from mentorpro_plugin.models import Identifier, IdentifierValue, Organization, Person, Program
from mentorpro_plugin.organizations.actions import save_organization
from mentorpro_plugin.organizations.archiving import archive_organization, unarchive_organization
from mentorpro_plugin.people.actions import add_person, change_person
from mentorpro_plugin.people.lifecycle import deactivate, reactivate
from mentorpro_plugin.programs.actions import save_program
from mentorpro_plugin.programs.archiving import archive_program, unarchive_program

#: What imports, exports, deletions, e-mails and log-ins write, and what people do behind their front doors: their own
#: tests look into those entries.
WRITTEN_ELSEWHERE = {
    "deleted",
    "deletion_started",
    "imported",
    "undone",
    "removed",
    "exported",
    "downloaded",
    "logged_in",
    "login_refused",
    "access_denied",
    "password_changed",
    "factor_added",
    "factor_removed",
    "session_ended",
    "written_to",
    "sent_again",
    "letter_changed",
    "code_issued",
    "phone_changed",
    "consented",
    "profile_changed",
    *(action for action in HistoryEntry.Action.values if action.startswith("goal_")),
}


@pytest.fixture
def by(world):
    """A Super Admin, within her scope."""
    user = world.user("super_admin")
    with scope_of(reach_of(user)):
        yield user


@pytest.fixture
def entry(world, by):
    person = world.people["first_year_mentee"]
    return record(
        person,
        HistoryEntry.Action.CHANGED,
        by=by,
        organization=person.organization_id,
        person=person.pk,
        changes={"phone": None},
    )


def do_everything(world, by):
    """Every action at least once; all names are marked, so that they would be found again."""
    riverside = world.organizations["riverside"]
    annex = save_organization(Organization(name="Zymark Annex", parent=riverside), by=by)
    annex.name = "Zymark House"
    save_organization(annex, by=by)
    program = save_program(Program(name="Zymark Program", organization=annex), by=by)
    program.name = "Zymark Course"
    save_program(program, by=by)
    archive_program(program, by=by)
    archive_organization(annex, by=by)
    unarchive_organization(annex, by=by)
    unarchive_program(program, by=by)
    identifier = Identifier(name="Zymark Year", organization=riverside)
    identifier.values = [IdentifierValue(name="Zymark One")]
    save_identifier(identifier, by=by)
    identifier.name = "Zymark Grade"
    save_identifier(identifier, by=by)
    people = {
        role: add_person(
            Person(
                role=role,
                organization=annex,
                first_name="Zymark",
                last_name=role.label,
                email=f"zymark.{role}@example.net",
                phone=f"+1907555015{position}",
                id_number=f"ZYMARK-{position}",
            ),
            by=by,
        )
        for position, role in enumerate((Role.PROGRAM_MANAGER, Role.MENTOR, Role.MENTEE))
    }
    manager, mentor, mentee = people.values()
    mentee.first_name, mentee.phone, mentee.email = "Zymarka", "+19075550159", "zymarka@example.net"
    change_person(mentee, by=by)
    give_identifiers(mentee, {identifier: IdentifierValue.objects.get(name="Zymark One")}, by=by)
    assign(person=manager, program=program, by=by)
    assign(person=mentor, program=program, lead=manager, by=by)
    assignment = assign(person=mentee, program=program, lead=mentor, is_primary=True, by=by)
    set_primary(assignment, is_primary=False, by=by)
    reopen(unassign(assignment, by=by), by=by)
    deactivate(mentee, by=by)
    reactivate(mentee, by=by)


def test_no_entry_holds_a_name_a_number_or_an_address(world, by):
    do_everything(world, by)

    entries = list(HistoryEntry._base_manager.values())
    written = json.dumps(entries, cls=DjangoJSONEncoder, ensure_ascii=False).lower()
    actions = {entry["action"] for entry in entries}
    assert actions == set(HistoryEntry.Action.values) - WRITTEN_ELSEWHERE
    for personal in ("zymark", "55501", "@", "example"):
        assert personal not in written, personal


def test_every_entry_says_who_where_and_by_what_way(world, by):
    do_everything(world, by)

    for entry in HistoryEntry._base_manager.all():
        assert entry.actor_id == by.pk, entry
        assert entry.organization_id is not None, entry
        assert (entry.via, entry.batch) == ("screen", None), entry


def test_entries_of_an_import_share_a_batch_and_those_after_it_do_not(world, by):
    with history_through(HistoryEntry.Via.IMPORT) as batch:
        do_everything(world, by)
    during = set(HistoryEntry._base_manager.values_list("via", "batch"))
    save_program(Program(name="After", organization=world.organizations["engineering"]), by=by)

    assert during == {("import", batch)}
    assert HistoryEntry._base_manager.latest("pk").via == "screen"


def test_what_fails_inside_an_import_leaves_the_way_as_it_was(world, by):
    with pytest.raises(RuntimeError), history_through(HistoryEntry.Via.COMMAND):
        raise RuntimeError

    save_program(Program(name="After", organization=world.organizations["engineering"]), by=by)

    assert HistoryEntry._base_manager.latest("pk").via == "screen"


def rewrite(entry):
    entry.changes = {}
    entry.save()


@pytest.mark.parametrize(
    "attempt",
    [
        rewrite,
        lambda entry: entry.delete(),
        lambda entry: HistoryEntry.objects.filter(pk=entry.pk).update(changes={}),
        lambda entry: HistoryEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: HistoryEntry.objects.all().delete(),
        lambda entry: HistoryEntry.objects.bulk_update([entry], ["changes"]),
        lambda entry: HistoryEntry.objects.update_or_create(pk=entry.pk, defaults={"changes": {}}),
    ],
)
def test_entry_is_neither_changed_nor_removed(entry, attempt):
    with pytest.raises(AppendOnlyError), transaction.atomic():
        attempt(entry)

    kept = HistoryEntry.objects.get(pk=entry.pk)
    assert kept.changes == {"phone": None}


def test_newest_entry_stands_first(world, by, entry):
    person = world.people["first_year_mentee"]

    later = record(
        person, HistoryEntry.Action.CHANGED, by=by, organization=person.organization_id, person=person.pk
    )

    assert list(HistoryEntry.objects.filter(person=person)) == [later, entry]


def test_changes_hold_values_of_plain_fields_and_only_names_of_personal_ones(world):
    before, after = Person(first_name="Linh", role="mentor"), Person(first_name="Ngọc", role="mentee")

    changes = changes_between(
        before, after, plain=("role", "organization_id"), personal=("first_name", "last_name")
    )

    assert changes == {"role": ["mentor", "mentee"], "first_name": None}


def test_new_record_has_its_plain_values_as_changes():
    changes = changes_between(
        None, Program(name="Summer", flash_mentoring=True), plain=("flash_mentoring",), personal=("name",)
    )

    assert changes == {"flash_mentoring": [None, True]}
