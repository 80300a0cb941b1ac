"""What others may want to know of assignments."""

from django.dispatch import Signal

#: Sent with `assignments` and `by`, in the transaction that opens them or opens them again: one, or many at once.
assignments_opened = Signal()
