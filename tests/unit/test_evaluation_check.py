"""What is wrong with a change is named, whether it cannot be read or only breaks a rule of the suite."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation import check, repository
from evaluation.errors import EvaluationError
from evaluation.run import changed, placed
from evaluation.suite import load, read
from reviewbot.diff import FileDiff, LineKind, Side, Status
from reviewbot.finding import Anchor
from tests.support.reviews import file, hunk

HEAD = """\
language = "python"
title = "Count from one"
description = ""
needs = "hunk"
deleted = ["gone.py"]
"""
TRUTH = """
[[truth]]
path = "src/a.py"
lines = [2, 2]
side = "new"
code = "    return 2"
what = "It has to be 1."
category = "correctness"
severity = "error"
"""
FAR = HEAD.replace('"hunk"', '"repository"')
EVIDENCE = """
[[evidence]]
path = "stays.py"
lines = [1, 1]
code = "z = 3"
what = "z is 3."
"""
BEFORE = {"src/a.py": "def one():\n    return 1\n", "gone.py": "x = 1\ny = 2\n", "stays.py": "z = 3\n"}


def written(suite: Path, name: str = "python-count", *, toml: str = HEAD + TRUTH) -> Path:
    """A change that is as it should be."""
    folder = suite / name
    for path, text in BEFORE.items():
        (folder / "before" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "before" / path).write_text(text)
    (folder / "after" / "src").mkdir(parents=True)
    (folder / "after" / "src" / "a.py").write_text("def one():\n    return 2\n")
    (folder / "change.toml").write_text(toml)
    return folder


def said(suite: Path) -> list[str]:
    """What is wrong with changes; that there are few goes without saying."""
    return [problem for problem in check.problems(suite) if not problem.startswith("the suite has")]


def test_a_good_change_has_no_problem_and_a_small_suite_has_four(tmp_path: Path) -> None:
    written(tmp_path)
    assert check.problems(tmp_path) == [
        "the suite has 1 changes, fewer than 60",
        "the suite has 1 languages, fewer than 7",
        "the suite has 0 clean changes, fewer than 20",
        "the suite has 0 defects that need more than the hunk, fewer than 15",
    ]


def test_a_clean_change_that_needs_more_than_its_hunk_hides_no_defect(tmp_path: Path) -> None:
    written(tmp_path, toml=HEAD.replace('"hunk"', '"file"'))
    assert "the suite has 0 defects that need more than the hunk, fewer than 15" in check.problems(tmp_path)
    written(tmp_path, "python-far", toml=HEAD.replace('"hunk"', '"file"') + TRUTH)
    assert "the suite has 1 defects that need more than the hunk, fewer than 15" in check.problems(tmp_path)


def test_a_defect_that_needs_more_than_its_hunk_has_what_shows_it(tmp_path: Path) -> None:
    written(tmp_path, toml=FAR + TRUTH + EVIDENCE)
    assert said(tmp_path) == []


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        pytest.param(FAR + TRUTH, "needs the repository and has 0 evidence, not 1 to 3", id="none"),
        pytest.param(FAR + TRUTH + 4 * EVIDENCE, "needs the repository and has 4 evidence, not 1 to 3", id="too much"),
        pytest.param(HEAD + TRUTH + EVIDENCE, "it has evidence and no defect that needs more", id="the hunk"),
        pytest.param(FAR + EVIDENCE, "it has evidence and no defect that needs more", id="clean"),
        pytest.param(
            FAR.replace("repository", "file") + TRUTH + EVIDENCE,
            "it needs the file, but its evidence is outside the changed files",
            id="farther than said",
        ),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("stays.py", "src/a.py"),
            "it needs the repository, but its evidence is not outside the changed files",
            id="nearer than said",
        ),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("stays.py", "src/a.py"),
            "evidence 1: src/a.py: the diff shows lines 1",
            id="in the diff",
        ),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("stays.py", "none.py"),
            "evidence 1: none.py is no text after the change",
            id="no file",
        ),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("stays.py", "gone.py"),
            "evidence 1: gone.py is no text after the change",
            id="deleted file",
        ),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("[1, 1]", "[1, 9]"), "evidence 1: stays.py has no line 9", id="behind"
        ),
        pytest.param(FAR + TRUTH + EVIDENCE.replace("[1, 1]", "[1, 9]"), "it has more than 5 lines", id="long"),
        pytest.param(
            FAR + TRUTH + EVIDENCE.replace("z = 3", "z = 4"),
            "evidence 1: stays.py:1 is 'z = 3', not 'z = 4'",
            id="code",
        ),
        pytest.param(FAR + TRUTH + EVIDENCE.replace("z is 3.", ""), "it does not say what it tells", id="nothing told"),
    ],
)
def test_evidence_that_is_none_is_named(toml: str, problem: str, tmp_path: Path) -> None:
    written(tmp_path, toml=toml)
    assert any(each.startswith("python-count: ") and problem in each for each in said(tmp_path)), said(tmp_path)


def test_a_file_that_keeps_its_size_and_time_is_changed_all_the_same(tmp_path: Path) -> None:
    folder = written(tmp_path / "suite")
    for path in folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    repository.build(read(folder), tmp_path / "made")
    assert repository.git(tmp_path / "made", "diff", "--name-only", "HEAD~1").split() == [b"gone.py", b"src/a.py"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("lines = [2, 2]", "lines = [1, 1]", "src/a.py: new lines 1 are not changed", id="unchanged"),
        pytest.param("lines = [2, 2]", "lines = [2, 3]", "src/a.py: new lines 3 are not changed", id="behind the end"),
        pytest.param("lines = [2, 2]", "lines = [2, 9]", "it has more than 5 lines", id="long"),
        pytest.param('path = "src/a.py"', 'path = "b.py"', "b.py: new lines 2 are not changed", id="another file"),
        pytest.param('side = "new"', 'side = "old"', "src/a.py:2 is '    return 1', not '    return 2'", id="side"),
        pytest.param("return 2", "return  2", "src/a.py:2 is '    return 2', not '    return  2'", id="code"),
        pytest.param("It has to be 1.", "", "it does not say what is wrong", id="nothing wrong"),
    ],
)
def test_a_truth_that_is_none_is_named(old: str, new: str, problem: str, tmp_path: Path) -> None:
    written(tmp_path, toml=HEAD + TRUTH.replace(old, new))
    assert f"python-count: truth 1: {problem}" in said(tmp_path)


@pytest.mark.parametrize(
    ("break_", "problem"),
    [
        pytest.param(
            lambda folder: (folder / "after" / "stays.py").write_text(BEFORE["stays.py"]),
            "stays.py stands in after and does not change",
            id="unchanged file",
        ),
        pytest.param(
            lambda folder: (folder / "after" / "gone.py").write_text("x = 2\n"),
            "gone.py is deleted and there afterwards",
            id="deleted and written",
        ),
        pytest.param(
            lambda folder: (folder / "before" / "gone.py").unlink(),
            "gone.py is deleted and was not there before",
            id="deleted and never there",
        ),
        pytest.param(
            lambda folder: (folder / "before" / "gone.py").unlink(),
            "python-count: gone.py cannot be deleted: No such file or directory",
            id="cannot be built",
        ),
        pytest.param(
            lambda folder: (folder / "change.toml").write_text(HEAD.replace("Count from one", " ") + TRUTH),
            "its title is not one line",
            id="no title",
        ),
        pytest.param(
            lambda folder: (folder / "after" / "src" / "b.py").write_text("word = 1\n" * 900),
            "its diff has",
            id="large",
        ),
        pytest.param(
            lambda folder: folder.rename(folder.parent / "go-count"),
            "its name is not python- and words in small letters",
            id="name",
        ),
    ],
)
def test_a_change_that_breaks_a_rule_is_named(break_: Callable[[Path], object], problem: str, tmp_path: Path) -> None:
    break_(written(tmp_path))
    assert any(problem in each and each.partition(":")[0].endswith("-count") for each in said(tmp_path)), said(tmp_path)


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        pytest.param("language =", "cannot be read", id="no TOML"),
        pytest.param(HEAD.replace("needs", "wants"), "needs is missing, wants is not known", id="keys"),
        pytest.param(HEAD.replace('"hunk"', '"all"'), "needs is one of hunk, file, repository, not 'all'", id="needs"),
        pytest.param(HEAD.replace('["gone.py"]', '"gone.py"'), "deleted has to be a list", id="type"),
        pytest.param(HEAD.replace("gone.py", "../gone.py"), "'../gone.py' is no path inside a repository", id="up"),
        pytest.param(HEAD.replace("gone.py", "/gone.py"), "'/gone.py' is no path inside a repository", id="root"),
        pytest.param(HEAD.replace('"gone.py"', "3"), "3 is no path inside a repository", id="number"),
        pytest.param("truth = 3\n" + HEAD, "each truth begins with [[truth]]", id="truth is a number"),
        pytest.param("truth = [3]\n" + HEAD, "each truth begins with [[truth]]", id="truths are numbers"),
        pytest.param("evidence = [3]\n" + HEAD, "each evidence begins with [[evidence]]", id="evidence is a number"),
        pytest.param(
            HEAD + EVIDENCE.replace("what", "why"), "evidence 1: what is missing, why is", id="evidence's keys"
        ),
        pytest.param(HEAD + EVIDENCE.replace("[1, 1]", "[0, 1]"), "evidence 1: lines are the first", id="its lines"),
        pytest.param(HEAD + TRUTH.replace("[2, 2]", "[2]"), "truth 1: lines are the first and the last", id="one line"),
        pytest.param(HEAD + TRUTH.replace("[2, 2]", "[3, 2]"), "lines are the first and the last", id="backwards"),
        pytest.param(HEAD + TRUTH.replace("[2, 2]", "[0, 2]"), "lines are the first and the last", id="from 0"),
        pytest.param(HEAD + TRUTH.replace("[2, 2]", "[true, 2]"), "lines are the first and the last", id="no number"),
        pytest.param(HEAD + TRUTH.replace('"new"', '"both"'), "'both' is not a valid Side", id="no side"),
        pytest.param(HEAD + TRUTH.replace('"error"', '"fatal"'), "'fatal' is not a valid Severity", id="severity"),
        pytest.param(HEAD + TRUTH.replace('what = "It has to be 1."\n', ""), "truth 1: what is missing", id="no what"),
    ],
)
def test_a_description_of_another_form_is_refused_by_name(toml: str, problem: str, tmp_path: Path) -> None:
    folder = written(tmp_path, toml=toml)
    with pytest.raises(EvaluationError) as refused:
        read(folder)
    assert str(refused.value).startswith("python-count/change.toml")
    assert problem in str(refused.value)
    assert str(refused.value) in said(tmp_path)


def test_a_suite_is_loaded_by_name_by_glob_and_evenly_up_to_a_number(tmp_path: Path) -> None:
    for name in ("c-a", "c-b", "go-a", "go-b", "go-c", "python-a"):
        written(tmp_path, name, toml=HEAD.replace("python", name.partition("-")[0]))
    names = [change.name for change in load(tmp_path)]
    assert names == ["c-a", "c-b", "go-a", "go-b", "go-c", "python-a"]
    assert [change.name for change in load(tmp_path, only="go-*")] == names[2:5]
    assert [change.name for change in load(tmp_path, limit=3)] == ["c-a", "go-a", "go-c"]
    assert len(load(tmp_path, limit=99)) == 6
    with pytest.raises(EvaluationError, match="is called like ruby"):
        load(tmp_path, only="ruby*")
    with pytest.raises(EvaluationError, match="holds no change"):
        load(tmp_path / "c-a")


def test_changed_lines_are_told_in_runs_of_each_side() -> None:
    diff = file("a.py", hunk(" a", "-b", "-c", "+d", "+e", " f", "+g"), hunk("-x", "-y", old=50, new=60))
    assert list(changed([diff])) == [
        Anchor("a.py", Side.OLD, 2, 3),
        Anchor("a.py", Side.NEW, 2, 3),
        Anchor("a.py", Side.NEW, 5, 5),
        Anchor("a.py", Side.OLD, 50, 51),
    ]
    lines = [line for part in diff.hunks for line in part.lines if line.kind is not LineKind.CONTEXT]
    assert sum(run.end - run.start + 1 for run in changed([diff])) == len(lines)


def test_a_truth_on_the_old_side_of_a_renamed_file_goes_by_the_new_name(tmp_path: Path) -> None:
    files = [FileDiff("new.py", Status.RENAMED, (), "src/a.py"), FileDiff("other.py", Status.MODIFIED)]
    (old,) = read(written(tmp_path, toml=HEAD + TRUTH.replace('"new"', '"old"'))).truths
    (new,) = read(written(tmp_path, "python-new")).truths
    assert placed(old, files).path == "new.py"
    assert placed(new, files).path == "src/a.py"
    assert placed(old, files[1:]).path == "src/a.py"
