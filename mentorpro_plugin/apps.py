from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentorProConfig(AppConfig):
    name = "mentorpro_plugin"
    label = "mentorpro_plugin"
    verbose_name = _("MentorPRO")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here, not at import time: rules, policies and receivers need the models.
        from . import rules  # noqa: F401
        from .accounts.registering import register_accounts
        from .activity.registering import register_activity
        from .assignments import holdings as assignments_holdings  # noqa: F401
        from .conversations import holdings as conversations_holdings  # noqa: F401
        from .conversations import registering as conversations
        from .conversations import signals as conversations_signals  # noqa: F401
        from .exchange import holdings as exchange_holdings  # noqa: F401
        from .exchange.registering import register_exchange
        from .exports import holdings as exports_holdings  # noqa: F401
        from .exports.registering import register_exports
        from .goals import holdings as goals_holdings  # noqa: F401
        from .goals.registering import register_goals
        from .identifiers import holdings as identifiers_holdings  # noqa: F401
        from .letters.registering import register_letters
        from .outbox import holdings as outbox_holdings  # noqa: F401
        from .outbox.budgets import forget_old_budgets
        from .outbox.rounds import register_round
        from .people import holdings as people_holdings  # noqa: F401
        from .people import signals  # noqa: F401
        from .people.probing import forget_old_reach_budgets
        from .policies import register_policies
        from .portal import holdings as portal_holdings  # noqa: F401
        from .portal.registering import register_portal
        from .removal import holdings as removal_holdings  # noqa: F401
        from .removal.registering import register_removal

        register_policies()
        register_activity()
        register_accounts()
        register_portal()
        register_round("forget old budgets", forget_old_budgets, every=60 * 60)
        register_round("forget old reach budgets", forget_old_reach_budgets, every=60 * 60)
        conversations.register()
        register_goals()
        register_letters()
        register_exchange()
        register_exports()
        register_removal()
