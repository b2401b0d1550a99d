"""How long and in how much memory a change of 40 MB is planned, beside the time git takes to print it.

.venv/bin/python benchmarks/large.py

The change is the difference between two releases, nine times over in folders of their own. `make test` downloads them.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

RELEASES = Path(__file__).parents[1] / ".venv" / "releases"
COPIES = 9
ROUNDS = 3
REVIEWBOT = str(Path(sys.executable).with_name("reviewbot"))
COMMANDS = {
    "git diff": ["git", "diff", "--find-renames", "-l1000", "HEAD~1..HEAD"],
    "reviewbot plan": [REVIEWBOT, "plan", "HEAD~1..HEAD", "-f", "json"],
}


def main() -> None:
    """Print the median time of each command, its ratio to git's, and the memory it took at most."""
    with tempfile.TemporaryDirectory() as folder:
        for version in ("4.2.16", "5.1.4"):
            _commit(Path(folder), RELEASES / f"Django-{version}-py3-none-any.whl")
        size = len(subprocess.run(COMMANDS["git diff"], cwd=folder, check=True, capture_output=True).stdout)
        runs = [{name: _run(command, folder) for name, command in COMMANDS.items()} for _ in range(ROUNDS)]
    print(f"{size / 1e6:.1f} MB as git prints it")
    for name in COMMANDS:
        seconds = statistics.median(run[name][0] for run in runs)
        bare = statistics.median(run["git diff"][0] for run in runs)
        memory = max(run[name][1] for run in runs)
        print(f"{name:15} {seconds:6.2f} s {seconds / bare:5.1f} times git {memory:6.0f} MB")


def _commit(folder: Path, wheel: Path) -> None:
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "rm", "-rqf", "--ignore-unmatch", "."], cwd=folder, check=True)
    for copy in range(COPIES):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / f"part{copy}")
    for command in (["add", "-Af"], ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", wheel.stem]):
        subprocess.run(["git", *command], cwd=folder, check=True)


def _run(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds, and megabytes of the largest process."""
    started = time.monotonic()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.monotonic() - started, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
