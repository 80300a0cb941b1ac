"""check_wheel.py WHEEL: the wheel holds every file of the plugin, and nothing of the site around it."""

import sys
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mentorpro_plugin"

with zipfile.ZipFile(sys.argv[1]) as wheel:
    packed = {name for name in wheel.namelist() if not name.endswith("/")}
written = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / PACKAGE).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}

tops = {PurePosixPath(name).parts[0] for name in packed}
faults = [f"The wheel also holds {top}." for top in tops if top != PACKAGE and not top.endswith(".dist-info")]
faults += [f"The wheel lacks {name}." for name in written - packed]
faults += [
    f"The wheel holds no {kind}."
    for kind in ("templates", "static", "migrations")
    if not any(name.startswith(f"{PACKAGE}/{kind}/") for name in packed)
]
if faults:
    sys.exit("\n".join(sorted(faults)))
print(f"{len(packed)} files: the plugin's own {len(written)}, and nothing of the site.")
