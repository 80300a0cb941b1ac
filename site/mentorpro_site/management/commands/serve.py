"""The whole site on one machine: web server, worker and deliverer, until Ctrl-C."""

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands

from mentorpro_plugin.shell.doors import door_path
from mentorpro_site.outbox import visitors

PATIENCE = 10  # seconds a process gets to finish what it is doing

DEMO_PEOPLE = {
    "superadmin@demo.test": "Super Admin",
    "parent@demo.test": "Parent Organization",
    "child@demo.test": "Child Organization",
    "pm@demo.test": "Program Manager",
    "sc@demo.test": "Success Coordinator",
}
DEMO_PASSWORD = "mentorpro-demo"  # noqa: S105 - printed on every start, and made only where DEBUG is on


class Command(BaseCommand):
    help = "Bring the database up to date, then run web server, worker and deliverer until Ctrl-C. For your own machine."

    def add_arguments(self, parser):
        parser.add_argument(
            "--host", default="127.0.0.1", help="Address to listen on (default: %(default)s)."
        )
        parser.add_argument(
            "--port", default=8000, type=int, help="Port to listen on (default: %(default)s)."
        )

    def handle(self, *, host, port, **options):
        if not settings.DEBUG:
            raise CommandError(
                "This command is for your own machine. In production, run gunicorn, db_worker and deliver_outbox."
            )
        refuse_taken_port(host, port)
        call_command("migrate", interactive=False, verbosity=0)
        has_demo = self.create_demo_data()
        self.greet(base_url(host, port), has_demo=has_demo)
        if status := run_until_stopped(commands(host, port), environment(host, port)):
            raise CommandError(
                "The web server, the worker or the deliverer stopped by itself.", returncode=status
            )
        self.stdout.write("Stopped. The data stays where it is.")

    def create_demo_data(self) -> bool:
        """Fill an empty site with the demo; say whether the demo's people are there."""
        people = apps.get_model("mentorpro_plugin", "Person")._base_manager
        if not people.exists() and "create_demo_data" in get_commands():
            self.stdout.write("First start: creating demo data...")
            call_command("create_demo_data", stdout=self.stdout, stderr=self.stderr)
        return people.filter(email__in=DEMO_PEOPLE).exists()

    def greet(self, address: str, *, has_demo: bool) -> None:
        lines = ["", f"  Site   {address}/", f"  Staff  {address}/admin/"]
        if has_demo:
            width = max(map(len, DEMO_PEOPLE))
            lines += ["", f"  Demo log-ins, all with the password {DEMO_PASSWORD}:"]
            lines += [f"    {email:<{width}}  {role}" for email, role in DEMO_PEOPLE.items()]
        if people := visitors():
            lines += ["", f"  By phone, with the code from {address}/outbox/:"]
            lines += [
                f"    {address}{door_path(door):<8}  {person.phone.as_international}  {person}"
                for person, door, _url in people
            ]
        lines += ["", f"  Data in {settings.DATA_DIR}. Ctrl-C stops the site.", ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def refuse_taken_port(host: str, port: int) -> None:
    """Say so at once, rather than after migrations and a greeting that isn't true."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Can't listen on {host}, port {port}: {error.strerror}. Choose another: make run PORT={port + 1}."
            ) from error


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Map each process's name to its command line."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        "web": [*manage, "runserver", "--noreload", "--skip-checks", address],
        "worker": [*manage, "db_worker", "--no-reload", "--queue-name", "*"],
        "deliverer": [*manage, "deliver_outbox", "--skip-checks"],
    }


def environment(host: str, port: int) -> dict[str, str]:
    """The processes' environment. Listening to other machines includes answering to the names they use."""
    variables = {
        "BASE_URL": base_url(host, port),
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    if not is_loopback(host):
        variables.setdefault("ALLOWED_HOSTS", "*")
    return variables


def base_url(host: str, port: int) -> str:
    """An address that a browser on this machine can open."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run_until_stopped(command_lines: dict[str, list[str]], env: dict[str, str]) -> int:
    """Run the commands until a signal asks for an end, or until one of them ends by itself.

    Each gets a session of its own, so that Ctrl-C reaches only this process, which then stops them
    in order. Returns 0 after a signal, else the exit status of the one that ended, and never 0 then.
    """
    asked_to_stop = False

    def stop(signum, frame):
        nonlocal asked_to_stop
        asked_to_stop = True

    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {signum: signal.signal(signum, stop) for signum in signals}
    processes: list[subprocess.Popen] = []
    try:
        processes.extend(
            subprocess.Popen(command_line, env=env, start_new_session=True)  # noqa: S603
            for command_line in command_lines.values()
        )
        while not asked_to_stop:
            for process in processes:
                if process.poll() is not None:
                    return process.returncode or 1
            time.sleep(0.2)
        return 0
    finally:
        end(processes)
        for signum, handler in before.items():
            signal.signal(signum, handler)


def end(processes: list[subprocess.Popen]) -> None:
    """Ask every process to end; end those by force that haven't when patience is over."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
