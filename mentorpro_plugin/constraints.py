"""Turns a refusal by the database into the sentence that the constraint carries.

With scoped managers, Django's own uniqueness checks see the open scope only; the database sees everything, so it
has the last word. This gives that word to the reader.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
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
        message, field = constraint.get_violation_error_message(), _field_of(constraint)
        raise ValidationError({field: message} if field else message) from error


class BesideFields:
    """Mixin for a model: what its constraints refuse is said of a field, as the database's refusals are.

    Django says it of the whole row wherever a constraint has expressions or a condition.
    """

    def validate_constraints(self, exclude: Any = None) -> None:
        try:
            super().validate_constraints(exclude=exclude)  # type: ignore[misc]
        except ValidationError as refusal:
            raise self._beside_fields(refusal) from refusal

    def _beside_fields(self, refusal: ValidationError) -> ValidationError:
        fields = {
            constraint.get_violation_error_message(): _field_of(constraint)
            # Of the class that has the table: its proxies say nothing of constraints.
            for constraint in self._meta.concrete_model._meta.constraints  # type: ignore[attr-defined]
        }
        errors = dict(refusal.error_dict)
        for error in errors.pop(NON_FIELD_ERRORS, []):
            field = fields.get(" ".join(error.messages)) or NON_FIELD_ERRORS
            errors.setdefault(field, []).append(error)
        return ValidationError(errors)


def _field_of(constraint: models.BaseConstraint) -> str:
    """Return the field that a reader would change to satisfy `constraint`: its last; "" for a condition."""
    if fields := getattr(constraint, "fields", ()):
        return fields[-1]
    names = [
        part.name  # type: ignore[attr-defined]
        for expression in getattr(constraint, "expressions", ())
        for part in ([expression] if isinstance(expression, models.F) else expression.flatten())
        if isinstance(part, models.F)
    ]
    return names[-1] if names else ""


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
