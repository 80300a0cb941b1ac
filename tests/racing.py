"""Two or more at once, each on a connection of its own: for tests of what locks and constraints decide."""

import threading

from django.db import connection

from mentorpro_plugin.access.reach import EVERYTHING, scope_of


def at_once(*calls):
    """Make the calls at the same moment, each on a connection of its own; what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    outcomes = [None] * len(calls)

    def run(position, call):
        try:
            with scope_of(EVERYTHING):
                barrier.wait(timeout=10)
                outcomes[position] = call()
        except Exception as error:  # noqa: BLE001 - the test says which are right
            outcomes[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes
