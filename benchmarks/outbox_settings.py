"""As `settings`, but mail goes to the server in EMAIL_URL."""

from benchmarks.settings import *  # noqa: F403
from mentorpro_site.settings.base import MENTORPRO, env, mail

vars().update(mail(env.str("EMAIL_URL", default="memorymail://")))
if lease := env.int("OUTBOX_LEASE", default=0):
    MENTORPRO["OUTBOX_LEASE"] = lease
