"""Suggestions are carried out on the files of real repositories, and nothing else in them is touched."""

import json
import os
import resource
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot import kept
from reviewbot.applying import Applied, _Tree, apply
from reviewbot.calls import cache
from reviewbot.diff import Side
from reviewbot.errors import ConfigError, ExitCode, SourceError
from reviewbot.finding import Anchor, Finding, Severity
from reviewbot.formats.json import render
from reviewbot.mending import Text, proofs
from reviewbot.ports import View
from reviewbot.reread import Reread
from reviewbot.review import Change, Review, Target, Usage
from tests.support.command import claim, comments, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, model_server
from tests.support.repo import Repo
from tests.support.reviews import draft

APP = """\
def mean(prices):
    total = sum(prices)
    return total / 2


def last(prices):
    return prices[0]
"""
RETURN, BETTER = "    return total / 2", "    return total / len(prices)"
FIRST, LAST = "    return prices[0]", "    return prices[-1]"


def found(
    text: str,
    excerpt: str,
    suggestion: str | None,
    path: str = "app.py",
    *,
    severity: Severity = Severity.WARNING,
    title: str = "Wrong",
) -> Finding:
    """A finding at the first place where these lines stand in a text."""
    lines = excerpt.split("\n")
    start = Text.of(text).places(lines)[0] + 1
    anchor = Anchor(path, Side.NEW, start, start + len(lines) - 1)
    return Finding(anchor, tuple(lines), draft(title, suggestion=suggestion, severity=severity))


def answers() -> Path:
    """The folder of the answers."""
    place = cache.folder(os.environ)
    assert place is not None
    return place


def report_of(*findings: Finding, head: str | None = None) -> str:
    change = Change(Target(None, head, "staged changes"), ())
    return render(Review(change, "m", findings, (), (), Usage(), 1.0), View())


@dataclass(frozen=True)
class Tree:
    """A repository with a file `app.py`."""

    repo: Repo

    def text(self, path: str = "app.py") -> str:
        return (self.repo.path / path).read_bytes().decode("utf-8", "surrogateescape")

    def keep(self, *findings: Finding, reviewed: Mapping[str, str] | None = None) -> None:
        """Keep a report of findings as the last one, of the files as they lie there."""

        def content(path: str) -> str | None:
            place = self.repo.path / path
            return reviewed.get(path) if reviewed else self.text(path) if place.is_file() else None

        top = self.repo.path.resolve()
        kept.keep(report_of(*findings), proofs(findings, content), top=top, answers=answers())

    def apply(self, *ids: str, report: Path | None = None, write: bool = True, folder: str = ".") -> Applied:
        cwd = str(self.repo.path / folder)
        return apply(ids, cwd=cwd, answers=answers(), report=report, write=write)

    def written(self, name: str, report: str) -> Path:
        return self.repo.write(name, report)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    repo = Repo.with_commit(tmp_path / "shop", {"readme": "1\n"})
    repo.stage({"app.py": APP})
    return Tree(repo)


MEAN = found(APP, RETURN, BETTER, title="Two is not how many there are")
LAST_ONE = found(APP, FIRST, LAST, severity=Severity.ERROR)
SILENT = found(APP, "def mean(prices):", None)


# Which


def test_all_suggestions_of_the_last_report_are_carried_out(tree: Tree) -> None:
    tree.keep(MEAN, LAST_ONE, SILENT)
    done = tree.apply(folder=".")
    assert tree.text() == APP.replace(RETURN, BETTER).replace(FIRST, LAST)
    assert done.text == (
        f"applied {MEAN.id} app.py:3 Two is not how many there are\napplied {LAST_ONE.id} app.py:7 Wrong\n"
    )
    assert (done.code, done.summary) == (ExitCode.OK, "2 suggestions applied; see `git diff`")


def test_nothing_is_staged_or_committed(tree: Tree) -> None:
    tree.keep(MEAN)
    before = tree.repo.git("write-tree"), tree.repo.id()
    tree.apply()
    assert (tree.repo.git("write-tree"), tree.repo.id()) == before
    assert tree.repo.git("diff", "--name-only") == b"app.py\n"


@pytest.mark.parametrize("digits", [7, 8, 64])
def test_one_suggestion_is_named_by_its_id_or_more_of_its_fingerprint(tree: Tree, digits: int) -> None:
    tree.keep(MEAN, LAST_ONE)
    done = tree.apply(LAST_ONE.fingerprint[:digits].upper())
    assert [row.finding.id for row in done.rows] == [LAST_ONE.id]
    assert tree.text() == APP.replace(FIRST, LAST)


def test_one_after_the_other_is_the_same_as_both_at_once(tree: Tree) -> None:
    tree.keep(MEAN, replace(LAST_ONE, draft=replace(LAST_ONE.draft, suggestion="    # the\n    # last\n" + LAST)))
    assert tree.apply(MEAN.id).code is ExitCode.OK
    assert tree.apply(LAST_ONE.id).code is ExitCode.OK
    assert tree.text() == APP.replace(RETURN, BETTER).replace(FIRST, "    # the\n    # last\n" + LAST)


def test_an_id_that_is_named_twice_is_meant_once(tree: Tree) -> None:
    tree.keep(MEAN)
    assert len(tree.apply(MEAN.id, MEAN.id).rows) == 1


@pytest.mark.parametrize("said", ["0000000", "x", "", f"{MEAN.id}g"])
def test_an_id_that_the_report_does_not_have_is_an_error_and_nothing_is_written(tree: Tree, said: str) -> None:
    tree.keep(MEAN)
    with pytest.raises(ConfigError, match="the report has no finding") as caught:
        tree.apply(MEAN.id, said)
    assert (caught.value.slug, caught.value.exit_code, tree.text()) == ("unknown-finding", ExitCode.USAGE, APP)


def test_a_beginning_that_several_findings_have_is_an_error(tree: Tree) -> None:
    twins = [replace(one, told_as=f"ab{at}" + "0" * 61) for at, one in enumerate((MEAN, LAST_ONE))]
    tree.keep(*twins)
    with pytest.raises(ConfigError, match="ab may be any of 2 findings") as caught:
        tree.apply("ab")
    assert caught.value.hint == "write more digits: ab0000000, ab1000000"
    assert tree.apply("ab0").code is ExitCode.OK


def test_a_finding_without_a_suggestion_is_left_when_it_is_named(tree: Tree) -> None:
    tree.keep(SILENT)
    assert tree.apply().summary == "the report suggests nothing"
    done = tree.apply(SILENT.id)
    assert done.text == f"left {SILENT.id} app.py:1 Wrong because there is no suggestion\n"
    assert (done.code, tree.text()) == (ExitCode.INCOMPLETE, APP)


BOTH = found(APP, f"    total = sum(prices)\n{RETURN}", "    return 0", title="Both lines")


@pytest.mark.parametrize("ids", [(), (MEAN.id, BOTH.id)])
def test_of_two_for_the_same_lines_the_worse_one_is_applied(tree: Tree, ids: tuple[str, ...]) -> None:
    worse = replace(MEAN, draft=replace(MEAN.draft, severity=Severity.ERROR))
    tree.keep(BOTH, worse)
    done = tree.apply(*ids)
    assert tree.text() == APP.replace(RETURN, BETTER)
    assert done.text.split("\n")[0] == (
        f"left {BOTH.id} app.py:2-3 Both lines because another one for the same lines is applied"
    )
    # Whoever names both wants both; all that can be are all but one.
    assert done.code is (ExitCode.INCOMPLETE if ids else ExitCode.OK)


def test_where_the_worse_one_cannot_be_applied_the_other_is(tree: Tree) -> None:
    hidden = replace(MEAN, draft=replace(MEAN.draft, severity=Severity.ERROR, suggestion="x\u202e"))
    tree.keep(BOTH, hidden)
    assert [row.left for row in tree.apply().rows] == [None, "it holds characters that nobody sees"]
    assert tree.text() == APP.replace(f"    total = sum(prices)\n{RETURN}", "    return 0")


# Where


def test_lines_that_moved_are_found(tree: Tree) -> None:
    tree.keep(MEAN, LAST_ONE)
    edited = "import math\n\n\n" + APP.replace("def last", "# The last one.\ndef last")
    tree.repo.write("app.py", edited)
    done = tree.apply()
    assert tree.text() == edited.replace(RETURN, BETTER).replace(FIRST, LAST)
    assert [row.start for row in done.rows] == [6, 11]


def test_lines_that_somebody_changed_are_left_and_the_others_are_written(tree: Tree) -> None:
    tree.keep(MEAN, LAST_ONE)
    edited = APP.replace(RETURN, "    return total / 3")
    tree.repo.write("app.py", edited)
    done = tree.apply()
    assert tree.text() == edited.replace(FIRST, LAST)
    assert done.text.startswith(f"left {MEAN.id} app.py:3 ")
    assert done.text.count("its lines have changed since the review") == 1
    assert (done.code, done.summary) == (ExitCode.INCOMPLETE, "1 suggestion applied, 1 left; see `git diff`")


def test_a_review_of_the_index_is_applied_where_its_lines_stand_in_the_work_tree(tree: Tree) -> None:
    tree.repo.write("app.py", "# not staged\n" + APP.replace(FIRST, "    return prices.pop()"))
    tree.keep(MEAN, LAST_ONE, reviewed={"app.py": APP})
    done = tree.apply()
    assert tree.text() == "# not staged\n" + APP.replace(FIRST, "    return prices.pop()").replace(RETURN, BETTER)
    assert [row.left for row in done.rows] == [None, "its lines have changed since the review"]


TWINS = "a()\nsend(x)\nb()\nsend(x)\n"
TWIN = found(TWINS, "send(x)", "send(y)", "twins.py")


def test_lines_that_stand_twice_are_told_apart_while_nothing_changed(tree: Tree) -> None:
    tree.repo.write("twins.py", TWINS)
    tree.keep(TWIN)
    assert tree.apply().code is ExitCode.OK
    assert tree.text("twins.py") == "a()\nsend(y)\nb()\nsend(x)\n"
    done = tree.apply()
    assert (done.code, tree.text("twins.py")) == (ExitCode.OK, "a()\nsend(y)\nb()\nsend(x)\n")
    assert [row.left for row in done.rows] == ["it is there already"]


def test_lines_that_stood_twice_are_left_when_somebody_mended_one(tree: Tree) -> None:
    tree.repo.write("twins.py", TWINS)
    tree.keep(TWIN)
    tree.repo.write("twins.py", "a()\nsend(z)\nb()\nsend(x)\n")
    (row,) = tree.apply().rows
    assert row.left == "its lines stand in the file more than once, and the file has changed since the review"


def test_what_was_applied_is_not_applied_again(tree: Tree) -> None:
    grown = replace(MEAN, draft=replace(MEAN.draft, suggestion=f"    check(prices)\n{RETURN}"))
    tree.keep(grown, LAST_ONE)
    tree.apply()
    once = tree.text()
    done = tree.apply()
    assert (done.code, tree.text()) == (ExitCode.OK, once)
    assert [row.left for row in done.rows] == ["it is there already"] * 2
    assert done.summary == "0 suggestions applied, 2 left"


def test_a_report_of_a_commit_is_proven_by_the_commit(tree: Tree) -> None:
    commit = tree.repo.commit({"twins.py": TWINS, "app.py": APP})
    report = tree.written("r.json", report_of(TWIN, MEAN, LAST_ONE, head=commit))
    tree.repo.write("app.py", "new\n" + APP)
    done = tree.apply(report=report)
    assert done.code is ExitCode.OK, done.text
    assert tree.text("twins.py") == "a()\nsend(y)\nb()\nsend(x)\n"
    assert tree.text() == "new\n" + APP.replace(RETURN, BETTER).replace(FIRST, LAST)


def test_a_commit_that_cannot_be_read_proves_nothing(tree: Tree) -> None:
    commit = tree.repo.commit({"twins.py": TWINS})
    blob = tree.repo.git("rev-parse", "HEAD:twins.py").decode().strip()
    (tree.repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (row,) = tree.apply(report=tree.written("r.json", report_of(TWIN, head=commit))).rows
    assert row.left == "its lines stand in the file more than once, and the file has changed since the review"


@pytest.mark.parametrize("head", [None, "c" * 40])
def test_a_report_that_nothing_proves_is_believed_where_it_says_they_are(tree: Tree, head: str | None) -> None:
    tree.repo.write("twins.py", TWINS)
    report = tree.written("r.json", report_of(TWIN, MEAN, head=head))
    done = tree.apply(report=report)
    assert [bool(row.left) for row in done.rows] == [True, False]
    tree.repo.write("app.py", "new\n" + APP)
    (_, row) = tree.apply(report=report).rows
    assert row.left == "its lines stand elsewhere now, and the report does not prove that they are the same"


TOTAL = "def total(xs):\n    t = sum(xs)\n    return 0\n\n\ndef unused():\n    pass\n"
ZERO = found(TOTAL, "    return 0", "    return t")


@pytest.mark.parametrize(
    ("mended", "why", "code"),
    [
        ("return t", "it is there already", ExitCode.OK),
        (
            "return sum(xs)",
            "its lines stand in the file, but not beside those that were beside them in the review",
            ExitCode.INCOMPLETE,
        ),
    ],
)
def test_the_same_line_in_another_function_is_not_the_one_that_was_reviewed(
    tree: Tree, mended: str, why: str, code: ExitCode
) -> None:
    tree.repo.write("app.py", TOTAL)
    tree.keep(ZERO)
    edited = TOTAL.replace("return 0", mended).replace("pass", "return 0")
    tree.repo.write("app.py", edited)
    done = tree.apply()
    assert ([row.left for row in done.rows], done.code, tree.text()) == ([why], code, edited)


def test_a_kept_report_of_an_earlier_version_is_believed_where_it_says_the_lines_are(tree: Tree) -> None:
    top, older = tree.repo.path.resolve(), {"digest": Text.of(APP).digest, "copies": 1}
    report = json.dumps({**json.loads(report_of(MEAN, LAST_ONE)), "proofs": {MEAN.fingerprint: older}})
    kept.reports(answers()).write(kept._key(top), report)
    tree.repo.write("app.py", APP.replace("def last", "# The last one.\ndef last"))
    done = tree.apply()
    assert [row.left for row in done.rows] == [
        None,
        "its lines stand elsewhere now, and the report does not prove that they are the same",
    ]


EDITS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["", "x = 1", FIRST, RETURN, "}"])), max_size=6)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, moved=st.booleans(), end=st.sampled_from(["\n", "\r\n"]))
def test_edits_anywhere_never_lead_to_other_lines(
    tree: Tree, edits: list[tuple[int, str]], *, moved: bool, end: str
) -> None:
    tree.repo.write("app.py", APP)
    tree.keep(MEAN, LAST_ONE)
    lines = (["top"] if moved else []) + APP.split("\n")[:-1]
    for at, line in edits:
        lines.insert(at % (len(lines) + 1), line)
    tree.repo.write("app.py", "".join(line + end for line in lines))
    done = tree.apply()
    made = tree.text().split(end)[:-1]
    taken = {row.start - 1: row.finding for row in done.rows if row.left is None}
    for at, (before, after) in enumerate(zip(lines, made, strict=True)):
        assert after == (taken[at].draft.suggestion if at in taken else before)
    # Somebody wrote the same line again, or others around it: nobody can tell which one was reviewed.
    carried_out = {one.id for one in taken.values()}
    telling = [line for line in lines if line not in {"", "top", "x = 1", "}"}]
    total, last = "    total = sum(prices)", "def last(prices):"
    for one, beside in ((MEAN, [(total, RETURN), (RETURN, last)]), (LAST_ONE, [(last, FIRST)])):
        known = any(pair in beside for pair in pairwise(telling))
        assert (one.id in carried_out) == (known and lines.count(one.excerpt[0]) == 1)


# What is kept of a file


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(APP.replace("\n", "\r\n"), APP.replace(RETURN, BETTER).replace("\n", "\r\n"), id="CRLF"),
        pytest.param("\ufeff" + APP, "\ufeff" + APP.replace(RETURN, BETTER), id="byte order mark"),
        pytest.param(APP[:-1], APP.replace(RETURN, BETTER)[:-1], id="no newline at the end"),
        pytest.param(APP + "é\udce9\x0c\r\u2028\n", APP.replace(RETURN, BETTER) + "é\udce9\x0c\r\u2028\n", id="bytes"),
    ],
)
def test_line_ends_marks_and_bytes_are_kept(tree: Tree, before: str, after: str) -> None:
    tree.repo.write("app.py", before)
    tree.keep(MEAN)
    shown = tree.apply(write=False)
    assert tree.text() == before
    assert tree.apply().code is ExitCode.OK
    assert tree.text() == after
    tree.repo.write("app.py", before)
    tree.repo.git("apply", stdin=shown.diff)
    assert tree.text() == after


@pytest.mark.parametrize("encoding", ["gbk", "latin-1"])
def test_no_character_is_written_into_a_file_of_another_encoding(tree: Tree, encoding: str) -> None:
    note = {"gbk": "注释", "latin-1": "naïve"}[encoding]
    data = f"# {note}\n{APP}".encode(encoding)
    (tree.repo.path / "app.py").write_bytes(data)
    said = f"{BETTER}  # {note}"
    tree.keep(found(tree.text(), RETURN, said), found(tree.text(), FIRST, LAST))
    done = tree.apply()
    assert [row.left for row in done.rows] == ["its file is in another encoding than UTF-8", None]
    assert (tree.repo.path / "app.py").read_bytes() == data.replace(FIRST.encode(), LAST.encode())
    assert done.code is ExitCode.INCOMPLETE


@pytest.mark.parametrize("mode", [0o755, 0o600])
def test_permissions_are_kept_and_nothing_is_left_behind(tree: Tree, mode: int) -> None:
    place = tree.repo.path / "app.py"
    place.chmod(mode)
    tree.keep(MEAN)
    assert tree.apply().code is ExitCode.OK
    assert stat.S_IMODE(place.stat().st_mode) == mode
    assert {place.name for place in tree.repo.path.iterdir()} == {".git", "app.py", "readme"}


@pytest.mark.parametrize("mode", [0o444, 0o555, 0o466])
def test_a_file_that_its_owner_may_not_write_is_left(tree: Tree, mode: int) -> None:
    place = tree.repo.path / "app.py"
    place.chmod(mode)
    before = place.stat()
    tree.keep(MEAN)
    done = tree.apply()
    assert [row.left for row in done.rows] == ["its file is write-protected"]
    assert (done.code, done.diff, tree.text()) == (ExitCode.INCOMPLETE, b"", APP)
    assert (place.stat().st_ino, place.stat().st_mode) == (before.st_ino, before.st_mode)


def test_what_stands_in_a_protected_file_already_is_no_trouble(tree: Tree) -> None:
    tree.keep(MEAN)
    tree.apply()
    (tree.repo.path / "app.py").chmod(0o444)
    assert tree.apply().code is ExitCode.OK


def test_only_the_diff_is_made_where_nothing_is_to_be_written(tree: Tree) -> None:
    tree.keep(MEAN, LAST_ONE)
    done = tree.apply(write=False)
    assert (tree.text(), done.code, done.summary) == (APP, ExitCode.OK, "2 suggestions could be applied")
    assert done.text.startswith(f"applies {MEAN.id} app.py:3 ")
    assert done.diff.decode().count("@@ -") == 1
    assert tree.apply().diff == done.diff


# Which files


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../outside.py", "its path leads out of the repository"),
        ("a/../../outside.py", "its path leads out of the repository"),
        ("./app.py", "its path leads out of the repository"),
        ("a//app.py", "its path leads out of the repository"),
        ("", "its path leads out of the repository"),
        (".git/config", "its path leads out of the repository"),
        (".GIT/config", "its path leads out of the repository"),
        (".g\u200cit/config", "its path leads out of the repository"),
        ("inner/.git/hooks/x", "its path leads out of the repository"),
        ("inner/app.py", "its file belongs to another repository inside this one"),
        ("link.py", "a link is on the way to its file"),
        ("folder/app.py", "a link is on the way to its file"),
        ("dangling", "a link is on the way to its file"),
        ("gone.py", "there is no such file"),
        ("readme/app.py", "there is no such file"),
        ("a\0b", "there is no such file"),
        ("a\ud800b", "there is no such file"),
        ("binary.py", "its file is no text"),
        ("inner", "its file is no text"),
        ("pipe", "its file is no text"),
    ],
)
def test_nothing_is_written_but_texts_of_the_repository(tree: Tree, path: str, why: str) -> None:
    outside = tree.repo.path.parent
    (outside / "outside.py").write_text(APP)
    inner = Repo.create(tree.repo.path / "inner")
    inner.write("app.py", APP)
    inner.write(".git/hooks/x", APP)
    tree.repo.write("binary.py", APP + "\0")
    for name, target in (("link.py", "app.py"), ("folder", outside), ("dangling", "nowhere")):
        (tree.repo.path / name).symlink_to(target)
    (outside / "app.py").write_text(APP)
    os.mkfifo(tree.repo.path / "pipe")
    before = everything(outside)
    report = tree.written("r.json", report_of(replace(MEAN, anchor=replace(MEAN.anchor, path="P"))))
    named = json.loads(report.read_text())
    named["findings"][0]["path"] = path
    report.write_text(json.dumps(named))
    (row,) = tree.apply(report=report).rows
    report.unlink()
    assert row.left == why
    assert everything(outside) == before


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    files = (place for place in folder.rglob("*") if place.is_file() and not place.is_symlink())
    return {str(place): place.read_bytes() for place in files}


def test_an_absolute_path_is_refused(tree: Tree) -> None:
    outside = tree.repo.path.parent / "outside.py"
    outside.write_text(APP)
    report = tree.written("r.json", report_of(replace(MEAN, anchor=replace(MEAN.anchor, path=str(outside)))))
    (row,) = tree.apply(report=report).rows
    assert row.left == "its path leads out of the repository"
    assert outside.read_text() == APP


def test_a_hard_link_outside_keeps_what_it_had(tree: Tree) -> None:
    outside = tree.repo.path.parent / "outside.py"
    os.link(tree.repo.path / "app.py", outside)
    tree.keep(MEAN)
    assert tree.apply().code is ExitCode.OK
    assert outside.read_text() == APP


def test_a_name_that_is_too_long_names_no_file(tree: Tree) -> None:
    report = tree.written("r.json", report_of(replace(MEAN, anchor=replace(MEAN.anchor, path="x" * 5000))))
    (row,) = tree.apply(report=report).rows
    assert row.left in {"there is no such file", "its file cannot be used: File name too long"}


def test_a_file_that_cannot_be_written_stays_as_it_is(tree: Tree) -> None:
    tree.keep(MEAN)
    before = (tree.repo.path / "app.py").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        done = tree.apply()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [row.left for row in done.rows] == ["its file cannot be used: File too large"]
    assert done.code is ExitCode.INCOMPLETE
    assert (tree.repo.path / "app.py").read_bytes() == before
    assert sorted(path.name for path in tree.repo.path.iterdir()) == [".git", "app.py", "readme"]


def test_a_file_that_somebody_writes_meanwhile_is_left(tree: Tree) -> None:
    tree.repo.write("other.py", APP)
    both = MEAN, found(APP, RETURN, BETTER, "other.py")
    work = _Tree(tree.repo.path.resolve(), Reread(None, both, {}), overlaps_settle=True)
    rows = [work.take(one) for one in both]
    tree.repo.write("app.py", APP + "# more\n")
    (tree.repo.path / "other.py").unlink()
    left = work.finish(write=True)
    assert [row.left for row in rows] == [None, None]
    assert [left[one.fingerprint].left for one in both] == [
        "its lines have changed since the review",
        "its file cannot be used: No such file or directory",
    ]
    assert tree.text() == APP + "# more\n"
    assert work.diffs == []


# Which report


def test_without_a_report_it_says_what_to_do(tree: Tree) -> None:
    with pytest.raises(ConfigError, match=r"no report of .*shop is kept") as caught:
        tree.apply()
    assert (caught.value.slug, caught.value.exit_code) == ("no-report", ExitCode.USAGE)
    with pytest.raises(ConfigError, match=r"there is no report .*none\.json"):
        tree.apply(report=tree.repo.path / "none.json")


def elsewhere(tree: Tree) -> Path:
    """A link of the repository that leads out of it."""
    (tree.repo.path.parent / "report.json").write_text(report_of(MEAN))
    place = tree.repo.path / "link.json"
    place.symlink_to("../report.json")
    return place


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda tree: tree.written("r.json", "no report"), "it is no JSON"),
        (lambda tree: tree.repo.path, "it is no file"),
        (elsewhere, "it leads out of the repository"),
    ],
)
def test_what_is_no_report_is_refused(tree: Tree, make: Callable[[Tree], Path], why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        tree.apply(report=make(tree))
    assert caught.value.slug == "bad-report"


def test_outside_of_a_repository_nothing_is_applied(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not in a git repository"):
        apply([], cwd=str(tmp_path), answers=answers())


def test_the_last_report_of_a_repository_holds_wherever_in_it_one_is(tree: Tree, tmp_path: Path) -> None:
    other = Tree(Repo.with_commit(tmp_path / "other", {"app.py": APP}))
    tree.keep(LAST_ONE)
    other.keep(found(APP, RETURN, "    return 1"))
    tree.keep(MEAN)
    tree.repo.write("deep/er/x", "")
    assert [row.finding.id for row in tree.apply(folder="deep/er").rows] == [MEAN.id]
    assert other.apply().code is ExitCode.OK
    assert other.text() == APP.replace(RETURN, "    return 1")


def test_a_report_that_is_forgotten_is_applied_no_more_and_others_are(tree: Tree, tmp_path: Path) -> None:
    other = Tree(Repo.with_commit(tmp_path / "other", {"app.py": APP}))
    tree.keep(MEAN)
    other.keep(MEAN)
    for _ in range(2):
        kept.forget(top=tree.repo.path.resolve(), answers=answers())
        with pytest.raises(ConfigError, match=r"no report of .*shop is kept"):
            tree.apply()
    assert tree.text() == APP
    assert other.apply().code is ExitCode.OK


def test_a_report_that_cannot_be_kept_leaves_no_older_one(tree: Tree) -> None:
    tree.keep(MEAN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        tree.keep(LAST_ONE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(ConfigError, match="no report of"):
        tree.apply()


def test_a_finding_that_a_report_has_twice_is_carried_out_and_told_once(tree: Tree) -> None:
    document = json.loads(report_of(MEAN, LAST_ONE))
    document["findings"] += document["findings"]
    done = tree.apply(report=tree.written("r.json", json.dumps(document)))
    assert done.text == (
        f"applied {MEAN.id} app.py:3 Two is not how many there are\napplied {LAST_ONE.id} app.py:7 Wrong\n"
    )
    assert done.code is ExitCode.OK


def test_a_report_is_kept_privately_beside_the_answers(tree: Tree) -> None:
    tree.keep(MEAN)
    (place,) = (answers().parent / "reports").glob("*/*")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_user_without_a_home_has_no_last_report(tree: Tree) -> None:
    with pytest.raises(ConfigError, match="no report of"):
        apply([], cwd=str(tree.repo.path), answers=None)


# A whole review


def better(request: Any) -> Answer:
    """A suggestion for the line that divides by two."""
    (line,) = [one for one in shown(request) if one.text == RETURN]
    return Answer(comments(claim(line, suggestion=BETTER)))


def test_what_a_review_suggests_is_applied(tree: Tree) -> None:
    with model_server(better) as server:
        words = ("review", "--base-url", server.url, "-m", "m", "--input-limit", "60000", "--no-cache")
        assert run(*words, "-f", "json=r.json", cwd=tree.repo.path).code == 0
    done = tree.apply(report=tree.repo.path / "r.json")
    assert (done.code, tree.text()) == (ExitCode.OK, APP.replace(RETURN, BETTER))
