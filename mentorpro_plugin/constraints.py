"""Turns a refusal by the database into the sentence that the constraint carries.

With scoped managers, Django's own uniqueness checks see the open scope only; the database sees everything, so it
has the last word. This gives that word to the reader.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction


@contextmanager
def refusals_as_sentences(model: type[models.Model]) -> Iterator[None]:
    """Run the block in a savepoint; raise ValidationError, worded by the constraint of `model`, if the database refuses.

    An IntegrityError that names none of the model's constraints is raised on.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        constraint = _violated(model._meta.concrete_model or model, error)
        if constraint is None:
            raise
        message = constraint.get_violation_error_message()
        fields = getattr(constraint, "fields", ())
        raise ValidationError({fields[-1]: message} if fields else message) from error


def _violated(model: type[models.Model], error: IntegrityError) -> models.BaseConstraint | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    text = str(error)
    for constraint in model._meta.constraints:
        if name == constraint.name or re.search(rf"\b{constraint.name}\b", text):
            return constraint
    # SQLite names the columns of a plain unique constraint instead of the constraint.
    columns = re.findall(rf"{model._meta.db_table}\.(\w+)", text)
    for constraint in model._meta.constraints:
        fields = getattr(constraint, "fields", ())
        if columns and [getattr(model._meta.get_field(field), "column", None) for field in fields] == columns:
            return constraint
    return None
