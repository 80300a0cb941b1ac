"""Makes organizations, programs, people and assignments for tests, past the actions and their permissions."""

from itertools import count

import factory
from django.utils import timezone

from mentorpro_plugin.access.roles import STAFF, Role
from mentorpro_plugin.assignments.actions import refresh_is_assigned
from mentorpro_plugin.assignments.models import Assignment
from mentorpro_plugin.identifiers.models import GivenIdentifier, Identifier, IdentifierValue
from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.users import build_user
from mentorpro_plugin.programs.models import Program

#: Password of every member of staff made here.
PASSWORD = "correct-horse-battery"

_numbers = count()


def fictional_phone() -> str:
    """A number that is valid in form and reserved for fiction (555-01xx), different each time."""
    # Not 201, 212, 404, 808 or 907, in which tests and help texts write numbers out.
    area_codes = ("205", "303", "312", "415", "503", "605", "617", "702", "718", "916")
    number = next(_numbers)
    return f"+1{area_codes[number // 100 % 10]}55501{number % 100:02d}"


class _Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        # Straight to the table: a factory belongs to no request, so no scope is open.
        instance = model_class(*args, **kwargs)
        instance.save()
        return instance


class OrganizationFactory(_Factory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    region = "US"


class ProgramFactory(_Factory):
    class Meta:
        model = Program

    name = factory.Sequence(lambda n: f"Program {n}")
    organization = factory.SubFactory(OrganizationFactory)


def user_for(role, email, status=None):
    """An unsaved user as the factory of people makes them: staff have PASSWORD, the deactivated are shut out."""
    user = build_user(role, email)
    if role in STAFF:
        user.set_password(PASSWORD)
    user.is_superuser = role == Role.SUPER_ADMIN
    user.is_active = status != Person.Status.DEACTIVATED
    return user


class PersonFactory(_Factory):
    class Meta:
        model = Person

    role = Role.MENTEE
    organization = factory.SubFactory(OrganizationFactory)
    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    phone = factory.LazyFunction(fictional_phone)
    id_number = factory.Sequence(lambda n: f"ID{n:05}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    # Without it, mentors and mentees would be led to the welcome from every page.
    welcomed_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        user = user_for(kwargs["role"], kwargs["email"], kwargs.get("status"))
        user.save()
        return super()._create(model_class, *args, user=user, **kwargs)


class AssignmentFactory(_Factory):
    class Meta:
        model = Assignment

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        assignment = super()._create(model_class, *args, **kwargs)
        refresh_is_assigned(assignment.person_id)
        assignment.person.refresh_from_db()
        return assignment


class IdentifierFactory(_Factory):
    class Meta:
        model = Identifier
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Identifier {n}")

    @factory.post_generation
    def values(self, create, names, **kwargs):
        for position, name in enumerate(names or ()):
            IdentifierValue(identifier=self, name=name, sort_order=position).save()


class GivenIdentifierFactory(_Factory):
    class Meta:
        model = GivenIdentifier
