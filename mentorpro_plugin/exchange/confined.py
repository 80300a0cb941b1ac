"""Starts the process that reads a file, and keeps what it says on disk."""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import IO, Any

from .limits import MOST_KEPT_BYTES, WALL_SECONDS
from .unreadable import Unreadable, Why

logger = logging.getLogger(__name__)

_CHILD = "mentorpro_plugin.exchange.child"
_BLOCK = 256 * 1024
#: No verdict is longer: it holds a few rows with cells cut short.
_LONGEST_VERDICT = 4 * 1024**2


def read_confined(source: IO[bytes], **request: str | int) -> tuple[IO[bytes], dict[str, Any]]:
    """Let a confined process read the file `source`; return a temporary file with the rows, and the glance, as JSON.

    Raises Unreadable. Whatever happens, the process is gone when this returns, as it is when the caller is killed.
    """
    kept = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        status = _run(source, kept, {**request, "parent": os.getpid()})
        verdict = _verdict(kept)
        if status > 0:
            logger.error("The process that reads files fails: see what `python -m %s '{}'` says.", _CHILD)
            raise Unreadable(Why.BROKEN)
        if status or verdict is None:
            logger.warning("Reading a file was ended by signal %d.", -status)
            raise Unreadable(Why.COSTLY)
        if "why" in verdict:
            raise Unreadable(Why(verdict["why"]), **verdict["facts"])
    except BaseException:
        kept.close()
        raise
    return kept, verdict["glance"]


def _run(source: IO[bytes], kept: IO[bytes], request: dict[str, str | int]) -> int:
    """Write what the process says to `kept`, and return its status."""
    source.seek(0)
    process = subprocess.Popen(  # noqa: S603 (our own module, by this Python)
        # Without site packages' start-up files, without writing byte code, without modules in the working directory.
        [sys.executable, "-S", "-B", "-P", "-m", _CHILD, json.dumps(request)],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    # For a process that waits instead of working, and where there are no other limits.
    timer = threading.Timer(WALL_SECONDS, process.kill)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 (for the type checker)
        with process.stdout as said:
            for block in iter(partial(said.read, _BLOCK), b""):
                kept.write(block)
                if kept.tell() > MOST_KEPT_BYTES:
                    raise Unreadable(Why.UNPACKS_TO_MUCH)
        status = process.wait()
        # What it returns when it is ended by the clock differs among systems.
        return status if timer.is_alive() else -signal.SIGTERM
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    """What Python needs to start, and where modules are found. Nothing else: the settings hold secrets."""
    found_in = [str(Path(__file__).parents[2]), *filter(None, sys.path)]
    environment = {"PYTHONPATH": os.pathsep.join(found_in)}
    if "SYSTEMROOT" in os.environ:
        # Windows starts nothing without it.
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    return environment


def _verdict(kept: IO[bytes]) -> dict[str, Any] | None:
    """Return the last line of `kept`; None if there is no whole one."""
    size = kept.tell()
    kept.seek(max(0, size - _LONGEST_VERDICT))
    line, end = kept.read().rpartition(b"\n")[::2]
    last = line.rpartition(b"\n")[-1]
    return json.loads(last) if not end and last.startswith(b"{") else None
