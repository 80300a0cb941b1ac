"""How much of a file is read, and what the process that reads may use of the machine."""

import contextlib
import os
import signal
import sys

MOST_BYTES = 50 * 1024**2
MOST_ROWS = 200_000
MOST_COLUMNS = 200
#: Bytes of rows as they are kept on disk: a cell of a workbook can stand for thousands of its size.
MOST_KEPT_BYTES = 200 * 1024**2
# An XLSX file is an archive, which can unpack to thousands of times its size.
MOST_UNPACKED_BYTES = 200 * 1024**2
MOST_ENTRIES = 1_000
#: Sheets of a workbook, and characters of the name of one.
MOST_SHEETS = 100
LONGEST_NAME = 100
#: Cells of a sheet, blank ones between the corner and the farthest included.
MOST_CELLS = 10_000_000
#: Characters of a line of text, and of a cell.
LONGEST_LINE = 1024**2
LONGEST_CELL = 128 * 1024
#: Lines among which the headings are looked for.
LINES_TO_LOOK_AT = 30

# For the process that reads: time on a processor, time on the clock, and memory.
CPU_SECONDS = 5
WALL_SECONDS = 45
MEMORY_BYTES = 256 * 1024**2

_PR_SET_PDEATHSIG = 1


def confine(parent: int) -> None:
    """Confine this process to its limits, and to the life of the process `parent`.

    Where the system knows no such limits, as on Windows, what remains is that the parent ends it after WALL_SECONDS,
    and what was checked of the file before.
    """
    try:
        import resource  # noqa: PLC0415 (there is none on Windows)
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        # A second more to the hard limit: the soft one says by its signal what happened.
        (resource.RLIMIT_CPU, CPU_SECONDS),
        # It writes to a pipe, and nowhere else.
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS refuses some.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most + (limit == resource.RLIMIT_CPU)))
    signal.alarm(WALL_SECONDS)
    if sys.platform == "linux":
        # Some builds of Python have no ctypes; WALL_SECONDS are the limit then.
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes  # noqa: PLC0415

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It went before that was arranged.
        os.kill(os.getpid(), signal.SIGKILL)
