"""Broken answers in the ways models break them: how many comments come back exactly, and how many come back wrong."""

import json
import random
import re
from collections.abc import Callable, Mapping

import pytest

from reviewbot.finding import Draft
from reviewbot.reply import read

Comment = Mapping[str, object]

LINES = (
    '    raise ValueError(f"no such user: {name}")',
    "    return json.dumps({'path': path, 'body': body})",
    '    headers = {"path": path, "quote": True, "body": body}',
    'const label = "a, b" + `${count} of ${total}`;',
    r'    pattern = re.compile(r"(\d+)\.(\w+)$")',
    "    it's not 'quoted' right",
    "\tif err != nil { return nil, err }",
    'print("}],", end="")',
    "    total += price * (1 - discount)",
    "SELECT * FROM users WHERE name = '\" + name + \"'",
    "}",
    "echo \"$HOME\" | sed 's/\\./-/g'",
    "    cache[key] = value  # never evicted",
    "    配置 = 读取(路径)",
    '<a href="{{ url }}" title="x">',
    "    with open(path) as stream:",
)

PROSE = (
    "This raises when the list is empty, and nobody catches it.",
    'The key "path" is taken from the request, so a caller can read any file.',
    "`{}` is shared between calls; use None and make one inside.",
    "It doesn't close the file.\nThe next call then fails.",
    "Two threads may enter here, e.g. from `run()`, and both write.",
)


def made_comment(chance: random.Random) -> Comment:
    quote = "\n".join(chance.sample(LINES, chance.randint(1, 3)))
    return {
        "path": f"src/part_{chance.randint(1, 9)}.py",
        "line": chance.randint(1, 500),
        "side": chance.choice(("new", "new", "old")),
        "quote": quote,
        "severity": chance.choice(("error", "warning", "info")),
        "category": chance.choice(("correctness", "security", "other")),
        "title": chance.choice(("Wrong when empty", "Can leak", "Races with `stop`")),
        "body": chance.choice(PROSE),
        "suggestion": chance.choice((None, None, chance.choice(LINES), "")),
        "confidence": chance.choice((0.3, 0.5, 0.9, 1.0)),
    }


def made_answers() -> list[list[Comment]]:
    chance = random.Random(20)
    return [[made_comment(chance) for _ in range(chance.randint(1, 6))] for _ in range(150)]


def written(comments: list[Comment]) -> str:
    return json.dumps({"comments": comments}, ensure_ascii=False, indent=1)


def in_prose(comments: list[Comment]) -> str:
    sample = '```python\nsettings = {"path": path, "body": [1, 2]}\n```'
    return f"I read {{the change}}.\n{sample}\nMy answer:\n```json\n{written(comments)}\n```\nTell me [if] it's useful."


def with_trailing_commas(comments: list[Comment]) -> str:
    return re.sub(r"(\n *)([\]}])", r",\1\2", written(comments))


def with_raw_newlines(comments: list[Comment]) -> str:
    return written(comments).replace("\\n", "\n").replace("\\t", "\t")


def with_bare_quotes(comments: list[Comment]) -> str:
    return written(comments).replace('\\"', '"')


def with_bad_escapes(comments: list[Comment]) -> str:
    return written(comments).replace("\\\\", "\\").replace("'", "\\'")


def as_python(comments: list[Comment]) -> str:
    return str({"comments": comments})


def whole(drafts: tuple[Draft, ...]) -> list[Comment]:
    names = ("path", "line", "side", "quote", "severity", "category", "title", "body", "suggestion", "confidence")
    return [{name: getattr(draft, name) for name in names} for draft in drafts]


@pytest.mark.parametrize(
    ("broken", "share", "extras"),
    [
        pytest.param(written, 1.0, 0, id="not broken"),
        pytest.param(in_prose, 1.0, 0, id="fenced in prose"),
        pytest.param(with_trailing_commas, 1.0, 0, id="trailing commas"),
        pytest.param(with_raw_newlines, 1.0, 0, id="raw newlines"),
        pytest.param(with_bare_quotes, 0.8, 10, id="unescaped quotes"),
        pytest.param(with_bad_escapes, 1.0, 0, id="bad escapes"),
        pytest.param(as_python, 1.0, 0, id="python repr"),
    ],
)
def test_most_comments_of_a_broken_answer_come_back_and_few_come_back_wrong(
    broken: Callable[[list[Comment]], str], share: float, extras: int
) -> None:
    wanted = got = wrong = 0
    for comments in made_answers():
        reply = read(broken(comments))
        drafts = whole(reply.drafts) if reply else []
        exact = sum(draft in comments for draft in drafts)
        wanted += len(comments)
        got += exact
        wrong += len(drafts) - exact
    assert got / wanted >= share
    assert wrong <= extras


def test_every_comment_before_a_cut_comes_back_and_no_other() -> None:
    chance = random.Random(21)
    for comments in made_answers():
        text = written(comments)
        cut = chance.randrange(len(text))
        ends = [match.end() for match in re.finditer(r"\n  \}", text)]
        kept = [comment for comment, end in zip(comments, ends, strict=True) if end <= cut]
        reply = read(text[:cut])
        assert whole(reply.drafts if reply else ()) == kept
