"""What people and hosts make of untrusted text in Markdown, as a parser of CommonMark reads it."""

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewbot import markdown
from reviewbot.markdown import JOINER, code, fenced, harmless, phrase, shown_lines
from reviewbot.terminal import visible
from tests.support.reviews import HOSTILE

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

ACTS = {"html_block", "html_inline", "link_open", "image", "heading_open", "blockquote_open", "hr", "table_open"}
ACTS |= {"s_open", "code_block", "hardbreak"}
"""What no untrusted text may become. Block quotes are not dangerous; they are words because that is simpler."""

FINDS = {
    "a mention": r"(?<![A-Za-z0-9_`])@[a-z0-9][a-z0-9-]*",
    "a mention by mail": r"[\w.+-]+@[\w-]+\.\w",
    "an issue": r"#[0-9]",
    "an issue, in words": r"\bgh-[0-9]",
    "a commit of another repository": r"[\w-]+(?:/[\w.-]+)?@[0-9a-f]{7,40}\b",
    "an address": r"(?:https?|ftp)://|\bwww\.[a-z0-9]",
    "a formula": rf"(?<!{JOINER})\$|\$(?!{JOINER})",
}
"""What GitHub looks for in the text of a finished page, outside of code."""

ATTACKS = {
    "mention": "ask @octocat",
    "mention of a team": "@github/security",
    "mention at the start": "@octocat",
    "mention behind a backslash": r"\@octocat",
    "mention by an entity": "&#64;octocat &commat;octocat &#x40;octocat",
    "mention in emphasis": "**@octocat** *@octocat* @*octocat*",
    "mention between signs": '(@octocat)[@octocat]"@octocat"',
    "mail": "write to octocat@github.com",
    "mail in angles": "<octocat@github.com>",
    "mail that begins with a digit": "<1@github.com>",
    "issue": "see #12",
    "issue with a word that closes": "Fixes #12, closes #13; resolves: #14",
    "issue of a repository": "octo/cat#12 octocat#12",
    "issue in words": "GH-12 gh-12 (GH-12) _GH-12_",
    "issue behind a backslash": r"\#12",
    "issue by an entity": "&#35;12",
    "issue at the start": "#12 is it",
    "issue in emphasis": "#*12* **#12**",
    "issue by address": "closes https://github.com/octo/cat/issues/12",
    "commit of a repository": "octo/cat@0123456789abcdef0123456789abcdef01234567 octocat@0123456",
    "address": "https://evil.example/x?a=b&c=d#e",
    "address behind a letter": "xhttps://evil.example",
    "address behind a line": "_https://evil.example_ _www.evil.example_",
    "address in capitals": "HTTPS://EVIL.EXAMPLE WWW.EVIL.EXAMPLE",
    "address of another kind": "ftp://evil.example ssh://evil.example",
    "address in angles": "<https://evil.example> <javascript:alert(1)>",
    "address beside code": "`a`https://evil.example`b`",
    "address with brackets": "https://evil.example/a_(b)_c) and https://evil.example].",
    "address without a scheme": "www.evil.example, (www.evil.example)",
    "address with marks in it": "https://evil.example/```/<b>",
    "link": "[docs](https://evil.example)",
    "link with a title": '[docs](https://evil.example "title")',
    "link without a target": "[docs]()",
    "link by a mail": "[docs](mailto:a@b.c)",
    "link by reference": "[docs][1]\n\n[1]: https://evil.example",
    "link by its own name": "[docs]\n\n[docs]: https://evil.example",
    "link defined in a list": "- [docs]: /evil\n\n[docs]",
    "link defined over lines": "[docs]:\n/evil\n'title'\n\n[docs]",
    "footnote": "a[^1]\n\n[^1]: hidden",
    "picture": "![alt](https://evil.example/x.png)",
    "picture by reference": "![alt][1]\n\n[1]: /x.png",
    "picture behind a backslash": "\\![alt](/x.png)",
    "tag": "<b>bold</b> <img src=x onerror=alert(1)>",
    "tag in capitals": "<SCRIPT>alert(1)</SCRIPT>",
    "tag by itself": "<div>\n\nhidden",
    "tag that hides": "<details><summary>x</summary>\n\nhidden",
    "tag over lines": "<div\nhidden\n>",
    "tag behind a backslash": r"\<b> \\<b> \\\<b>",
    "tag at the end of a line": "a <\nb>",
    "tag by an entity": "&lt;b&gt;",
    "comment": "<!-- hidden -->",
    "comment that is open": "<!--\n\nhidden",
    "comment behind a letter": "a<!-- hidden",
    "marker": "<!-- reviewbot:finding v1 0123 -->",
    "marker in code": "`<!-- reviewbot:summary v1 -->`",
    "marker in a block": "```\n<!--reviewbot:summary v1 -->\n```",
    "instruction": "<?php hidden",
    "declaration": "<!DOCTYPE hidden",
    "raw data": "<![CDATA[ hidden",
    "style": "<style>\n\n* {display: none}",
    "block that is open": "```\nhidden",
    "block that is open, with waves": "~~~~ python\nhidden\n~~~",
    "block that ends in a longer one": "```\na\n`````\nb",
    "block that does not end in other marks": "```\na\n~~~\nb",
    "block that does not end with words": "```\na\n``` b\nc",
    "block in a list": "- ```\n  a\n\nb",
    "block in a list, deeper": "1. a\n\n        ```\n        b\n",
    "block in a quotation": "> ```\n> a\nb",
    "block to be committed": "```suggestion\nevil()\n```",
    "block that is a picture": "```mermaid\ngraph TD\n```",
    "block of formulas": "```math\nx\n```",
    "block by white space": "a\n\n    <b>\n\t@octocat\n\n\n    #12\n\nb",
    "code that is open": "a `hidden <b>\n\n`b`",
    "code over lines": "a `b\nc` <b> `d`",
    "code of other length": "``a`<b>```c",
    "code behind a backslash": r"\`<b>`",
    "code before code": "`a```b``c`",
    "bar": "a | b\n--- | ---\nc | d | hidden",
    "bar of one column": "a\n:-\nb",
    "bar of one column, both sides": "a\n:-:\nb",
    "bars in a list": "- a | b\n  - | -\n  c | d",
    "heading": "# a\n###### b",
    "heading by a line": "a\n===\nb\n---\nc\n-",
    "heading in a list": "- # a\n- b\n  ===",
    "rule": "***\n___\n- - -\n* * *\n_ _ _",
    "quotation": "> a\n>> b\n> [!CAUTION]\n> c",
    "deep lists": "\n".join("  " * depth + "- a" for depth in range(30)),
    "deep lists on a line": "- " * 60 + "a",
    "number that begins no list": "a\n10. b\n\n    <b>\n\n1000000000. c",
    "empty items": "-\n*\n+\n1.\n1)\n- \n",
    "task": "- [x] done\n- [ ] not",
    "formula": "$a$ $$b$$ $`c`$ a$b$c `$`",
    "formula over lines": "$$\n\\phantom{hidden}\n$$",
    "struck out": "~~hidden~~ ~hidden~",
    "line break by a backslash": "a\\\nb",
    "line break by white space": "a  \nb",
    "emphasis that is open": "**a\n\n__b\n\n*c",
    "emphasis of much": "***a*** ****b**** *****c*",
    "text that turns": "a \u202e b \u2066 c \u200b d \ufeff",
    "bytes that are not text": HOSTILE,
    "line ends of other kinds": "a\r# b\r\n<b>\u2028# c\x85# d\x0b# e",
    "our own joiner": f"@{JOINER}octocat <{JOINER}b>",
    "null": "a\0<b>\0",
}


def nodes(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from nodes(token.children or [])


def texts(tokens: list[Token]) -> Iterator[str]:
    """Runs of text between anything else, outside of code."""
    run = ""
    for token in nodes(tokens):
        if token.type in {"text", "text_special"}:
            run += token.content
        else:
            yield run
            run = ""
    yield run


def read(tokens: list[Token]) -> str:
    """All that a reader sees."""
    shown = {"text", "text_special", "code_inline", "fence"}
    parts = (
        token.content if token.type in shown else token.info * (token.type == "list_item_open")
        for token in nodes(tokens)
    )
    return "".join(parts).replace(JOINER, "")


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def contains(whole: str, part: str) -> bool:
    """Whether all characters of a part stand in the whole, in their order."""
    rest = iter(whole)
    return all(char in rest for char in part)


def check(made: str, *, source: str) -> None:
    """Nothing acts, nothing is hidden, and what comes behind stands there as if nothing had been before it."""
    tokens = PARSER.parse(f"{made}\n\nMARK")
    assert [(token.type, token.level) for token in tokens[-3:]] == [
        ("paragraph_open", 0),
        ("inline", 1),
        ("paragraph_close", 0),
    ]
    assert tokens[-2].content == "MARK"
    assert not ACTS & {token.type for token in nodes(tokens)}
    assert not re.search(r"<!--[ \t]*reviewbot:", made)
    for run in texts(tokens):
        for name, pattern in FINDS.items():
            assert not re.search(pattern, run, re.IGNORECASE), name
    languages = {token.info for token in nodes(tokens) if token.type == "fence"}
    assert not languages & {"suggestion", "math", "mermaid"}
    lines = re.sub(r"\r\n?", "\n", source.replace("\ufe0f", ""))
    without_languages = re.sub(r"(?m)^[ \t]*(`{3,}|~{3,})[^`\n]*$", "", lines)
    assert contains(letters(read(tokens)), letters(visible(without_languages, keep="\r\n\t")))


SIGNS = [
    "`",
    "``",
    "```",
    "~~~",
    "*",
    "**",
    "_",
    "#",
    "@",
    "a",
    "b1",
    "12",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
]
SIGNS += [
    "-",
    "- ",
    "1. ",
    "+",
    "=",
    ">",
    "<",
    "</",
    "<!--",
    "-->",
    "<b>",
    "[",
    "]",
    "](",
    "]:",
    "!",
    "|",
    ":",
    "://",
    "www.",
]
SIGNS += [
    "https://x.y",
    "&",
    "&lt;",
    "\\",
    "$",
    "GH-",
    "漢字",
    "\ufe0f",
    "\u00a0",
    "\x1b",
    "'",
    '"',
    "(",
    ")",
    "~",
    "^",
    "{",
    ".",
]
PROSE = st.lists(st.sampled_from(SIGNS), max_size=40).map("".join) | st.text(max_size=60)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("frame", ["{}", "Words before.\n{}\nand behind.", "- {}", "a\n\n{}\n\n{}"])
def test_no_attack_acts_hides_or_reaches_what_follows(attack: str, frame: str) -> None:
    source = frame.replace("{}", attack)
    check(harmless(source), source=source)


@given(PROSE)
def test_no_text_at_all_acts_hides_or_reaches_what_follows(text: str) -> None:
    check(harmless(text), source=text)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_phrase_is_one_line_of_words_and_code_wherever_it_stands(attack: str) -> None:
    check_phrase(attack)


@given(PROSE)
@example("a `b|c` `d` e")
@example("C #")
def test_any_phrase_is_one_line_of_words_and_code_wherever_it_stands(text: str) -> None:
    check_phrase(text)


def check_phrase(text: str) -> None:
    made = phrase(text)
    assert "\n" not in made
    shown = re.sub(r"[`\s]", "", visible(text.replace("\ufe0f", ""), keep="\t\r\n"))
    for frame in ("{}", "#### x: {}", "- {}", "**x: {}**", "| a | b |\n| --- | --- |\n| {} | c |"):
        tokens = PARSER.parse(frame.replace("{}", made).rstrip())
        plain = [token for token in nodes(tokens) if token.type == "inline" and token.content != "c"][-1:]
        kinds = {token.type for token in nodes(plain)} - {"inline", "strong_open", "strong_close"}
        assert kinds <= {"text", "text_special", "code_inline"}
        assert re.sub(r"[`\s]", "", read(plain)).removeprefix("x:") == shown or not made
        for run in texts(plain):
            assert not any(re.search(pattern, run, re.IGNORECASE) for pattern in FINDS.values())


CODE = st.lists(
    st.sampled_from(["`", "``", "`" * 90, " ", "a", "|", "\\", "\\|", "\n", "<b>", "]", "*"]), max_size=12
).map("".join)


@given(CODE | st.text(max_size=30))
@example("")
@example(" ")
@example("".join("`" * length + " " for length in range(1, 99)))
def test_code_is_one_span_that_shows_all_of_it(text: str) -> None:
    for frame in ("{}", "a {} b", "[{}](x)", "- {}"):
        spans = [
            token.content
            for token in nodes(PARSER.parse(frame.replace("{}", code(text))))
            if token.type == "code_inline"
        ]
        assert [span.replace(JOINER, "") for span in spans] == [visible(text.removesuffix("\r"), keep="\t") or " "]


@given(CODE)
def test_code_in_a_table_stays_in_its_cell(text: str) -> None:
    table = f"{markdown.head(('a', 'b'))}\n{markdown.row((code(text, cell=True), 'c'))}"
    tokens = list(nodes(PARSER.parse(table)))
    assert sum(token.type == "td_open" for token in tokens) == 2
    assert [token.content.replace(JOINER, "") for token in tokens if token.type == "code_inline"] == [
        visible(text) or " "
    ]
    assert [token.content for token in tokens if token.type == "text"][-1] == "c"


LINES = st.lists(
    st.sampled_from(["`", "```", "~~~", "`" * 300, "~" * 300, " ", "a", "\n", "\t", "<b>"]), max_size=12
).map("".join)


@given(LINES | st.text(max_size=40).map(shown_lines))
@example("")
@example("\n")
def test_a_block_of_code_is_one_block_with_exactly_its_lines(text: str) -> None:
    tokens = PARSER.parse(f"{fenced(text, language='py')}\n\nMARK")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].info == "py"
    assert tokens[0].content.replace(JOINER, "") == (f"{text}\n" if text else "")
    assert JOINER not in tokens[0].content or len(text) > 200


CODES = ["<code>a</code>", "<code>https://b.c</code>", "<code>d</code>"]


@pytest.mark.parametrize(
    ("text", "shown"),
    {
        "emphasis": (
            "**`foo` is wrong**, *it* is",
            "<p><strong><code>foo</code> is wrong</strong>, <em>it</em> is</p>\n",
        ),
        "emphasis in Chinese": ("这是**重点**内容", "<p>这是<strong>重点</strong>内容</p>\n"),
        "emphasis in emphasis": ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>\n"),
        "stars of code": ("2*3*4, *args, **kwargs and f(*a, *b)", "<p>2*3*4, *args, **kwargs and f(*a, *b)</p>\n"),
        "names of code": (
            "`a` __init__ snake_case C# a < b",
            "<p><code>a</code> __init__ snake_case C# a &lt; b</p>\n",
        ),
        "code": ("`` a`b `` and `List<int>`", "<p><code>a`b</code> and <code>List&lt;int&gt;</code></p>\n"),
        "a language": ("```Python\nx\n\ty\n```", '<pre><code class="language-python">x\n\ty\n</code></pre>\n'),
        "a block in a list": (
            "1. a\n   ```\n   b\n   ```\n2. c",
            '<ol>\n<li>a</li>\n</ol>\n<pre><code>b\n</code></pre>\n<ol start="2">\n<li>c</li>\n</ol>\n',
        ),
        "a block by white space": (
            "a\n\n    b <c>\n\n    d\n\ne",
            "<p>a</p>\n<pre><code>b &lt;c&gt;\n\nd\n</code></pre>\n<p>e</p>\n",
        ),
        "a list behind words": ("a\n- b\n  c\n- d", "<p>a</p>\n<ul>\n<li>b\nc</li>\n<li>d</li>\n</ul>\n"),
        "a list in a list": ("* a\n    * b\n* c", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>\n"),
        "paragraphs in a list": ("- a\n\n  b\n\nc", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>\n<p>c</p>\n"),
        "an address": ("see https://a.b/c_d. Or", "<p>see <code>https://a.b/c_d</code>. Or</p>\n"),
        "an emoji": ("a \u26a0\ufe0f b :smile:", "<p>a \u26a0 b :smile:</p>\n"),
        "code beside code": ("`a`https://b.c`d`", f"<p>{JOINER.join(CODES)}</p>\n"),
        "a list behind a block in a list": (
            "1000. a\n```\nb\n```\n      - c",
            '<ol start="1000">\n<li>a</li>\n</ol>\n<pre><code>b\n</code></pre>\n<ul>\n<li>c</li>\n</ul>\n',
        ),
        "nothing": (" \n\n", ""),
    }.values(),
)
def test_prose_reads_as_it_was_meant(text: str, shown: str) -> None:
    assert PARSER.render(harmless(text)) == shown


@pytest.mark.parametrize("line", [":-", ":--:", ":- | -", "-", "--- | ---", "| - |", "==="])
def test_no_line_is_what_other_parsers_take_for_a_rule_below_a_head(line: str) -> None:
    assert harmless(f"a\n{line}").startswith("a\n\\")


def test_no_mark_is_longer_than_hosts_count() -> None:
    text = "".join("`" * length + " " for length in range(1, 400))
    assert max(map(len, re.findall("`+", code(text)))) <= 80
    assert max(map(len, re.findall("`+", fenced(text)))) <= 255


def test_a_path_in_an_address_is_what_git_has_byte_by_byte() -> None:
    assert markdown.address("a b/ü|(1)\udce9#?.py") == "a%20b/%C3%BC%7C%281%29%E9%23%3F.py"


LONG = [
    "`",
    "`a",
    "`` ` ",
    "*",
    "**a ",
    "*a* ",
    "@",
    "@a",
    "#1",
    "[",
    "<",
    "<!--",
    "&a",
    "\\",
    "$",
    "_",
    "a_",
    "\n",
    "- ",
]
LONG += ["- a\n", "  - a\n", "1. ", "> ", " ", "\t", "https://", "https://x ", "www.", "://", "```\n", "~~~\na\n", "|"]
LONG += ["    x\n\n", "\n    ", "~", "-", "1"]


@pytest.mark.parametrize("part", LONG)
def test_long_texts_take_time_in_proportion(part: str) -> None:
    text = (part * 50_000)[:50_000]
    start = time.process_time()
    harmless(text)
    phrase(text)
    assert time.process_time() - start < 3
