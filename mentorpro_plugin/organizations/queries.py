"""What participants are told of an organization."""

from .models import Organization


def contact_of(organization: Organization) -> Organization | None:
    """Return whose contact the participants of `organization` are shown: its own, else its parent's, if there is one.

    They are shown the contact alone: organizations are not theirs to see.
    """
    if organization.has_contact:
        return organization
    parent = organization.parent
    return parent if parent and parent.has_contact else None
