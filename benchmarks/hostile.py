"""How long and in how much memory hostile changes are planned and reviewed.

.venv/bin/python benchmarks/hostile.py [CASE ...]

Each case is a patch. An endpoint on this machine answers every prompt of its review with an empty list.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.model_server import Answer, model_server

REVIEWBOT = str(Path(sys.executable).with_name("reviewbot"))
MB = 1_000_000
WATCH = """
import json, os, sys, time
began = time.monotonic()
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
told = [time.monotonic() - began, used.ru_maxrss, os.waitstatus_to_exitcode(status)]
print(json.dumps(told), file=sys.stderr)
"""
"""Runs a command beneath a small process: the memory of the one that starts it counts as its own."""


def added(path: str, lines: Iterable[str], count: int, *, end: str = "") -> str:
    """A new file as git prints it."""
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n"
    return head + "".join(f"+{line}\n" for line in lines) + end


def renamed(number: int) -> str:
    """A file that only moved."""
    old, new = f"old/{number}.py", f"new/{number}.py"
    return f"diff --git a/{old} b/{new}\nsimilarity index 100%\nrename from {old}\nrename to {new}\n"


def hunks(count: int) -> str:
    """A file with one changed line in each hunk."""
    made = (f"@@ -{at} +{at} @@\n-a = {at}\n+b = {at}\n" for at in range(1, 10 * count, 10))
    return "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n" + "".join(made)


NO_END = "\\ No newline at end of file\n"
CASES: dict[str, Callable[[], str]] = {
    "a million lines": lambda: added("a.py", (f"value_{at} = {at}" for at in range(MB)), MB),
    "a million empty lines": lambda: added("a.py", ("" for _ in range(MB)), MB),
    "a line of 50 MB": lambda: added("a.py", ["x" * 50 * MB], 1),
    "the same without its newline": lambda: added("a.py", ["x" * 50 * MB], 1, end=NO_END),
    "the same of words": lambda: added("a.py", ["word " * 10 * MB], 1),
    "the same of braces": lambda: added("a.py", ["<|" * 25 * MB], 1),
    "the same of broken bytes": lambda: added("a.py", ["\udc80" * 50 * MB], 1),
    "50 MB of minified JSON": lambda: added("a.json", ["[" + "1," * 25 * MB + "1]"], 1, end=NO_END),
    "100,000 files": lambda: "".join(added(f"d{at // 100}/f{at}.py", ["x = 1"], 1) for at in range(100_000)),
    "100,000 renames": lambda: "".join(map(renamed, range(100_000))),
    "a path of 4,096 bytes": lambda: added("d" * 4_093 + ".py", ["x = 1"], 1),
    "1,000 paths of 4,096 bytes": lambda: "".join(
        added(f"{at:04}" + "d" * 4_089 + ".py", ["x = 1"], 1) for at in range(1_000)
    ),
    "a hunk that counts 10^9 lines": lambda: added("a.py", ["x = 1"], 10**9),
    "a million hunks": lambda: hunks(MB),
}


def main() -> None:
    """Print seconds, memory and outcome of both commands for each case."""
    wanted = sys.argv[1:] or list(CASES)
    print(f"{'':30} {'patch':>8} {'command':8} {'time':>8} {'memory':>9}  outcome")
    with tempfile.TemporaryDirectory() as folder, model_server(lambda _: Answer()) as server:
        patch = Path(folder, "hostile.patch")
        for name in wanted:
            patch.write_bytes(CASES[name]().encode("utf-8", "surrogateescape"))
            size = patch.stat().st_size / MB
            for command in ("plan", "review"):
                where = ["--base-url", server.url, "-m", "m", "--input-limit", "60000"]
                before = len(server.requests)
                seconds, memory, outcome = _run([REVIEWBOT, command, "--patch", str(patch), *where], folder)
                asked = f", {len(server.requests) - before:,} requests" if command == "review" else ""
                print(f"{name:30} {size:5.1f} MB {command:8} {seconds:6.1f} s {memory:6.0f} MB  {outcome}{asked}")
                sys.stdout.flush()
                server.requests.clear()


def _run(command: list[str], folder: str) -> tuple[float, float, str]:
    """Seconds, megabytes at most, and what came of it."""
    report, errors = Path(folder, "report"), Path(folder, "errors")
    cache = {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=folder)}
    with report.open("wb") as out, errors.open("wb") as err:
        watched = [sys.executable, "-c", WATCH, *command, "-f", "json"]
        subprocess.run(watched, cwd=folder, env=os.environ | cache, stdout=out, stderr=err, check=True)
    *said, told = errors.read_text("utf-8").strip().split("\n")
    seconds, kilobytes, code = json.loads(told)
    words = f", {said[-1][:70]}" if code == 4 else f", {said[0][:70]}" if said else ""
    return seconds, kilobytes / 1024, f"exit {code}{_left_out(report)}{words}"


def _left_out(report: Path) -> str:
    """How many parts were named as not reviewed."""
    try:
        told = json.loads(report.read_bytes())
    except ValueError:
        return ""
    return f", {len(told.get('skipped', ())):,} named"


if __name__ == "__main__":
    main()
