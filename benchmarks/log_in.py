"""Measures asking for a log-in code and giving it, at a real server, while the sender of text messages hangs.

python -m benchmarks.log_in
DATABASE_URL=postgres://postgres@127.0.0.1/postgres python -m benchmarks.log_in
"""

import argparse
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .databases import ROOT, Database, folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log_in", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--log-ins", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=1, help="visitors at the same time")
    parser.add_argument("--workers", type=int, default=2, help="server processes")
    options = parser.parse_args()
    with folder(None) as directory:
        database = Database(options.people, directory)
        try:
            database.prepare()
            with servers(database, options.workers) as address:
                arguments = (address, options.log_ins, options.at_once)
                print(database.call("benchmarks.visits.measure", *arguments).strip())
        finally:
            database.remove()


@contextmanager
def servers(database: Database, workers: int) -> Iterator[str]:
    """The site's own server with that many processes, and a deliverer whose provider hangs."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {**database.environment, "DJANGO_SETTINGS_MODULE": "benchmarks.hung_settings"}
    serve = [
        "-m",
        "gunicorn",
        "mentorpro_site.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        str(workers),
    ]
    commands = [[*serve, "--worker-class", "gthread", "--threads", "2"], ["manage.py", "deliver_outbox"]]
    log_file = database.directory / "servers.log"
    with log_file.open("w") as log:
        processes = [
            subprocess.Popen([sys.executable, *command], env=environment, cwd=ROOT, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, processes, log_file)
            yield address
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                try:
                    process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    # The deliverer waits for the provider, which never answers.
                    process.kill()
                    process.wait()


def _wait_for(address: str, processes: list[subprocess.Popen], log_file: Path) -> None:
    for _try in range(300):
        if any(process.poll() is not None for process in processes):
            raise SystemExit(log_file.read_text())
        try:
            urllib.request.urlopen(f"{address}/health/live", timeout=5)  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server doesn't answer.")


if __name__ == "__main__":
    main()
