"""What a load balancer asks: is this process alive, and may it be sent people?"""

import secrets

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer at all. Asks nothing of database or cache: a restart wouldn't mend those."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 once database, migrations and cache are fit for use; until then 503, with the reason for each."""
    reasons = {name: reason for name, check in CHECKS.items() if (reason := check())}
    if reasons:
        return JsonResponse({"status": "unavailable", "reasons": reasons}, status=503)
    return JsonResponse({"status": "ok"})


def database_reason() -> str:
    """Why the database can't be used, or nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


_migrated = False


def migrations_reason() -> str:
    """Why the tables aren't those of this code, or nothing. Asked until the answer is good, then never again."""
    global _migrated  # noqa: PLW0603
    if _migrated:
        return ""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    if plan:
        return f"{len(plan)} migrations are not applied."
    _migrated = True
    return ""


def cache_reason() -> str:
    """Why the cache can't be used, or nothing."""
    token = secrets.token_hex(8)
    try:
        cache.set(f"health:{token}", token, timeout=10)
        answer = cache.get(f"health:{token}")
        cache.delete(f"health:{token}")
    except Exception:  # noqa: BLE001 - every cache backend has its own exceptions
        return "The cache does not answer."
    return "" if answer == token else "The cache forgets what it is given."


CHECKS = {"database": database_reason, "migrations": migrations_reason, "cache": cache_reason}
