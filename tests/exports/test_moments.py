"""Reading everything as it was at one moment."""

import pytest
from django.db import connection, connections, transaction

from mentorpro_plugin.models import Organization
from mentorpro_plugin.moments import one_moment
from tests.factories import OrganizationFactory


def test_what_others_write_meanwhile_is_not_read(transactional_db):
    OrganizationFactory()

    with one_moment() as using:
        organizations = Organization._base_manager.using(using)
        before = organizations.count()
        OrganizationFactory()
        within = organizations.count()

    assert using != "default"
    assert (before, within, Organization._base_manager.count()) == (1, 1, 2)


def test_connection_is_closed_whatever_happens(transactional_db):
    readers = []

    def read():
        with one_moment() as using:
            readers.append(connections[using])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read()

    [reader] = readers
    assert reader.connection is None
    assert not hasattr(connections._connections, reader.alias)


def test_in_a_transaction_its_own_rows_are_read(db):
    assert connection.in_atomic_block
    with transaction.atomic(), one_moment() as using:
        OrganizationFactory()

        assert Organization._base_manager.using(using).count() == 1
