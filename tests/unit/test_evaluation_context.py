"""Evidence counts as shown where all its lines stand in a prompt that asks about the defect."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import context, evidence
from evaluation.__main__ import commands
from evaluation.errors import EvaluationError
from evaluation.evidence import Seen, Sight, View
from evaluation.foreign import Files, Told, write
from evaluation.results import Subject
from evaluation.run import Order, subjects
from evaluation.settings import chosen
from evaluation.suite import DESCRIPTION, Truth, load
from reviewbot.aside import Aside, AsideReason
from reviewbot.diff import Side
from reviewbot.errors import ExitCode
from reviewbot.finding import Anchor, Category, Severity
from reviewbot.review import Chunk
from reviewbot.wiring import World
from tests.support.reviews import file, hunk

CALLER, ENCLOSING = AsideReason.CALLER, AsideReason.ENCLOSING


def aside(path: str, start: int, count: int, reason: AsideReason = CALLER) -> Aside:
    return Aside(path, start, ("x",) * count, reason)


def chunk(*asides: Aside, path: str = "a.py") -> Chunk:
    """A prompt whose diff shows new lines 10 to 12, of which 11 is added."""
    return Chunk((file(path, hunk(" a", "+b", " c", old=10, new=10)),), 9, asides)


WANTED = Anchor("b.py", Side.NEW, 5, 7)
TRUTH = Anchor("a.py", Side.NEW, 11, 11)


@pytest.mark.parametrize(
    ("chunks", "anchor", "sight", "reasons"),
    [
        pytest.param([chunk()], WANTED, Sight.NOT, set(), id="nothing"),
        pytest.param([chunk(aside("b.py", 5, 3))], WANTED, Sight.WHOLE, {CALLER}, id="exactly"),
        pytest.param([chunk(aside("b.py", 1, 99))], WANTED, Sight.WHOLE, {CALLER}, id="more"),
        pytest.param([chunk(aside("b.py", 1, 5))], WANTED, Sight.PART, {CALLER}, id="its first line"),
        pytest.param([chunk(aside("b.py", 7, 1))], WANTED, Sight.PART, {CALLER}, id="its last line"),
        pytest.param([chunk(aside("b.py", 8, 3), aside("b.py", 1, 4))], WANTED, Sight.NOT, set(), id="around"),
        pytest.param([chunk(aside("c.py", 1, 99))], WANTED, Sight.NOT, set(), id="another file"),
        pytest.param(
            [chunk(aside("b.py", 1, 5), aside("b.py", 6, 3, ENCLOSING))],
            WANTED,
            Sight.WHOLE,
            {CALLER, ENCLOSING},
            id="two pieces",
        ),
        pytest.param([chunk()], Anchor("a.py", Side.NEW, 10, 12), Sight.WHOLE, set(), id="the diff"),
        pytest.param(
            [chunk(aside("a.py", 8, 2, ENCLOSING))],
            Anchor("a.py", Side.NEW, 9, 10),
            Sight.WHOLE,
            {ENCLOSING},
            id="the diff and a piece",
        ),
        pytest.param(
            [chunk(aside("b.py", 1, 5)), chunk(aside("b.py", 6, 3))], WANTED, Sight.PART, {CALLER}, id="two prompts"
        ),
        pytest.param(
            [chunk(aside("b.py", 1, 5)), chunk(aside("b.py", 5, 3))], WANTED, Sight.WHOLE, {CALLER}, id="the better one"
        ),
        pytest.param(
            [chunk(), chunk(aside("b.py", 1, 99), path="z.py")], WANTED, Sight.NOT, set(), id="beside no defect"
        ),
    ],
)
def test_a_piece_is_seen_as_far_as_one_prompt_with_a_defect_shows_it(
    chunks: list[Chunk], anchor: Anchor, sight: Sight, reasons: set[AsideReason]
) -> None:
    assert evidence.seen(anchor, chunks, [TRUTH]) == Seen(anchor, sight, frozenset(reasons))


def test_a_defect_on_deleted_lines_is_asked_about_by_their_numbers() -> None:
    asked = Chunk((file("a.py", hunk(" a", "-b", " c", old=10, new=20)),), 9, (aside("b.py", 5, 3),))
    for side, line, sight in ((Side.OLD, 11, Sight.WHOLE), (Side.OLD, 21, Sight.NOT), (Side.NEW, 11, Sight.NOT)):
        assert evidence.seen(WANTED, [asked], [Anchor("a.py", side, line, line)]).sight is sight


BEFORE = {
    "pay.py": "def charge(card, cents):\n    return card.book(cents)\n",
    "shop.py": "from pay import charge\n\n\ndef buy(card):\n    return charge(card, 100)\n",
    "notes.txt": "nobody\n",
}
AFTER = "def charge(cents, card):\n    return card.book(cents)\n"
EVIDENCE = """
[[evidence]]
path = "{path}"
lines = [{line}, {line}]
code = ""
what = "It calls charge as before."
"""


def written(suite: Path, name: str, path: str = "shop.py", line: int = 5) -> None:
    truth = Truth(Anchor("pay.py", Side.NEW, 1, 1), "", "Callers break.", Category.API, Severity.ERROR)
    files = Files({path: text.encode() for path, text in BEFORE.items()}, {"pay.py": AFTER.encode()})
    write(suite / name, Told("python", "Swap", "", "repository"), files, [truth])
    with (suite / name / DESCRIPTION).open("a") as description:
        description.write(EVIDENCE.format(path=path, line=line))


def ordered(suite: Path, folder: Path, *pairs: str) -> Order:
    return Order(load(suite), chosen(pairs), World(str(folder), os.environ, None), folder)


def test_a_change_whose_evidence_is_shown_counts_and_another_does_not(tmp_path: Path) -> None:
    written(tmp_path / "suite", "python-caller")
    written(tmp_path / "suite", "python-notes", "notes.txt", 1)
    order = ordered(tmp_path / "suite", tmp_path / "made")
    subjects(order)
    bare, shown, no_bare, not_shown = evidence.views(order, (0.0, 4.0))
    assert [(one.change, one.share, one.whole) for one in (bare, shown)] == [
        ("python-caller", 0.0, False),
        ("python-caller", 4.0, True),
    ]
    assert [one.whole for one in (no_bare, not_shown)] == [False, False]
    assert shown.seen[0].reasons == {CALLER}
    assert sum(bare.beside.values()) == 0 < shown.beside[CALLER] < 4 * shown.diff
    assert bare.diff == shown.diff


def row(table: str, name: str) -> list[str]:
    """The cells behind the first one, of the last row that begins with a name."""
    line = [line for line in table.split("\n") if line.startswith(f"| {name} ")][-1]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def told(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(commands, ["context", *map(str, args)])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_tells_each_piece_and_what_it_took_and_asks_nobody(tmp_path: Path) -> None:
    written(tmp_path, "python-caller")
    written(tmp_path, "python-notes", "notes.txt", 1)
    code, table, _ = told("--suite", tmp_path, "--share", 4, "--share", 1.5, "--set", "chunk-tokens=800")
    assert code == 0
    assert table.startswith("qwen-coder-plus with chunk-tokens = 800\n2 changes; one has to see 2 pieces of evidence")
    assert row(table, "evidence") == ["0", "1.5", "4"]
    assert row(table, "python-caller shop.py:5") == ["not at all", "whole", "whole"]
    assert row(table, "python-notes notes.txt:1") == ["not at all", "not at all", "not at all"]
    assert row(table, "repository") == ["2", "2", "0.000", "0.500", "0.500"]


def test_all_but_the_seconds_is_the_same_again(tmp_path: Path) -> None:
    written(tmp_path, "python-caller")

    def timeless() -> list[str]:
        _, table, _ = told("--suite", tmp_path, "--share", 2)
        blocks = table.split("\n\n")
        return [block for block in blocks if "seconds" not in block]

    assert timeless() == timeless()


def test_the_share_is_set_in_one_way_only(tmp_path: Path) -> None:
    written(tmp_path, "python-caller")
    code, _, trouble = told("--suite", tmp_path, "--set", "context=2")
    assert code == ExitCode.USAGE
    assert trouble == "evaluation: context is what is measured: name its shares with --share\n"
    with pytest.raises(EvaluationError):
        context.measured(ordered(tmp_path, tmp_path / "made", "context=2"), [1.0])


def view(name: str, share: float, *sights: Sight, beside: int = 0, seconds: float = 1.0) -> View:
    reasons = frozenset({CALLER}) if beside else frozenset()
    seen = tuple(Seen(Anchor("b.py", Side.NEW, 1 + place, 1 + place), one, reasons) for place, one in enumerate(sights))
    return View(name, share, seen, 100, dict.fromkeys(AsideReason, 0) | {CALLER: beside}, seconds)


NAMES = [f"go-far-{number}" for number in range(6)]
SUBJECTS = [Subject(name, "go", "file", (), ()) for name in (*NAMES, "go-clean")]


def tabled() -> str:
    bare = [*(view(name, 0.0, Sight.NOT, Sight.NOT) for name in NAMES), view("go-clean", 0.0)]
    shown = [
        *(view(name, 1.0, Sight.WHOLE, Sight.WHOLE, beside=40, seconds=2.0) for name in NAMES[:3]),
        *(view(name, 1.0, Sight.WHOLE, Sight.PART, beside=90, seconds=2.0) for name in NAMES[3:]),
        view("go-clean", 1.0, beside=30, seconds=2.0),
    ]
    return context.table("tiny with the defaults", SUBJECTS, [*bare, *shown])


def test_a_table_counts_pieces_and_changes_with_all_of_theirs() -> None:
    blocks = tabled().split("\n\n")
    assert "7 changes; one has to see 12 pieces of evidence beside 6 diffs" in blocks[0]
    assert row(blocks[1], "0") == ["0", "0", "12", "0.000 [0.000, 0.000]", "0", "0.000 [0.000, 0.000]"]
    assert row(blocks[1], "1")[:3] == ["9", "3", "0"]
    assert row(blocks[1], "1")[3].startswith("0.750 [")
    assert row(blocks[1], "1")[4] == "3"
    assert row(blocks[1], "1")[5].startswith("0.500 [")


def test_a_table_tells_what_the_code_beside_all_diffs_takes() -> None:
    blocks = tabled().split("\n\n")
    assert row(blocks[2], "1")[0].startswith("0.600 [")
    assert row(blocks[2], "1")[1:] == ["0.900", "14.00", "2.0"]
    assert row(blocks[2], "0") == ["0.000 [0.000, 0.000]", "0.000", "7.00", "1.0"]


def test_a_table_tells_languages_and_reasons_apart() -> None:
    table = tabled()
    assert row(table, "go")[:2] == ["6", "12"]
    assert row(table, "go")[3].startswith("0.750 [")
    assert row(table.partition("tokens beside one of the diff, by reason")[0], "caller") == ["0", "9"]
    assert row(table, "caller") == ["0.000", "0.600"]


def test_a_suite_without_evidence_has_a_table_of_what_it_took() -> None:
    table = context.table("tiny", SUBJECTS[6:], [view("go-clean", 0.0), view("go-clean", 1.0, beside=30)])
    assert "1 changes; one has to see 0 pieces of evidence beside 0 diffs" in table
    assert row(table.split("\n\n")[1], "1") == ["0", "0", "0", "–", "0", "–"]
    assert row(table.split("\n\n")[2], "1")[:2] == ["0.300", "0.300"]


def test_a_share_that_is_no_number_is_refused(tmp_path: Path) -> None:
    code, _, trouble = told("--suite", tmp_path, "--share", "nan")
    assert code == ExitCode.USAGE
    assert "nan is no number" in trouble
