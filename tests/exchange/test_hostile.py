"""Whatever somebody uploads: it is read or refused in a sentence, at a bearable cost, by a process that knows nothing."""

import io
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorpro_plugin.exchange.limits import CPU_SECONDS, MEMORY_BYTES
from mentorpro_plugin.exchange.reading import FileRefused, read_table
from mentorpro_plugin.exchange.unreadable import Why

from .hostile import HOSTILE, cost_of, python_environment, workbook_of_sheets
from .test_files import refusal, table, workbook

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_files_cost_little(name, tmp_path):
    file = HOSTILE[name]
    (tmp_path / "file").write_bytes(file.content())

    cost = cost_of(tmp_path / "file", file.suffix)

    assert cost.outcome == file.outcome
    # The limit is looked at a few times a second.
    assert cost.cpu < CPU_SECONDS + 0.3
    assert cost.megabytes <= MEMORY_BYTES // 1024**2


def test_there_is_a_hostile_file_for_every_refusal_that_needs_no_choice():
    outcomes = {file.outcome for file in HOSTILE.values()}

    assert set(Why) - outcomes == {Why.EMPTY, Why.NO_HEADINGS, Why.NO_SHEET, Why.DAMAGED_TEXT, Why.BROKEN}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "workbook: a cell far below",
            "Reading the file takes more time or memory than there is for one: it is too large, or a cell stands far away from the others. Save its table alone as CSV, or divide it.",
        ),
        (
            "workbook: one part a hundred times",
            "The workbook unpacks to more than can be read. Save its table as CSV.",
        ),
        ("workbook: a program", "The file isn't a workbook that can be read. Save it anew as XLSX."),
        (
            "workbook: an old workbook",
            "The workbook has the format of Excel before 2007. Save it anew as XLSX.",
        ),
        ("workbook: a locked workbook", "The workbook asks for a password. Save it without one."),
        ("text: a picture", "The file isn't text that can be read. Save it as “CSV UTF-8”, or as XLSX."),
    ],
)
def test_hostile_files_are_refused_in_a_sentence(name, sentence):
    assert refusal(HOSTILE[name].content(), f"r{HOSTILE[name].suffix}") == sentence


_READ = """
import sys
from mentorpro_plugin.exchange.confined import read_confined
with open(sys.argv[1], "rb") as source:
    read_confined(source, suffix=".csv", sheet="", heading_line=0)
"""


@pytest.fixture
def slow_reading(tmp_path):
    """A process whose child reads a file that takes long, and the child's id."""
    (tmp_path / "slow.csv").write_bytes(b"ID\n" + b"\n" * 40_000_000)
    parent = subprocess.Popen(
        [sys.executable, "-c", _READ, tmp_path / "slow.csv"],
        env=python_environment() | {"SECRET_KEY": "planted", "DATABASE_URL": "planted"},
        stderr=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    try:
        yield parent, _soon(lambda: _reading(children))
    finally:
        parent.kill()
        parent.wait()


def _reading(children: Path) -> int | None:
    """The child's id, once it is our module that runs in it."""
    for child in map(int, children.read_text().split()):
        if b"exchange.child" in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
    return None


def _soon(look):
    """What `look` returns once that is true, or after ten seconds."""
    end = time.monotonic() + 10
    while not (seen := look()) and time.monotonic() < end:
        time.sleep(0.01)
    return seen


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@needs_proc
def test_the_process_that_reads_goes_with_the_one_that_asked(slow_reading):
    parent, child = slow_reading
    _soon(lambda: _limit(child, "Max core file size") == "0")

    parent.send_signal(signal.SIGKILL)

    start = time.monotonic()
    assert _soon(lambda: _is_gone(child))
    assert time.monotonic() - start < 2


@needs_proc
def test_the_process_that_reads_inherits_no_secrets_and_is_limited(slow_reading):
    _parent, child = slow_reading
    environment = Path(f"/proc/{child}/environ").read_bytes().rstrip(b"\0").split(b"\0")

    assert [entry.partition(b"=")[0] for entry in environment] == [b"PYTHONPATH"]
    limits = {
        "Max cpu time": str(CPU_SECONDS),
        "Max address space": str(MEMORY_BYTES),
        "Max file size": "0",
    }
    # It sets them one after the other.
    assert _soon(lambda: {name: _limit(child, name) for name in limits} == limits)
    assert _open_files(child) <= {"slow.csv", "pipe", "null"}


def _limit(pid: int, name: str) -> str:
    limits = Path(f"/proc/{pid}/limits").read_text()
    return next(line for line in limits.splitlines() if line.startswith(name)).removeprefix(name).split()[0]


def _open_files(pid: int) -> set[str]:
    targets = [str(descriptor.readlink()) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
    return {target.partition(":")[0].rpartition("/")[2] for target in targets}


def test_the_process_that_reads_knows_no_django():
    code = (
        "import sys; from mentorpro_plugin.exchange import child, workbooks;"
        "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'wagtail', 'dataclasses')])"
    )

    said = subprocess.run(
        [sys.executable, "-S", "-c", code], env=python_environment(), capture_output=True, check=True
    )

    assert said.stdout.decode().strip() == "[]"


_ITERATE = """
import re, sys
from pathlib import Path
from mentorpro_plugin.exchange.confined import read_confined
from mentorpro_plugin.exchange.rows import StoredRows
def most():
    # Not `ru_maxrss`, which begins with the size of the process that started this one.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = most()
with open(sys.argv[1], "rb") as source:
    kept, glance = read_confined(source, suffix=".csv", sheet="", heading_line=0)
rows = StoredRows(kept, glance["rows"])
assert sum(1 for _time in range(2) for _row in rows) == 200_000
print((most() - before) // 1024)
"""


@needs_proc
def test_a_hundred_thousand_rows_take_no_memory_of_the_one_that_asked(tmp_path):
    row = "N{0},Ana,Ruiz,(202) 555-0142,n{0}@example.edu,Enginmark Organization,First-Year Engineers\n"
    rows = "".join(row.format(number) for number in range(100_000))
    (tmp_path / "long.csv").write_text(f"ID,First Name,Last Name,Phone,E-mail,Organization,Program\n{rows}")

    said = subprocess.run(
        [sys.executable, "-c", _ITERATE, tmp_path / "long.csv"],
        env=python_environment(),
        capture_output=True,
        check=True,
    )

    assert int(said.stdout) < 12


GOOD = workbook(
    ["ID", "Name", "Phone"], *([number, f"Ana {number}", 12025550100 + number] for number in range(30))
)


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(_parts())),
    place=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 30),
    put=st.binary(max_size=30)
    | st.sampled_from([b"<", b">", b'"', b"&x;", b"</row>", b"<c>", b"99999999999999"]),
)
def test_workbooks_with_a_part_that_was_tampered_with_are_read_or_refused(name, place, cut, put):
    parts = _parts()
    position = int(place * len(parts[name]))
    parts[name] = parts[name][:position] + put + parts[name][position + cut :]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)

    _is_read_or_refused(stream.getvalue())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6
    )
)
def test_workbooks_that_were_damaged_on_the_way_are_read_or_refused(damages):
    content = bytearray(GOOD)
    for place, put in damages:
        content[place : place + len(put)] = put

    _is_read_or_refused(bytes(content))


def _is_read_or_refused(content: bytes) -> None:
    try:
        read = read_table(io.BytesIO(content), name="r.xlsx")
    except FileRefused as refused:
        read, sentence = None, str(refused)

    if read is None:
        assert sentence.endswith(".")
    else:
        assert all(len(row.cells) == len(read.headings) for row in read.rows)


def test_a_file_isn_t_blamed_where_nothing_can_be_read(monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert refusal(GOOD, "r.xlsx") == "Files can't be read at present. Tell whoever runs the site."
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_names_of_sheets_do_no_harm():
    names = ["A\u202eB", "x" * 1_000, "", "&#7;%s", "&lt;b&gt;", *map(str, range(200))]
    read = table(workbook_of_sheets(names), "r.xlsx")

    assert read.glance.sheets[:5] == ("AB", "x" * 100, "", "%s", "<b>")
    assert len(read.glance.sheets) == 100
    assert table(workbook_of_sheets(names), "r.xlsx", sheet="AB").glance.sheet == "AB"
    assert refusal(GOOD, "r.xlsx", sheet="'; --\x00\u202e%s") == "The workbook has no sheet “'; --%s”."


@pytest.mark.parametrize("said", ['"', "'", "a", "\n", "\x00", "ä", ""])
def test_a_file_can_t_say_that_anything_separates(said):
    content = f"sep={said}\nID,Name\n1,x\n".encode()

    assert table(content).glance.separator == ","
