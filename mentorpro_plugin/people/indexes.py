"""An index that PostgreSQL and SQLite both use for "latest first, never last"."""

from typing import Any

from django.db import models
from django.db.models.expressions import OrderBy


class NullsLastIndex(models.Index):
    """An index with NULLS LAST where the database knows it in indexes.

    SQLite doesn't, and needn't: it sorts nulls first ascending, so last descending, and uses the plain index.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **kwargs)
        plain = [_without_nulls(expression) for expression in self.expressions]
        return models.Index(*plain, name=self.name).create_sql(model, schema_editor, using, **kwargs)


def _without_nulls(expression: Any) -> Any:
    if isinstance(expression, OrderBy):
        return OrderBy(expression.expression, descending=expression.descending)
    return expression
