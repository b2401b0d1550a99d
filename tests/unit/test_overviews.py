"""What `plan`, `models` and `config` show, line by line for people and field by field for programs."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from reviewbot import __version__, catalogue, defaults
from reviewbot.config import Setting
from reviewbot.diff import FileDiff, Side, Status
from reviewbot.effective import Effective, Key
from reviewbot.estimate import Estimate, estimates, first_prompts
from reviewbot.jsonform import document
from reviewbot.outlook import LimitFrom, Outlook
from reviewbot.overviews import config, models, plan
from reviewbot.planning import Inspected, Plan, Settings, choose
from reviewbot.planning import plan as plan_chosen
from reviewbot.ports import Request, Route, View
from reviewbot.review import Change, Chunk, Message, Prompt, Skipped, SkipReason, Target
from reviewbot.terminal import visible
from reviewbot.tokens import ByteCounter, QwenCounter
from tests.support.reviews import HOSTILE, file, hunk, skipped
from tests.support.strategies import changes

KNOWN = catalogue.load()
MODEL = KNOWN.get("qwen-coder-plus")
STRANGER = KNOWN.unknown("mine", provider="openai")
OWN = "https://dashscope.aliyuncs.com/compatible-mode/v1"
APP = file("src/app.py", hunk(" one", "-two", "+three", "+four"), hunk("+late", old=90, new=91))
WIDTHS = (60, 80, 100, 160)


def validator(name: str) -> Draft202012Validator:
    """The published schema, but closed: a field it does not name is an error."""
    text = (Path(__file__).parents[2] / "docs" / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(
        json.loads(text.replace('"additionalProperties": true', '"additionalProperties": false'))
    )


VALIDATORS = {name: validator(name) for name in ("plan", "models", "config")}


def read(name: str, fields: dict[str, object]) -> Any:
    """The document as a program gets it."""
    text = document(fields)
    found = json.loads(text.encode("utf-8"))
    VALIDATORS[name].validate(found)
    return found


def price(least: str, most: str) -> tuple[Decimal, Decimal]:
    return Decimal(least), Decimal(most)


def outlook(
    files: Sequence[FileDiff] = (APP,),
    chunks: Sequence[tuple[Sequence[FileDiff], int, tuple[Decimal, Decimal] | None]] | None = None,
    *,
    left_out: Sequence[Skipped] = (),
    model: catalogue.Model = MODEL,
    base_url: str = OWN,
    origin: LimitFrom = LimitFrom.CATALOGUE,
    prompts: Sequence[Prompt] = (),
    requests: Sequence[Request | None] = (),
    description: str = "staged changes",
) -> Outlook:
    """One chunk of all files for a model of the catalogue, where nothing else is said."""
    if chunks is None:
        chunks = [(files, 1234, price("0.0043", "0.0617") if model.price else None)]
    change = Change(Target("b" * 40, None, description), tuple(files))
    made = tuple(Chunk(tuple(held), tokens) for held, tokens, _ in chunks)
    counter = QwenCounter() if model.vocabulary else ByteCounter()
    room = 5_000 if chunks else 0
    planned = Plan(change, Settings(), model, counter, room, made, tuple(left_out))
    counts = tuple(Estimate(tokens, cost) for _, tokens, cost in chunks)
    way = Route("openai" if base_url else "local", model, base_url)
    return Outlook(planned, counts, way, origin, tuple(prompts), tuple(requests))


def shown(subject: Outlook, *, width: int = 100, colour: bool = False) -> str:
    return plan.text(subject, View(width, colour))


def golden(expected: str) -> str:
    return dedent(expected).removeprefix("\n")


LONG = FileDiff("long.py", Status.ADDED, (hunk("+" + "x" * 9, "+short"),))
LOCK = FileDiff("yarn.lock", Status.ADDED, (hunk("+x"),))
MOVED = FileDiff("new name.py", Status.RENAMED, (), "old name.py")
CHINESE = FileDiff("文档/说明.md", Status.DELETED, (hunk(*["-旧"] * 1234),))


def everything() -> Outlook:
    """Files that are asked about in one chunk, in many, in part and not at all."""
    head, tail = (replace(APP, hunks=(part,)) for part in APP.hunks)
    short = replace(LONG, hunks=LONG.hunks[0].parts([1])[1:])
    return outlook(
        [APP, LONG, MOVED, LOCK, CHINESE],
        [
            ([head], 900, price("0.00315", "0.0605")),
            ([tail], 12_345, price("0.0432", "0.1006")),
            ([short, CHINESE], 3_000, price("0.0105", "0.0678")),
        ],
        left_out=[
            skipped("new name.py", SkipReason.NO_CHANGED_LINES, detail="renamed"),
            skipped("yarn.lock", SkipReason.LOCK_FILE, detail="a lock file"),
            skipped("long.py", SkipReason.TOO_LONG, lines=(1, 1), detail="a line of 9,000 tokens\nis", failed=True),
        ],
    )


def test_a_plan_shows_files_chunks_sums_and_what_they_rest_on() -> None:
    assert shown(everything()) == golden(
        """
        staged changes, for qwen-coder-plus at https://dashscope.aliyuncs.com/compatible-mode/v1

        file                                    lines          asked about in
        src/app.py                                 +3      -1  chunks 1 to 2
        long.py       added                        +2          chunk 3, 1 line not
        new name.py   renamed from old name.py                 not reviewed: no changed lines
        yarn.lock     added                        +1          not reviewed: lock file
        文档/说明.md  deleted                          -1,234  chunk 3

        chunk    holds  tokens  price
            1   1 file     900  ¥0.0032 to ¥0.060
            2   1 file  12,345  ¥0.043 to ¥0.10
            3  2 files   3,000  ¥0.010 to ¥0.068

        cannot be reviewed: long.py:1 (a line of 9,000 tokens is)
        3 of 5 files · 1,239 of 1,241 changed lines · 3 prompts · 16,245 tokens in · price ¥0.057 to ¥0.23
        limits: 122,880 tokens in (known), 8,192 out, 5,000 of diff in a prompt; counts are exact
        price: from empty answers to answers at their limit; what is split or asked again comes on top
        """
    )


def test_a_narrow_terminal_breaks_sentences_and_no_table() -> None:
    wide, narrow = (shown(everything(), width=width).split("\n") for width in (100, 60))
    assert narrow[:2] == [
        "staged changes, for qwen-coder-plus at",
        "  https://dashscope.aliyuncs.com/compatible-mode/v1",
    ]
    end = wide.index("cannot be reviewed: long.py:1 (a line of 9,000 tokens is)") + 1
    assert narrow[2 : end + 1] == wide[1:end]
    assert "\n".join(narrow[end + 1 :]) == golden(
        """
        3 of 5 files · 1,239 of 1,241 changed lines · 3 prompts ·
        16,245 tokens in · price ¥0.057 to ¥0.23
        limits: 122,880 tokens in (known), 8,192 out, 5,000 of diff
          in a prompt; counts are exact
        price: from empty answers to answers at their limit; what is
          split or asked again comes on top
        """
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_colours_change_no_character_and_sentences_keep_to_the_width(width: int) -> None:
    for subject in (everything(), outlook([replace(APP, path=HOSTILE)]), outlook([], [])):
        plain, coloured = (shown(subject, width=width, colour=colour) for colour in (False, True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
        assert "\x1b" not in plain
        assert visible(plain, keep="\n") == plain
        tables = [line for line in plain.split("\n") if re.match(r"file |chunk |\S.* (chunks? \d|not reviewed)", line)]
        for line in plain.split("\n"):
            assert line == line.rstrip()
            assert cell_len(line) <= width or line in tables


def test_what_cannot_be_reviewed_stands_out_and_what_is_left_out_on_purpose_does_not() -> None:
    clash = FileDiff("clash.py", Status.UNMERGED)
    subject = outlook(
        [clash, LOCK],
        [],
        left_out=[
            skipped("clash.py", SkipReason.UNMERGED, detail="has conflicts", failed=True),
            skipped("yarn.lock", SkipReason.LOCK_FILE),
        ],
    )
    red, dim = "\x1b[31m", "\x1b[2m"
    coloured = shown(subject, colour=True)
    assert f"{red}not reviewed: unmerged\x1b[0m" in coloured
    assert f"{dim}not reviewed: lock file\x1b[0m" in coloured
    assert f"{red}cannot be reviewed: clash.py (has conflicts)\x1b[0m" in coloured
    assert coloured.count(red) == 2


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (skipped("a", SkipReason.TOO_LONG, failed=True), "a"),
        (skipped("a", SkipReason.TOO_LONG, lines=(3, 3), failed=True), "a:3"),
        (skipped("a", SkipReason.TOO_LONG, lines=(3, 7), failed=True), "a:3-7"),
        (skipped("a", SkipReason.TOO_LONG, lines=(3, 7), side=Side.OLD, failed=True), "a:3-7 (deleted)"),
        (skipped(HOSTILE, SkipReason.TOO_LONG, lines=(1, 1), failed=True), f"{visible(HOSTILE)}:1"),
    ],
)
def test_the_place_of_what_cannot_be_reviewed_is_named(part: Skipped, place: str) -> None:
    subject = outlook([file(part.path, hunk("+x"))], [], left_out=[part])
    assert f"cannot be reviewed: {place} (" in shown(subject, width=300)


def test_nothing_to_review_has_no_chunks_no_price_and_no_notes() -> None:
    subject = outlook([LOCK], [], left_out=[skipped("yarn.lock", SkipReason.LOCK_FILE)])
    assert shown(subject, width=300) == golden(
        f"""
        staged changes, for qwen-coder-plus at {OWN}

        file              lines    asked about in
        yarn.lock  added     +1    not reviewed: lock file

        0 of 1 file · 0 of 1 changed line · 0 prompts · 0 tokens in
        """
    )
    assert shown(outlook([], []), width=300) == golden(
        f"""
        staged changes, for qwen-coder-plus at {OWN}

        0 of 0 files · 0 of 0 changed lines · 0 prompts · 0 tokens in
        """
    )


PRICES: dict[str, tuple[list[tuple[Decimal, Decimal] | None], list[str], str]] = {
    "known": ([price("0.01", "2")], ["¥0.010 to ¥2.00"], "price ¥0.010 to ¥2.00"),
    "nothing to pay": ([price("0", "0")], ["¥0.00"], "price ¥0.00"),
    "too near to differ": ([price("1.001", "1.002")], ["¥1.00"], "price ¥1.00"),
    "not known": ([None], ["not known"], "price not known"),
    "known of one": ([price("0.01", "2"), None], ["¥0.010 to ¥2.00", "not known"], "price not known"),
}


@pytest.mark.parametrize(("costs", "each", "whole"), PRICES.values(), ids=PRICES)
def test_a_price_is_a_span_or_one_number_or_not_known(
    costs: list[tuple[Decimal, Decimal] | None], each: list[str], whole: str
) -> None:
    subject = outlook(chunks=[([APP], 10, cost) for cost in costs])
    text = shown(subject, width=300)
    rows = [line.split("  ")[-1] for line in text.split("\n") if re.match(r" +\d+  1 file", line)]
    assert rows == each
    assert f" · {whole}\n" in text
    known = whole != "price not known"
    assert ("price: from empty answers" in text) is known
    found = read("plan", plan.data(subject))
    assert (found["totals"]["cost"] is None) is not known
    assert [chunk["cost"] is None for chunk in found["chunks"]] == [cost is None for cost in costs]


def test_a_price_in_another_currency_names_it() -> None:
    subject = outlook(model=replace(MODEL, currency="EUR"))
    assert "price 0.0043 EUR to 0.062 EUR\n" in shown(subject, width=300)
    assert read("plan", plan.data(subject))["totals"]["cost"] == {
        "least": "0.0043",
        "most": "0.0617",
        "currency": "EUR",
    }


ORIGINS = {
    LimitFrom.CATALOGUE: "known",
    LimitFrom.OPTION: "by --input-limit",
    LimitFrom.PROVIDER: "told by its server or file",
    LimitFrom.MINUTE: "what a minute allows",
    LimitFrom.ASSUMED: "assumed, nobody says",
}


@pytest.mark.parametrize("origin", LimitFrom)
def test_a_plan_says_who_says_what_the_limit_is(origin: LimitFrom) -> None:
    subject = outlook(model=STRANGER, origin=origin)
    expected = f"limits: 6,144 tokens in ({ORIGINS[origin]}), 2,048 out, 5,000 of diff in a prompt"
    assert expected in shown(subject, width=300)
    assert read("plan", plan.data(subject))["limits"]["origin"] == origin.value


def test_counts_that_are_bounds_are_called_so() -> None:
    assert "; counts are bytes, more than tokens can be\n" in shown(outlook(model=STRANGER), width=300)
    assert "; counts are exact\n" in shown(outlook(), width=300)


def test_what_stays_on_the_machine_is_said_to() -> None:
    assert shown(outlook(base_url=""), width=300).startswith("staged changes, for qwen-coder-plus on this machine\n")
    assert read("plan", plan.data(outlook(base_url="")))["url"] is None


STATUSES: dict[str, tuple[FileDiff, str]] = {
    "modified": (file("a", hunk("+x")), ""),
    "added": (FileDiff("a", Status.ADDED, (hunk("+x"),)), "added"),
    "deleted": (FileDiff("a", Status.DELETED, (hunk("-x"),)), "deleted"),
    "renamed": (file("a", hunk("+x"), old_path="b c"), "renamed from b c"),
    "copied": (FileDiff("a", Status.COPIED, (hunk("+x"),), "b"), "copied from b"),
    "type changed": (FileDiff("a", Status.TYPE_CHANGED, (hunk("-x", "+y"),)), "type changed"),
    "unmerged": (FileDiff("a", Status.UNMERGED, (hunk("+x"),)), "unmerged"),
    "a hostile old name": (file("a", hunk("+x"), old_path=HOSTILE), f"renamed from {visible(HOSTILE)}"),
}


@pytest.mark.parametrize(("diff", "words"), STATUSES.values(), ids=STATUSES)
def test_what_happened_to_a_file_is_said(diff: FileDiff, words: str) -> None:
    row = shown(outlook([diff]), width=300).split("\n")[3]
    assert re.fullmatch(rf"a +{re.escape(words)} +(\+1 *)?(-1 *)?  chunk 1", row), row


@pytest.mark.parametrize("reason", SkipReason)
def test_every_reason_is_said_in_words(reason: SkipReason) -> None:
    subject = outlook([LOCK], [], left_out=[skipped("yarn.lock", reason)])
    assert f"  not reviewed: {reason.value.replace('_', ' ')}\n" in shown(subject)
    assert read("plan", plan.data(subject))["files"][0]["reason"] == reason.value


@pytest.mark.parametrize("width", WIDTHS)
def test_names_that_are_long_wide_or_hostile_stand_in_their_column(width: int) -> None:
    paths = ["a.py", "深" * 30 + ".py", "x/" * 60 + "y.py", HOSTILE + ".py", "two\nlines", "sp ace "]
    rows = shown(outlook([file(path, hunk("+x")) for path in paths]), width=width).split("\n")
    rows = rows[rows.index("") + 1 :][:7]
    ends = {cell_len(row[: row.index("asked about in" if place == 0 else "chunk 1")]) for place, row in enumerate(rows)}
    assert len(ends) == 1
    for path, row in zip(paths, rows[1:], strict=True):
        assert row.startswith(visible(path).rstrip())


def test_a_path_that_comes_twice_counts_each_time_for_itself() -> None:
    lost = file("a.py", hunk("+long", "+short"))
    kept = replace(lost, hunks=lost.hunks[0].parts([1])[1:])
    empty, binary = FileDiff("a.py", Status.ADDED), FileDiff("a.py", Status.MODIFIED, binary=True)
    again = file("a.py", hunk("-long", "+other"))
    subject = outlook(
        [empty, lost, binary, again],
        [([kept], 10, None), ([again], 10, None)],
        left_out=[
            skipped("a.py", SkipReason.NO_CHANGED_LINES),
            skipped("a.py", SkipReason.BINARY),
            skipped("a.py", SkipReason.TOO_LONG, lines=(1, 1), failed=True),
        ],
    )
    rows = shown(subject).split("\n")[3:7]
    assert [row.split("  ")[-1].strip() for row in rows] == [
        "not reviewed: no changed lines",
        "chunk 1, 1 line not",
        "not reviewed: binary",
        "chunk 2",
    ]
    totals = read("plan", plan.data(subject))["totals"]
    assert (totals["files"], totals["files_reviewed"]) == (4, 2)
    assert (totals["changed_lines"], totals["changed_lines_reviewed"]) == (4, 3)


PROMPT = Prompt((Message("system", "Be kind."), Message("user", "File: a\n+1|漢 \u202e x\n")))
BODY = {"messages": [{"role": "user", "content": "x"}], "model": "mine", "temperature": 0.2}
SENT = Request("https://a/v1/chat", (("host", "a"), ("accept", "*/*")), json.dumps(BODY).encode())


def test_prompts_are_shown_as_they_are_below_the_plan() -> None:
    subject = outlook(chunks=[([APP], 9, None)] * 2, prompts=[PROMPT, PROMPT], requests=[SENT, None])
    without = replace(subject, prompts=(), requests=())
    for colour in (False, True):
        assert shown(subject, colour=colour).removeprefix(shown(without, colour=colour)) == (
            "\n===== prompt 1 of 2: POST https://a/v1/chat\n===== host: a\n===== accept: */*\n"
            "===== model = mine\n===== temperature = 0.2\n"
            "===== system\nBe kind.\n===== user\nFile: a\n+1|漢 \u202e x\n\n"
            "\n===== prompt 2 of 2: nothing leaves this machine\n"
            "===== system\nBe kind.\n===== user\nFile: a\n+1|漢 \u202e x\n\n"
        )


def test_programs_get_messages_and_requests_only_where_they_are_wanted() -> None:
    subject = outlook(chunks=[([APP], 9, None)] * 2, prompts=[PROMPT, PROMPT], requests=[SENT, None])
    first, second = read("plan", plan.data(subject))["chunks"]
    assert (
        first["messages"]
        == second["messages"]
        == [{"role": message.role, "content": message.content} for message in PROMPT.messages]
    )
    assert first["request"] == {
        "url": "https://a/v1/chat",
        "headers": {"host": "a", "accept": "*/*"},
        "body": SENT.body.decode(),
    }
    assert second["request"] is None
    (bare,) = read("plan", plan.data(outlook()))["chunks"]
    assert not {"messages", "request"} & {*bare}


def test_a_plan_for_programs_holds_every_field_of_the_contract() -> None:
    found = read("plan", plan.data(everything()))
    assert {name: value for name, value in found.items() if name not in {"files", "chunks", "skipped"}} == {
        "version": 1,
        "tool_version": __version__,
        "target": {"base": "b" * 40, "head": None, "description": "staged changes"},
        "model": "qwen-coder-plus",
        "provider": "openai",
        "url": OWN,
        "limits": {"input_tokens": 122_880, "output_tokens": 8192, "origin": "catalogue", "diff_tokens": 5000},
        "totals": {
            "files": 5,
            "files_reviewed": 3,
            "changed_lines": 1241,
            "changed_lines_reviewed": 1239,
            "requests": 3,
            "input_tokens": 16_245,
            "cost": {"least": "0.05685", "most": "0.2289", "currency": "CNY"},
        },
    }
    assert found["files"][:3] == [
        {
            "path": "src/app.py",
            "old_path": None,
            "status": "modified",
            "added": 3,
            "deleted": 1,
            "chunks": [1, 2],
            "reason": None,
        },
        {
            "path": "long.py",
            "old_path": None,
            "status": "added",
            "added": 2,
            "deleted": 0,
            "chunks": [3],
            "reason": None,
        },
        {
            "path": "new name.py",
            "old_path": "old name.py",
            "status": "renamed",
            "added": 0,
            "deleted": 0,
            "chunks": [],
            "reason": "no_changed_lines",
        },
    ]
    assert found["chunks"][0] == {
        "number": 1,
        "tokens": 900,
        "cost": {"least": "0.00315", "most": "0.0605", "currency": "CNY"},
        "parts": [{"path": "src/app.py", "old_lines": [2, 2], "new_lines": [2, 3]}],
        "beside": [],
    }
    assert found["chunks"][2]["parts"] == [
        {"path": "long.py", "old_lines": None, "new_lines": [2, 2]},
        {"path": "文档/说明.md", "old_lines": [1, 1234], "new_lines": None},
    ]
    assert found["skipped"][2] == {
        "path": "long.py",
        "side": "new",
        "start_line": 1,
        "end_line": 1,
        "reason": "too_long",
        "detail": "a line of 9,000 tokens\nis",
        "failed": True,
    }
    assert read("plan", plan.data(outlook([], [])))["limits"]["diff_tokens"] is None


@settings(deadline=None)
@given(change=changes(), chunk_tokens=st.sampled_from([500, 3000]), width=st.sampled_from(WIDTHS))
def test_every_plan_is_harmless_valid_and_adds_up(change: Change, chunk_tokens: int, width: int) -> None:
    wishes = Settings(chunk_tokens=chunk_tokens)
    chosen = choose(change, settings=wishes)
    planned = plan_chosen(Inspected(change), chosen, settings=wishes, model=MODEL, counter=ByteCounter())
    prompts = tuple(first_prompts(planned))
    way = Route("dashscope", MODEL, OWN)
    subject = Outlook(planned, estimates(planned), way, LimitFrom.CATALOGUE, prompts, (None,) * len(prompts))
    found = read("plan", plan.data(subject))
    for chunk, prompt in zip(found["chunks"], prompts, strict=True):
        assert [message["content"] for message in chunk["messages"]] == [*prompt.texts]
        assert [message["role"] for message in chunk["messages"]] == ["system", *["user", "assistant"] * 2]
    failed = sum(skip.start is not None for skip in planned.skipped)
    reviewed, all_lines = (found["totals"][name] for name in ("changed_lines_reviewed", "changed_lines"))
    asked = sum(part.changed for chunk in planned.chunks for part in chunk.files)
    assert reviewed == asked
    assert all_lines == sum(diff.changed for diff in change.files)
    assert (reviewed == all_lines) or failed or any(row["reason"] for row in found["files"])
    assert all((row["reason"] is None) == bool(row["chunks"]) for row in found["files"])
    text = shown(replace(subject, prompts=(), requests=()), width=width)
    assert visible(text, keep="\n") == text


def test_the_models_are_a_table_with_names_and_notes_below() -> None:
    few = replace(
        KNOWN,
        models=tuple(
            map(KNOWN.get, ["qwen-coder-plus", "qwen2.5-coder-3b-instruct", "qwen3-coder-plus", "demo"]),
        ),
    )
    assert models.text(few, View(84)) == golden(
        """
        model                      provider     takes  answers  price of 1,000 tokens in / out
        qwen-coder-plus            dashscope  129,024    8,192  ¥0.0035 / ¥0.007
          also qwen-coder-plus-latest, qwen-coder-plus-2024-11-06, qwen-coder-plus-1106
          the default
        qwen2.5-coder-3b-instruct  dashscope   30,720    8,192  not known
          free for a limited time
        qwen3-coder-plus           dashscope  997,952   65,536  ¥0.004 / ¥0.016  up to 32,768 in
                                                                ¥0.006 / ¥0.024  up to 131,072 in
                                                                ¥0.01 / ¥0.04  up to 262,144 in
                                                                ¥0.02 / ¥0.2
        demo                       local       16,384    1,024  ¥0 / ¥0
          Qwen2.5-Coder-0.5B-Instruct, embedded; nothing leaves the machine

        takes and answers are tokens; any other model of an endpoint works too, with
        --base-url
        """
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_every_model_with_its_names_prices_and_note_is_listed(width: int) -> None:
    plain, coloured = (models.text(KNOWN, View(width, colour)) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert f"\x1b[1m{defaults.MODEL}\x1b[0m" in coloured
    assert coloured.count("\x1b[1m") == 1
    assert plain.count("the default") == 1
    squeezed = " ".join(plain.split())
    for model in KNOWN.models:
        assert re.search(
            rf"^{re.escape(model.name)} .* {model.max_input:,} +{model.max_output:,}  ", plain, re.MULTILINE
        )
        assert ", ".join(model.aliases) in squeezed
        assert (model.note or "") in squeezed
        for tier in model.price:
            assert f"¥{tier.input.normalize():f} / ¥{tier.output.normalize():f}" in plain
            assert not tier.up_to or f"up to {tier.up_to:,} in" in plain


def test_a_price_of_another_currency_names_it_in_the_list() -> None:
    model = replace(MODEL, currency="EUR", price=(catalogue.Tier(Decimal("0.50"), Decimal(20)),))
    assert "  0.5 EUR / 20 EUR\n" in models.text(replace(KNOWN, models=(model,)), View(100))


def test_programs_get_every_model_with_exact_prices() -> None:
    rows = read("models", models.data(KNOWN))["models"]
    assert [row["name"] for row in rows] == [model.name for model in KNOWN.models]
    assert [row["name"] for row in rows if row["default"]] == [defaults.MODEL]
    for row, model in zip(rows, KNOWN.models, strict=True):
        assert tuple(row["aliases"]) == model.aliases
        for field in ("provider", "context", "max_input", "max_output", "vocabulary", "currency", "note"):
            assert row[field] == getattr(model, field)
        tiers = [(tier["up_to"], Decimal(tier["input"]), Decimal(tier["output"])) for tier in row["price"]]
        assert tiers == [(tier.up_to, tier.input, tier.output) for tier in model.price]
    assert rows[0]["price"] == [{"up_to": None, "input": "0.0035", "output": "0.007"}]


SETTINGS = (
    Setting("model", "qwen-max", "pyproject.toml [tool.reviewbot]", by_file=True),
    Setting("base-url", None, "default"),
    Setting("include", (), "default"),
    Setting("exclude", ("docs/**", HOSTILE), "--exclude"),
    Setting("jobs", 4, "default"),
    Setting("min-confidence", 0.5, "REVIEWBOT_MIN_CONFIDENCE"),
    Setting("max-cost", Decimal("1E+1"), "--max-cost"),
    Setting("fail-open", value=True, origin="--fail-open"),
    Setting("quiet", value=False, origin="default"),
)
KEYS = (Key("REVIEWBOT_API_KEY", set=False, sent=False), Key("DASHSCOPE_API_KEY", set=True, sent=True))


def effective(base_url: str = OWN, keys: tuple[Key, ...] = KEYS) -> Effective:
    return Effective(SETTINGS, Route("dashscope" if base_url else "local", MODEL, base_url), keys)


def test_settings_are_shown_with_their_origin_and_who_is_asked_with_which_key() -> None:
    name = visible(HOSTILE)
    pad = " " * cell_len(f"docs/**, {name}")
    rows = [
        ("setting", "value", "from"),
        ("model", "qwen-max", "pyproject.toml [tool.reviewbot]"),
        ("base-url", "-", "default"),
        ("include", "-", "default"),
        ("exclude", f"docs/**, {name}", "--exclude"),
        ("jobs", "4", "default"),
        ("min-confidence", "0.5", "REVIEWBOT_MIN_CONFIDENCE"),
        ("max-cost", "10", "--max-cost"),
        ("fail-open", "yes", "--fail-open"),
        ("quiet", "no", "default"),
    ]
    table = "".join(f"{one:14}  {two:{len(pad)}}  {three}\n" for one, two, three in rows)
    assert config.text(effective(), View(100)) == (
        f"{table}\nasks dashscope at {OWN}\n"
        "REVIEWBOT_API_KEY: not set\nDASHSCOPE_API_KEY: set, hidden, sent to the address above\n"
    )
    stays = config.text(effective("", (Key("REVIEWBOT_API_KEY", set=True, sent=False),)), View(100))
    assert stays.endswith("\nasks local, nothing leaves this machine\nREVIEWBOT_API_KEY: set, hidden\n")


@pytest.mark.parametrize("width", WIDTHS)
def test_settings_in_colour_are_the_same(width: int) -> None:
    plain, coloured = (config.text(effective(), View(width, colour)) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert visible(plain, keep="\n") == plain


def test_programs_get_every_setting_with_its_type() -> None:
    found = read("config", config.data(effective()))
    shown_name = "".join("\ufffd" if "\ud800" <= char < "\ue000" else char for char in HOSTILE)
    assert {row["name"]: row["value"] for row in found["settings"]} == {
        "model": "qwen-max",
        "base-url": None,
        "include": [],
        "exclude": ["docs/**", shown_name],
        "jobs": 4,
        "min-confidence": 0.5,
        "max-cost": "10",
        "fail-open": True,
        "quiet": False,
    }
    assert [row["origin"] for row in found["settings"]] == [setting.origin for setting in SETTINGS]
    assert (found["version"], found["provider"], found["url"]) == (1, "dashscope", OWN)
    assert found["keys"] == [
        {"variable": "REVIEWBOT_API_KEY", "set": False, "sent": False},
        {"variable": "DASHSCOPE_API_KEY", "set": True, "sent": True},
    ]
    assert read("config", config.data(effective("")))["url"] is None
