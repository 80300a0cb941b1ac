"""`make run`'s inside: the command that starts web server and worker, and stops them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from mentorpro_site.management.commands import serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def start(tmp_path, port):
    """Start the site with data of its own, and wait until it answers."""
    processes = []

    def start_site():
        output = tmp_path / f"output-{len(processes)}.txt"
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DATA_DIR": str(tmp_path / "var"),
        }
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        processes.append(process)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert process.poll() is None, output.read_text()
            try:
                with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10) as response:
                    assert response.status == 200
                    return process, output
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.5)
        pytest.fail(output.read_text())

    yield start_site
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def stop(process):
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=30)


def test_site_starts_answers_stops_and_keeps_its_data(start, port, tmp_path):
    process, output = start()
    address = f"http://127.0.0.1:{port}"
    with urlopen(f"{address}/accounts/login/", timeout=30) as response:
        stylesheet = re.search(r'href="(/static/wagtailadmin/css/core[^"]+)"', response.read().decode())[1]
    with urlopen(f"{address}{stylesheet}", timeout=30) as response:
        assert response.status == 200

    assert stop(process) == 0
    text = output.read_text()
    assert f"{address}/admin/" in text
    assert "Starting worker" in text
    assert text.endswith("Stopped. The data stays where it is.\n")
    with pytest.raises(URLError):
        urlopen(address, timeout=5)

    process, output = start()
    assert stop(process) == 0
    assert "First start" not in output.read_text()


def test_taken_port_is_named_at_once():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(
            serve.CommandError, match=rf"Can't listen on 127.0.0.1, port {port}: .*PORT={port + 1}"
        ):
            serve.refuse_taken_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
        ("mentoring.example.org", "http://mentoring.example.org:8000"),
    ],
)
def test_printed_address_can_be_opened(host, expected):
    assert serve.base_url(host, 8000) == expected


@pytest.mark.parametrize(
    ("host", "hosts"), [("127.0.0.1", None), ("::1", None), ("localhost", None), ("0.0.0.0", "*")]
)
def test_other_machines_are_answered_only_when_asked_to_listen_to_them(host, hosts, monkeypatch):
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)

    assert serve.environment(host, 8000).get("ALLOWED_HOSTS") == hosts


def test_one_process_that_ends_ends_the_other(tmp_path):
    marker = tmp_path / "stopped"
    patient = f"import pathlib, signal, sys, time\nsignal.signal(15, lambda *_: (pathlib.Path({str(marker)!r}).touch(), sys.exit()))\ntime.sleep(60)"
    commands = {
        "patient": [sys.executable, "-c", patient],
        "brief": [sys.executable, "-c", "import time; time.sleep(2)"],
    }

    status = serve.run_until_stopped(commands, dict(os.environ))

    assert status == 1
    assert marker.exists()
