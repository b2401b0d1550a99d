"""How long the command takes to start, as ratios to `python -c pass` measured in the same run.

.venv/bin/python benchmarks/start.py

"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 25
PYTHON = sys.executable
REVIEWBOT = str(Path(sys.executable).with_name("reviewbot"))
COMMANDS = {
    "--help": [REVIEWBOT, "--help"],
    "--version": [REVIEWBOT, "--version"],
    "nothing staged": [REVIEWBOT, "review"],
}


def main() -> None:
    """Print the median of each command and its ratio to a bare start, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ["init", "-q"],
            ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm.", "--allow-empty"],
        ):
            subprocess.run(["git", *command], cwd=folder, check=True)
        rows = {"python -c pass": [PYTHON, "-c", "pass"], **COMMANDS}
        times: dict[str, list[float]] = {name: [] for name in rows}
        for _ in range(ROUNDS):
            for name, command in rows.items():
                times[name].append(_seconds(command, folder))
    medians = {name: sorted(taken)[ROUNDS // 2] for name, taken in times.items()}
    bare = medians["python -c pass"]
    for name, median in medians.items():
        print(f"{name:16} {median * 1000:7.1f} ms {median / bare:6.1f}")


def _seconds(command: list[str], folder: str) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
