"""Imports every domain's rules, once."""

from .access import rules as access_rules  # noqa: F401
from .activity import rules as activity_rules  # noqa: F401
from .conversations import rules as conversations_rules  # noqa: F401
from .goals import rules as goals_rules  # noqa: F401
from .identifiers import rules as identifiers_rules  # noqa: F401
from .organizations import rules as organizations_rules  # noqa: F401
from .people import rules as people_rules  # noqa: F401
from .programs import rules as programs_rules  # noqa: F401
