"""Installs what reviewbot needs, exactly the files that the lock names, and tells the job which Python has them.

Runs in the runner's own Python, before anything is installed. Alone knows where the environment lies. reviewbot itself
is not built: it runs from the folder that the action was fetched to.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.txt")

FAILED = 3
"""There is no review, since something outside failed."""

_PIP = ("-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


def main() -> int:
    """Make the environment where it is missing, and tell of its Python."""
    place = _place()
    if not place.exists():
        try:
            _build(place)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"::error title=reviewbot::What reviewbot needs could not be installed: {error}")
            return FAILED
        except SystemExit:  # Debian's Python says what it lacks, and ends
            print("::error title=reviewbot::python3 of this runner makes no environments: install python3-venv")
            return FAILED
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
        output.write(f"python={_python(place)}\n")
    return 0


def _place() -> Path:
    """One folder for each list and interpreter, so that a runner that is kept installs once."""
    made_of = (LOCK.read_bytes(), sys.version.encode(), os.fsencode(sys.base_prefix))
    name = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:16]
    return Path(os.environ["RUNNER_TOOL_CACHE"]) / "reviewbot" / name


def _python(place: Path) -> Path:
    return place / "bin" / "python"


def _build(place: Path) -> None:
    """Install beside the place and move there whole: another job may do the same, and this one may be cancelled."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=f"{place.name}."))
    try:
        venv.create(part, symlinks=True, with_pip=True)
        # No file but those of the lock, and none that would run code to be built.
        locked = ("--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK))
        subprocess.run([str(_python(part)), *_PIP, *locked], check=True)
        part.rename(place)
    except OSError:
        if not place.exists():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
