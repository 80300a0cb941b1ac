"""Where a person's pages are, by role."""

from typing import Any

from django.urls import reverse

from ..access.roles import Role

#: URL namespace of each role's roster. A Super Admin has none.
NAMESPACES = {
    Role.MENTOR: "mentors",
    Role.MENTEE: "mentees",
    Role.PROGRAM_MANAGER: "program-managers",
    Role.SUCCESS_COORDINATOR: "success-coordinators",
    Role.PARENT: "organization-accounts",
    Role.CHILD: "organization-accounts",
}


def profile_url(person: Any) -> str:
    """Return the address of the person's profile."""
    return reverse(f"{NAMESPACES[Role(person.role)]}:profile", args=[person.pk])


def profile_url_or_none(person: Any) -> str:
    """Likewise; "" for a Super Admin, who has none."""
    return profile_url(person) if Role(person.role) in NAMESPACES else ""


def roster_url(role: Role, **query: int) -> str:
    """Return the address of the roster of `role`, filtered by `query` (organization=pk, program=pk)."""
    url = reverse(f"{NAMESPACES[role]}:index")
    return f"{url}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else url
