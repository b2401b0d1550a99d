"""Does every claim land on the line it is about? Marks are planted all over a real change and claimed badly.

The model here numbers every line wrongly, wraps its answers in prose and code fences, copies the numbers of the prompt
into its quotes or changes their white space, and adds to each true claim one about a line that is nowhere.
"""

import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Shown, claim, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, Request, model_server
from tests.support.repo import Repo

CODE = {
    "app/main.py": "    value_{n} = compute({mark}, value_{n})",
    "app/Main.java": "        final int value{n} = compute({mark});",
    "cmd/main.go": "\tvalue{n} := compute({mark})",
    "lib/main.rs": "    let value_{n} = compute({mark})?;",
    "src/main.c": "  ++value[{n}]; /* {mark} */",
    "web/main.ts": "  const value{n} = await compute({mark});",
    "web/page.html": '    <a href="#{n}" title="{mark}">{n}</a>',
    "web/style.css": ".value-{n} {{ content: '{mark}'; }}",
    "db/schema.sql": "-- a/value {n} {mark}",
    "bin/run.sh": 'compute "$value{n}" {mark} || exit {n}',
    "conf/values.yaml": "  value-{n}: {mark}",
    "docs/readme.md": "{n}. Compute {mark}, then go on.",
    "中文/主程序.py": "    数值_{n} = 计算({mark}, '中文 é e\u0301 \U0001f600')",
    "src/with space.py": "    value_{n} = compute({mark})\f",
}
EDITS = 4
LENGTH = 90


@dataclass(frozen=True)
class Place:
    """Where a mark truly stands."""

    path: str
    side: str
    line: int


class Planter:
    """Writes both states of files and keeps where each mark stands, counted from the bytes of the files."""

    def __init__(self) -> None:
        self.marks = 0
        self.before: dict[str, bytes] = {}
        self.after: dict[str, bytes] = {}

    def mark(self) -> str:
        self.marks += 1
        return f"MARK{self.marks:04}"

    def edit(
        self, path: str, form: str, *, encoding: str = "utf-8", end: str = "\n", old_path: str | None = None
    ) -> None:
        """Change a line in several places: one mark goes, one comes, and sometimes a second one comes."""
        old = [form.format(n=n, mark=f"steady{n}") for n in range(LENGTH)]
        new = list(old)
        for edit in reversed(range(EDITS)):
            at = 5 + edit * (LENGTH // EDITS)
            old[at] = form.format(n=at, mark=self.mark())
            come = [form.format(n=at, mark=self.mark()) for _ in range(1 + edit % 2)]
            new[at : at + 1] = come
        self.before[old_path or path] = (end.join(old) + end).encode(encoding)
        self.after[path] = (end.join(new) + end * (old_path is None)).encode(encoding)

    def add(self, path: str, form: str, *, lines: int, every: int) -> None:
        """A new file."""
        marks = {at: self.mark() for at in range(every, lines, every)}
        self.after[path] = "".join(
            form.format(n=at, mark=marks.get(at, f"steady{at}")) + "\n" for at in range(lines)
        ).encode()

    def delete(self, path: str, form: str) -> None:
        """A file that goes."""
        self.before[path] = "".join(form.format(n=at, mark=self.mark()) + "\n" for at in range(12)).encode()

    def places(self) -> dict[str, Place]:
        """Where each mark stands."""
        renamed = {"old/name.py": "new/name.py"}
        return {
            mark.decode(): Place(renamed.get(path, path), side, number)
            for side, files in (("old", self.before), ("new", self.after))
            for path, content in files.items()
            for number, line in enumerate(content.split(b"\n"), start=1)
            for mark in re.findall(rb"MARK\d{4}", line)
        }


def planted() -> Planter:
    planter = Planter()
    for path, form in CODE.items():
        planter.edit(path, form)
    planter.edit("win/crlf.py", "    value_{n} = compute({mark})", end="\r\n")
    planter.edit("old/latin.py", "    value_{n} = 'é ü {mark} ß'", encoding="latin-1")
    planter.edit("new/name.py", "    value_{n} = compute({mark})", old_path="old/name.py")
    planter.add("src/long.py", "    value_{n} = compute({mark}, 'some words to fill the line')", lines=600, every=25)
    planter.add("src/wide.py", "    value_{n} = compute({mark}, '" + "wide " * 150 + "')", lines=8, every=2)
    planter.delete("src/gone.py", "    value_{n} = compute({mark})")
    return planter


def _quoted(line: Shown, chance: random.Random) -> str:
    """The line as models copy it."""
    style = chance.randrange(6)
    return [
        line.text,
        f"{line.sign}{line.number}|{line.text}",
        f"{line.sign} {line.number} | {line.text}",
        f"{line.sign}{line.text}",
        " ".join(line.text.split()),
        "\t" + line.text.replace(" ", "  ") + "  \r",
    ][style]


def _misplaced(line: Shown, chance: random.Random) -> int | str | None:
    wrong: list[int | str | None] = [1, line.number + chance.choice([-3, -1, 1, 2, 40, 5000]), None, "the last one"]
    return chance.choice(wrong)


def _wrapped(text: str, chance: random.Random) -> str:
    return chance.choice(
        [
            text,
            f"```json\n{text}\n```",
            f"Here is what I found [see below]:\n\n```\n{text}\n```\nLet me know {{if}} you need more!",
            f'<think>Is it {{"comments": []}}? No.</think>\n{text}',
        ]
    )


def _claims(line: Shown, chance: random.Random) -> list[dict[str, Any]]:
    mark = re.findall(r"MARK\d{4}", line.text)[0]
    true = claim(line, title=mark, quote=_quoted(line, chance), line=_misplaced(line, chance))
    invented = f"if retries[{mark[4:]}] is None: raise LookupError('FAKE{mark[4:]} was never written')"
    fake = claim(line, title=f"FAKE{mark[4:]}", quote=invented)
    return [true, fake] if chance.random() < 0.5 else [fake, true]


def careless(request: Request) -> Answer:
    """Claims every marked line that was changed."""
    chance = random.Random(request.user)
    marked = [line for line in shown(request) if line.sign != " " and "MARK" in line.text]
    found = [one for line in marked for one in _claims(line, chance)]
    return Answer(_wrapped(json.dumps({"comments": found}, ensure_ascii=chance.random() < 0.5), chance))


def test_every_claim_about_a_marked_line_lands_on_it_and_no_invented_one_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planter = planted()
    places = planter.places()
    repo = Repo.create(tmp_path)
    for name, content in planter.before.items():
        repo.write(name, content)
    repo.git("add", "--all")
    repo.commit({})
    for name in planter.before:
        (repo.path / name).unlink()
    for name, content in planter.after.items():
        repo.write(name, content)
    repo.git("add", "--all")
    with model_server(careless) as server:
        words = (
            "--base-url",
            server.url,
            "-m",
            "m",
            "--input-limit",
            "100000",
            "--chunk-tokens",
            "2500",
            "--jobs",
            "4",
        )
        done = run("review", *words, "-f", "json", cwd=repo.path)
        prompts = len(server.requests)
    assert (done.code, done.err) == (0, "")
    report = done.report
    landed = {
        finding["title"]: Place(finding["path"], finding["side"], finding["start_line"])
        for finding in report["findings"]
        if finding["start_line"] == finding["end_line"]
    }
    right = sum(landed.get(mark) == place for mark, place in places.items())
    fakes = sum(title.startswith("FAKE") for title in landed)
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {len(places)} marks on their line, {fakes} fakes landed, {prompts} prompts\n")
    assert landed == places
    assert len(report["findings"]) == len(places) == planter.marks > 200
    assert prompts > 30
    unplaced = [drop["title"] for drop in report["dropped"]]
    assert sorted(unplaced) == sorted(mark.replace("MARK", "FAKE") for mark in places)
    assert report["complete"]
    assert {finding["old_path"] for finding in report["findings"]} == {None, "old/name.py"}
