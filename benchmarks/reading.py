"""Reading a roster of 13 columns: CSV and XLSX as imports do it, and workbooks by each of two libraries alone.

    python -m benchmarks.reading [ROWS]

Each is read by a process of its own, of which are said: the rows a second of processor time, and the most memory.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

HEADINGS = (
    *("Role", "First Name", "Last Name", "Phone Number", "ID", "E-mail", "Organization", "Program"),
    *("Program Manager", "Mentor", "Primary Mentor", "Grade", "Campus"),
)

_OPENPYXL = """
import openpyxl
sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
sheet.reset_dimensions()
rows = sum(1 for _row in sheet.iter_rows(values_only=True))
"""
_CALAMINE = """
from python_calamine import CalamineWorkbook
rows = sum(1 for _row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())
"""
_OURS = """
from pathlib import Path
from mentorpro_plugin.exchange.confined import read_confined
with open(path, "rb") as source:
    kept, glance = read_confined(source, suffix=Path(path).suffix, sheet="", heading_line=0)
rows = glance["rows"]
"""
_MEASURED = """
import json, resource, sys
path = sys.argv[1]
{code}
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
seconds = sum(one.ru_utime + one.ru_stime for one in used)
print(json.dumps([rows, seconds, max(one.ru_maxrss for one in used) // 1024]))
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        text, workbook = Path(folder) / "roster.csv", Path(folder) / "roster.xlsx"
        _write(text, workbook, count)
        print(f"{count} rows; {text.stat().st_size:,} bytes of CSV, {workbook.stat().st_size:,} of XLSX")
        for name, code, path in (
            ("CSV, as imports read it", _OURS, text),
            ("XLSX, as imports read it", _OURS, workbook),
            ("XLSX, python-calamine alone", _CALAMINE, workbook),
            ("XLSX, openpyxl read-only alone", _OPENPYXL, workbook),
        ):
            rows, seconds, megabytes = _measured(code, path)
            print(f"{name:32} {seconds:6.2f} s {rows / seconds:10,.0f} rows/s {megabytes:5} MiB")


def _write(text: Path, workbook: Path, count: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Roster")
    with text.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for write in (writer.writerow, sheet.append):
            write(HEADINGS)
        for number in range(count):
            row = [
                "Mentee",
                f"Ana {number % 977}",
                f"Ruíz {number % 3331}",
                12025550100 + number,
                f"R{number:06}",
                f"r{number}@example.edu",
                "Riverside School of Engineering",
                "First-Year Engineers",
                "",
                f"M{number % 500}",
                "",
                "Junior",
                "North",
            ]
            writer.writerow(row)
            sheet.append(row)
    book.save(workbook)


def _measured(code: str, path: Path) -> tuple[int, float, int]:
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURED.format(code=code), path],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    rows, seconds, megabytes = json.loads(ran.stdout)
    return rows, seconds, megabytes


if __name__ == "__main__":
    main()
