"""How often ordinary source is taken for a credential, and how long the search takes.

.venv/bin/python benchmarks/false_alarms.py [--quiet] [PLACE…]

A place is a folder, a wheel or a bare git repository (its HEAD); without one, the releases that `make test` downloads,
the packages beside this Python and this project are searched. Each file counts as one hunk of added lines. Every alarm
is printed, once for each distinct line: whether it is a finding or only taken out, its kind, where it stands, the line.
"""

import argparse
import subprocess
import sysconfig
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reviewbot.credentials import Credential, Detector

ROOT = Path(__file__).parents[1]
LONGEST = 5_000_000
"""Bytes; larger files are data."""
SHOWN = 160


@dataclass(slots=True)
class Tally:
    """What was searched and what was found."""

    lines: int = 0
    characters: int = 0
    seconds: float = 0.0
    findings: int = 0
    redactions: int = 0
    alarms: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, name: str, lines: list[str], detector: Detector) -> None:
        """Search one file."""
        begun = time.perf_counter()
        found = [(number, one, False) for number, text in enumerate(lines) for one in detector.find(text)]
        blocks = detector.find_blocks(lines)
        self.seconds += time.perf_counter() - begun
        self.lines += len(lines)
        self.characters += sum(map(len, lines))
        self.findings += sum(one.certain for _, one, _ in found) + sum(block.pieces[0][1].certain for block in blocks)
        self.redactions += len(found) + sum(len(block.pieces) for block in blocks)
        found.extend((*block.pieces[0], True) for block in blocks)
        for number, one, block in found:
            self._remember(f"{name}:{number + 1}", lines[number], one, block=block)

    def _remember(self, place: str, text: str, one: Credential, *, block: bool) -> None:
        level = "FINDING " if one.certain else "redacted"
        start = max(0, one.start - SHOWN // 2)
        shown = f"{text[start : one.start]}[[{text[one.start : one.end]}]]{text[one.end : one.end + SHOWN // 4]}"
        shown = shown.strip().encode("ascii", "backslashreplace").decode()[: 2 * SHOWN]
        kind = f"{one.kind} (lines)" if block else one.kind
        self.alarms.setdefault((level, shown), f"{level} {kind:24} {place}: {shown}")

    def row(self, name: str) -> str:
        """One line of the table."""
        of = max(self.lines, 1) / 10_000
        rate = max(self.lines, 1) / max(self.seconds, 1e-9)
        return (
            f"{name:34} {self.lines:>9,} {self.findings:>8} {self.findings / of:>9.2f}"
            f" {self.redactions:>9} {self.redactions / of:>9.2f} {rate:>10,.0f} {1e6 / rate:>6.1f}"
        )


def texts(place: Path) -> Iterator[tuple[str, bytes]]:
    """The name and content of each file of a folder, a wheel or a bare repository."""
    if place.suffix == ".whl":
        with zipfile.ZipFile(place) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif (place / "HEAD").exists():
        yield from _tree(place)
    else:
        folders = {".git", "__pycache__", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
        for path in sorted(place.rglob("*")):
            parts = path.relative_to(place).parts
            if folders.isdisjoint(parts) and path.is_file() and path.stat().st_size <= LONGEST:
                yield "/".join(parts), path.read_bytes()


def _tree(repository: Path) -> Iterator[tuple[str, bytes]]:
    git = ["git", f"--git-dir={repository}"]
    listed = subprocess.run([*git, "ls-tree", "-rz", "HEAD"], check=True, capture_output=True).stdout
    rows = [row.split("\t", 1) for row in listed.decode(errors="surrogateescape").split("\0") if " blob " in row]
    names = "".join(f"{row[0].split()[2]}\n" for row in rows).encode()
    out = subprocess.run([*git, "cat-file", "--batch"], check=True, capture_output=True, input=names).stdout
    at = 0
    for _, path in rows:
        head = out.index(b"\n", at)
        size = int(out[at:head].split()[2])
        at = head + 1 + size + 1
        yield path, out[head + 1 : head + 1 + size]


def lines_of(data: bytes) -> list[str]:
    """The lines as a diff shows them; none of a file that git takes for binary."""
    if b"\0" in data[:8_000] or len(data) > LONGEST:
        return []
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return lines if lines[-1] else lines[:-1]


def test_path(name: str) -> bool:
    """True for tests and what they read."""
    return any(part.startswith(("test", "t/", "spec")) or part in {"t", "fixtures"} for part in name.lower().split("/"))


def measure(places: Iterable[Path], *, quiet: bool) -> None:
    """Print the table, and every alarm before it."""
    rows = []
    detector = Detector()
    whole = {True: Tally(), False: Tally()}
    for place in places:
        tallies = {True: Tally(), False: Tally()}
        for name, data in texts(place):
            lines = lines_of(data)
            for tally in (tallies[test_path(name)], whole[test_path(name)]):
                if lines:
                    tally.add(name, lines, detector)
        label = place.parent.name if place.name == "repo" else place.resolve().name
        rows += [tallies[False].row(label), tallies[True].row(f"{label}, tests")]
        for tally in tallies.values() if not quiet else ():
            print("\n".join(sorted(tally.alarms.values())))
    head = f"{'':34} {'lines':>9} {'findings':>8} {'in 10,000':>9} {'taken out':>9} {'in 10,000':>9} {'lines/s':>10}"
    print(f"{head} {'us':>6}")
    print("\n".join([*rows, whole[False].row("all but tests"), whole[True].row("all tests")]))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("places", nargs="*", type=Path)
    parser.add_argument("--quiet", action="store_true", help="only the table")
    options = parser.parse_args()
    usual = [*sorted((ROOT / ".venv" / "releases").glob("*.whl")), Path(sysconfig.get_paths()["purelib"]), ROOT]
    measure(options.places or usual, quiet=options.quiet)


if __name__ == "__main__":
    main()
