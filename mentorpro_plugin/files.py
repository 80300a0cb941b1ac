"""Files that commands write: whole or not at all, and for whoever runs the command alone."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes the place of `path` once the block has ended well; otherwise nothing has changed.

    Nobody but its owner may read it. Raises OSError.
    """
    # Resolved: what a link leads to is written, and the link stays.
    path = path.resolve()
    if path.is_dir():
        raise IsADirectoryError(None, "Is a directory", str(path))
    # In the same folder, so that it only has to be renamed; and `mkstemp` opens it for the owner alone.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
