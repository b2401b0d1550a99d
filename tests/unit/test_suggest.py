"""Suggestions that would spoil their file are taken away, and nothing else is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Side, Status
from reviewbot.finding import Anchor, Finding
from reviewbot.mending import Left, Text, mend
from reviewbot.stages.suggest import MOST_CHARACTERS, MOST_LINES, Proven, suggest
from reviewbot.syntax import errors
from reviewbot.withheld import Flaw, Withheld, told
from tests.support.reviews import draft, file, hunk

PYTHON = """\
import os


def mean(prices):
    total = sum(prices)
    if not prices:
        return 0
    return total / 2


def main():
    print(mean([1, 2]))
"""
GO = """\
package main

func first(rows []int) int {
\tfor _, row := range rows {
\t\tif row > 0 {
\t\t\treturn row
\t\t}
\t}
\treturn 0
}
"""
RETURN = "    return total / 2"
BETTER = "    return total / len(prices)"


def found(text: str, excerpt: str, suggestion: str | None, *, path: str = "a.py", title: str = "Wrong") -> Finding:
    """A finding at the first place where these lines stand."""
    lines = excerpt.split("\n")
    start = Text.of(text).places(lines)[0] + 1
    anchor = Anchor(path, Side.NEW, start, start + len(lines) - 1)
    return Finding(anchor, tuple(lines), draft(title, suggestion=suggestion))


def judged(
    one: Finding, texts: Mapping[str, str], files: Sequence[FileDiff] = (), *, parsed: bool = True
) -> Flaw | None:
    made = suggest([one], files=files, content=texts.get, errors=errors if parsed else lambda _path, _text: None)
    if made.withheld:
        assert made.findings == (replace(one, draft=replace(one.draft, suggestion=None)),)
        return made.withheld[0].flaw
    assert made.findings == (one,)
    return None


def flaw(text: str, excerpt: str, suggestion: str, *, path: str = "a.py", parsed: bool = True) -> Flaw | None:
    return judged(found(text, excerpt, suggestion, path=path), {path: text}, parsed=parsed)


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path"),
    [
        pytest.param(PYTHON, RETURN, BETTER, "a.py", id="a line"),
        pytest.param(PYTHON, RETURN, f"    count = len(prices)\n{BETTER}", "a.py", id="more lines"),
        pytest.param(PYTHON, "    if not prices:\n        return 0", "", "a.py", id="deleted lines"),
        pytest.param(PYTHON, "import os", "", "a.py", id="a deleted first line"),
        pytest.param(PYTHON, "        return 0", "        return 0.0\n", "a.py", id="an end that belongs to no line"),
        pytest.param(PYTHON, RETURN, "    # Not two.\n" + BETTER, "a.py", id="a comment"),
        pytest.param(PYTHON, "def main():", "@cache\ndef main():", "a.py", id="a line before"),
        pytest.param(PYTHON, "    print(mean([1, 2]))", "    print(\n\n        1)", "a.py", id="blank lines within"),
        pytest.param(GO, "\t\t\treturn row", "\t\t\tif ok(row) {\n\t\t\t\treturn row\n\t\t\t}", "a.go", id="a block"),
        pytest.param(GO, "\treturn 0", "\t/*\n\t * None.\n\t */\n\treturn -1", "a.go", id="a comment of several lines"),
        pytest.param("x = 1\nx = 1\ny = 2\n", "x = 1", "x = 1\nz = 3", "a.py", id="a copy that was there before"),
        pytest.param("x = 1\ny = 2\ny = 2\n", "y = 2", "z = 3\ny = 2", "a.py", id="its own last line"),
        pytest.param("a\r\n  b\r\nc\r\n", "  b", "  d\n  e", "a.txt", id="CRLF"),
        pytest.param(
            "int f() {\n  int y;\n  int x;\n  x();\n}\n",
            "  int x;",
            "#if X\n  int x;\n#endif",
            "a.c",
            id="preprocessor",
        ),
        pytest.param("k: 1\nlist:\n- a\n", "k: 1", "k: 2", "a.yaml", id="YAML"),
        pytest.param('{\n  "a": 1,\n  "b": 2\n}\n', '  "b": 2', '  "b": 3,\n  "c": 4', "a.json", id="JSON"),
    ],
)
def test_a_right_suggestion_goes_on_as_it_is(text: str, excerpt: str, suggestion: str, path: str) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is None


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path", "expected"),
    [
        pytest.param(PYTHON, RETURN, "    return (total / 2", "a.py", Flaw.BROKEN_SYNTAX, id="a bracket left open"),
        pytest.param(GO, "\t\t\treturn row", "\t\t\treturn )", "a.go", Flaw.BROKEN_SYNTAX, id="Go"),
        pytest.param('{\n  "a": 1\n}\n', '  "a": 1', '  "a": 1,\n  "b"', "a.json", Flaw.BROKEN_SYNTAX, id="JSON"),
        pytest.param("a = 1\n", "a = 1", "a = = 1", "a.toml", Flaw.BROKEN_SYNTAX, id="TOML"),
        pytest.param("a: 1\nb: 2\n", "a: 1", "a: [1", "a.yaml", Flaw.BROKEN_SYNTAX, id="YAML"),
        pytest.param(
            PYTHON, "    if not prices:", "    if prices:\n        return 0", "a.py", Flaw.REPEATS_CONTEXT, id="after"
        ),
        pytest.param(PYTHON, RETURN, f"        return 0\n{BETTER}", "a.py", Flaw.REPEATS_CONTEXT, id="before"),
        pytest.param(
            PYTHON,
            "        return 0",
            f"    if not prices:\n        return None\n{RETURN}",
            "a.py",
            Flaw.REPEATS_CONTEXT,
            id="both",
        ),
        pytest.param(
            PYTHON,
            RETURN,
            f"    if not prices:\n        return 0\n{BETTER}",
            "a.py",
            Flaw.REPEATS_CONTEXT,
            id="several lines before",
        ),
        pytest.param(
            PYTHON,
            "    if not prices:",
            "total = sum(prices)\n    if total:",
            "a.py",
            Flaw.REPEATS_CONTEXT,
            id="a copy that lost its blanks",
        ),
        pytest.param(GO, "\t\t\treturn row", "\t\t\treturn -row\n\t\t}", "a.go", Flaw.REPEATS_CONTEXT, id="a brace"),
        pytest.param(
            GO, "\t\t\treturn row", "            return -row", "a.go", Flaw.ODD_INDENTATION, id="blanks in Go"
        ),
        pytest.param(PYTHON, RETURN, "\treturn total", "a.py", Flaw.ODD_INDENTATION, id="a tab among blanks"),
        pytest.param(GO, "\t\t\treturn row", "return -row", "a.go", Flaw.ODD_INDENTATION, id="indentation lost"),
        pytest.param(PYTHON, RETURN, RETURN, "a.py", Flaw.UNCHANGED, id="nothing changes"),
        pytest.param(PYTHON, RETURN, "    return total  / 2", "a.py", Flaw.UNCHANGED, id="white space changes"),
        pytest.param(PYTHON, RETURN, BETTER + "  # \u202ex", "a.py", Flaw.HIDDEN_CHARACTERS, id="turned text"),
        pytest.param(PYTHON, RETURN, BETTER + "\x1b[2K", "a.py", Flaw.HIDDEN_CHARACTERS, id="an escape sequence"),
        pytest.param(PYTHON, RETURN, "    x()\n" * (MOST_LINES + 1), "a.py", Flaw.TOO_LONG, id="many lines"),
        pytest.param(PYTHON, RETURN, "    #" + "x" * MOST_CHARACTERS, "a.py", Flaw.TOO_LONG, id="a long line"),
    ],
)
def test_a_suggestion_that_would_spoil_the_file_is_taken_away(
    text: str, excerpt: str, suggestion: str, path: str, expected: Flaw
) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is expected


def test_the_longest_suggestion_is_kept() -> None:
    assert flaw(PYTHON, RETURN, "\n".join(f"    x({at})" for at in range(MOST_LINES))) is None


@pytest.mark.parametrize("suggestion", ["    return total / (2", "    return total / 3"])
def test_what_was_wrong_with_the_file_before_is_not_held_against_it(suggestion: str) -> None:
    broken = PYTHON.replace("def main():", "def main(:").replace(RETURN, "    return total / (2)")
    worse = "(2" in suggestion
    assert flaw(broken, "    return total / (2)", suggestion) is (Flaw.BROKEN_SYNTAX if worse else None)


def test_a_suggestion_that_mends_the_syntax_is_kept() -> None:
    assert flaw(PYTHON.replace(RETURN, "    return total / (2"), "    return total / (2", BETTER) is None


@pytest.mark.parametrize("path", ["a.unknown", "README"])
def test_where_nobody_can_parse_a_suggestion_passes(path: str) -> None:
    assert flaw(PYTHON, RETURN, "    return (total", path=path) is None


def test_where_the_mended_file_cannot_be_parsed_a_suggestion_passes() -> None:
    one = found(PYTHON, RETURN, BETTER)
    made = suggest([one], files=(), content={"a.py": PYTHON}.get, errors=lambda _, text: 0 if text == PYTHON else None)
    assert made == Proven((one,), ())


def test_a_finding_without_a_suggestion_is_not_looked_at() -> None:
    def nobody(*_: str) -> None:
        raise AssertionError

    one = found(PYTHON, RETURN, None)
    assert suggest([one], files=(), content=nobody, errors=nobody) == Proven((one,), ())


def test_each_file_is_read_and_parsed_once_as_it_is() -> None:
    read, parsed = [], []

    def content(path: str) -> str:
        read.append(path)
        return PYTHON

    def count(path: str, text: str) -> int | None:
        parsed.append((path, text))
        return errors(path, text)

    both = [found(PYTHON, RETURN, BETTER), found(PYTHON, "        return 0", "        return 1")]
    assert suggest(both, files=(), content=content, errors=count) == Proven(tuple(both), ())
    assert read == ["a.py"]
    assert parsed.count(("a.py", PYTHON)) == 1


# Lines that overlap, are gone, or are not there


def test_two_suggestions_for_the_same_lines_are_judged_alone() -> None:
    lines = "    if not prices:\n        return 0"
    both = [found(PYTHON, lines, "    assert prices"), found(PYTHON, "        return 0", "        return None")]
    assert suggest(both, files=(), content={"a.py": PYTHON}.get, errors=errors) == Proven(tuple(both), ())


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(
            Finding(Anchor("a.py", Side.OLD, 8, 8), (RETURN,), draft(suggestion=BETTER)), id="lines that are gone"
        ),
        pytest.param(
            Finding(Anchor("a.py", Side.NEW, 8, 8), ("other",), draft(suggestion=BETTER)), id="lines that never were"
        ),
        pytest.param(
            Finding(Anchor("b.py", Side.NEW, 8, 8), (RETURN,), draft(suggestion=BETTER)), id="a file that is not there"
        ),
        pytest.param(
            Finding(Anchor("a.py", Side.NEW, 80, 80), (RETURN,), draft(suggestion=BETTER)), id="behind the end"
        ),
    ],
)
def test_a_suggestion_without_its_lines_is_taken_away(one: Finding) -> None:
    gone = FileDiff("a.py", Status.DELETED, (hunk("-a", new=0),))
    assert judged(one, {"a.py": PYTHON}, [file("a.py", hunk("+x", new=80)), gone]) is Flaw.UNPLACED


# Where the whole file is not at hand

PART = file("a.py", hunk(" first()", "-old()", "+    new(x)", "+    last(x)", " }", old=10, new=10))


@pytest.mark.parametrize("texts", [{}, {"a.py": PYTHON}], ids=["no file", "another version of the file"])
@pytest.mark.parametrize(
    ("suggestion", "expected"),
    [
        ("    new(y)", None),
        ("    new((", None),
        ("    new(y)\n    last(x)", Flaw.REPEATS_CONTEXT),
        ("first()\n    new(y)", Flaw.REPEATS_CONTEXT),
        ("\tnew(y)", Flaw.ODD_INDENTATION),
        ("    new(x)", Flaw.UNCHANGED),
    ],
)
def test_the_hunk_stands_for_a_file_that_is_not_at_hand(
    texts: Mapping[str, str], suggestion: str, expected: Flaw | None
) -> None:
    one = Finding(Anchor("a.py", Side.NEW, 11, 11), ("    new(x)",), draft(suggestion=suggestion))
    assert judged(one, texts, [file("b.py", hunk("+x")), PART]) is expected


def test_the_mark_at_the_beginning_of_a_file_is_none_of_its_first_line() -> None:
    one = Finding(Anchor("a.py", Side.NEW, 1, 1), ("\ufeffx = 1",), draft(suggestion="x = 2"))
    assert judged(one, {}, [file("a.py", hunk("+\ufeffx = 1", " y = 2"))]) is None
    assert judged(one, {"a.py": "\ufeffx = 1\ny = 2\n"}) is None


# Labels, texts of several lines, conditions for a preprocessor

C = """\
static int probe(struct dev *d)
{
\tint ret = init(d);
\tif (ret)
\t\treturn ret;
\tkfree(buf);
\treturn ret;
}
"""
CPP = """\
class Cache {
    int size_;
    void reset();
    void clear();
 public:
    ~Cache();
};
"""
QUERY = "\trows := find(`SELECT id\n  FROM users`)"


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path", "expected"),
    [
        pytest.param(GO, "\t\t\treturn row", "found:\n\t\t\treturn row", "a.go", None, id="a label in Go"),
        pytest.param(C, "\tkfree(buf);", "out: /* free */\n\tkfree(buf);", "a.c", None, id="a label in C"),
        pytest.param(C, "\tkfree(buf);", "out:\nkfree(buf);", "a.c", Flaw.ODD_INDENTATION, id="only the label may"),
        pytest.param(
            C, "\tkfree(buf);", "out:\n    kfree(buf);", "a.c", Flaw.ODD_INDENTATION, id="blanks behind a label"
        ),
        pytest.param(CPP, "    void reset();", "public:\n    void reset();", "a.hpp", None, id="access in C++"),
        pytest.param(CPP, "    void clear();", "public slots:\n    void clear();", "a.h", None, id="slots"),
        pytest.param(
            CPP, "    void clear();", "void clear(int n);", "a.hpp", Flaw.ODD_INDENTATION, id="C++ at the margin"
        ),
        pytest.param(
            PYTHON,
            "    total = sum(prices)\n    if not prices:",
            "else:\n    if prices is None:",
            "a.py",
            Flaw.BROKEN_SYNTAX,
            id="no label in Python",
        ),
        pytest.param(
            "a:\n  b: 1\n  c: 2\n  d: 3\n",
            "  c: 2",
            "e:\n  c: 3",
            "a.yaml",
            Flaw.ODD_INDENTATION,
            id="no label in YAML",
        ),
        pytest.param(GO, "\treturn 0", f"{QUERY}\n\treturn rows[0]", "a.go", None, id="a text of several lines"),
        pytest.param(
            GO, "\treturn 0", "\n    rows := find()\n\treturn 1", "a.go", Flaw.ODD_INDENTATION, id="blanks in the first"
        ),
        pytest.param(
            GO,
            "\tfor _, row := range rows {",
            "\tfor _, row := range rows {\n        log(row)",
            "a.go",
            Flaw.ODD_INDENTATION,
            id="blanks in the first that is new",
        ),
        pytest.param("A = a\n\nall:\n\tcc\n", "A = a", "A = a \\\n  b", "Makefile", None, id="a line that goes on"),
    ],
)
def test_the_first_line_of_code_shows_how_a_suggestion_is_indented(
    text: str, excerpt: str, suggestion: str, path: str, expected: Flaw | None
) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is expected


ELSE = """\
def check(user):
    if user.admin:
        allow(user)
    else:
        raise PermissionError("not allowed")
"""
CATCH = """\
function load() {
  try {
    go();
  } catch (error) {
    console.error(error);
  }
}
"""
IFDEF = """\
int f(int a)
{
#ifdef LINUX
    open_linux(a);
    close_linux(a);
#endif
    return 0;
}
"""
STEPS = """\
steps:
  - uses: actions/checkout@v4
  - run: make
  - uses: actions/checkout@v4
"""


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path"),
    [
        pytest.param(
            ELSE,
            "        allow(user)",
            "        if user.active:\n            allow(user)\n        else:\n"
            '            raise PermissionError("not allowed")',
            "a.py",
            id="else",
        ),
        pytest.param(
            CATCH,
            "    go();",
            "    try {\n      await(go());\n    } catch (error) {\n      console.error(error);\n    }",
            "a.js",
            id="catch",
        ),
        pytest.param(
            IFDEF, "    close_linux(a);", "#ifdef HAVE\n    close_linux(a);\n#endif", "a.c", id="a condition of its own"
        ),
        pytest.param(
            IFDEF,
            "    close_linux(a);",
            "#ifdef HAVE\n    close_linux(a);\n# else\n    close(a);\n#endif",
            "a.c",
            id="two sides",
        ),
        pytest.param(
            STEPS,
            "  - run: make",
            "  - uses: actions/checkout@v4\n    with:\n      path: x\n  - run: make",
            "a.yml",
            id="a step with more",
        ),
        pytest.param(
            "if (a) {\n    go();\n}\n", "    go();", "  if (b) {\n    go();\n  }", "a.js", id="a brace further right"
        ),
    ],
)
def test_what_looks_like_the_lines_around_one_level_deeper_is_none_of_them(
    text: str, excerpt: str, suggestion: str, path: str
) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is None


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path"),
    [
        pytest.param(
            ELSE,
            "        allow(user)",
            '        allow(user, 1)\n    else:\n        raise PermissionError("not allowed")',
            "a.py",
            id="else",
        ),
        pytest.param(
            CATCH, "    go();", "    run();\n  } catch (error) {\n    console.error(error);\n  }", "a.js", id="catch"
        ),
        pytest.param(IFDEF, "    close_linux(a);", "    close(a);\n#endif", "a.c", id="the end of a condition"),
        pytest.param(IFDEF, "    open_linux(a);", "#ifdef LINUX\n    open(a);", "a.c", id="a condition"),
        pytest.param(
            IFDEF,
            "    close_linux(a);",
            "#endif\n#ifdef LINUX\n    close(a);\n#endif",
            "a.c",
            id="an end before its beginning",
        ),
        pytest.param(
            IFDEF,
            "    close_linux(a);",
            "    close(a);\n#else\n    b();\n#endif",
            "a.c",
            id="a side without a condition",
        ),
        pytest.param(
            IFDEF,
            "    open_linux(a);\n    close_linux(a);",
            "#ifdef LINUX\n    close(a);\n#endif",
            "a.c",
            id="all of a condition",
        ),
        pytest.param(
            IFDEF,
            "    close_linux(a);",
            "#ifdef LINUX\n    open_linux(a);\n    close(a);\n#endif",
            "a.c",
            id="all of a condition and more",
        ),
        pytest.param(
            '#include "a.h"\n#include <b.h>\n', "#include <b.h>", '#include "a.h"\n#include <c.h>', "a.c", id="include"
        ),
        pytest.param(
            IFDEF.replace("    close", "#else\n    close"),
            "    open_linux(a);",
            "    open(a);\n#else",
            "a.c",
            id="the other side",
        ),
        pytest.param(
            "switch (kind) {\ncase FIRST:\n\tgo();\n}\n",
            "case FIRST:",
            "switch (kind) {\n\tcase SECOND:",
            "a.c",
            id="what holds more lines but in YAML",
        ),
        pytest.param(
            STEPS, "  - run: make", "  - uses: actions/checkout@v4\n  - run: make all", "a.yml", id="the step before"
        ),
        pytest.param(
            STEPS, "  - run: make", "  - run: make all\n  - uses: actions/checkout@v4", "a.yml", id="the step after"
        ),
        pytest.param(
            "a:\n  b: long name\nc: 1\n",
            "  b: long name",
            "a:\n  b: other",
            "a.yml",
            id="a key whose lines stand there",
        ),
        pytest.param(
            "first:\n  b: long name\nc: 1\n",
            "  b: long name",
            "first:\n  b: x",
            "a.yml",
            id="a key that says something",
        ),
    ],
)
def test_copies_of_the_lines_around_are_found(text: str, excerpt: str, suggestion: str, path: str) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is Flaw.REPEATS_CONTEXT


# What a grammar does not know

NODES = """\
#include <stdio.h>
static void walk(struct list *head)
{
\tstruct node *pos;
\tmutex_lock(&lock);
\tfree_all(head);
}
class Cache {
\tstd::map<int, int> map_;
};
"""
CHART = """\
metadata:
  name: x
spec:
  replicas: 1
  tls: true
"""
FREE = "\tfree_all(head);"


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path"),
    [
        (NODES, FREE, "\tpos = container_of(head, struct node, link);", "a.c"),
        (NODES, FREE, "\tlist_for_each_entry(pos, head, link) {\n\t\tkfree(pos);\n\t}", "a.c"),
        (NODES, FREE, "\tPy_BEGIN_ALLOW_THREADS\n\tfree_all(head);\n\tPy_END_ALLOW_THREADS", "a.c"),
        (NODES, FREE, '\tpos = container_of(head, struct node, link);\n\tlog("http://x");', "a.c"),
        (NODES, "static void walk(struct list *head)", "static void __init walk(struct list *head)", "a.c"),
        (NODES, "\tmutex_lock(&lock);", "\tscoped_guard(mutex, &lock) {\n\t\ttouch(head);\n\t}", "a.c"),
        (NODES, "class Cache {", "class Cache : public QObject {\n\tQ_OBJECT", "a.cpp"),
        (NODES, "class Cache {", "class CACHE_EXPORT Cache {", "a.hpp"),
        (NODES, "\tstd::map<int, int> map_;", "\tstd::map<int, int> map_ GUARDED_BY(mu_);", "a.h"),
        (CHART, "  tls: true", "  {{- if .Values.tls }}\n  tls: true\n  {{- end }}", "templates/a.yaml"),
        (CHART, "  tls: true", "  {% if tls %}\n  tls: it's\n  {% endif %}", "a.yml"),
        ("let a = 1;\n", "let a = 1;", "type B<in out T> = (t: T) => T;\ntype C<in T, out U = T> = T;", "a.ts"),
        ("let a = 1;\n", "let a = 1;", "export type * from 'b';", "a.tsx"),
        ("use a;\n", "use a;", 'unsafe extern "C" {\n    safe fn x();\n}', "a.rs"),
        ("package a;\nclass A {}\n", "package a;", "package a;\nimport module java.base;", "A.java"),
        (PYTHON, "def mean(prices):", "def mean[T](prices: list[T]):", "a.py"),
        (PYTHON, RETURN, '    return f"{total / d["k"]}"', "a.py"),
    ],
    ids=[
        "a type as an argument",
        "a macro with a block",
        "macros without an end",
        "a text that looks like a comment",
        "a macro before a name",
        "a macro before a block",
        "a macro that is all of a line",
        "a macro before a class",
        "a macro behind a field",
        "Helm",
        "Jinja",
        "variance",
        "all types of a module",
        "unsafe extern",
        "a module",
        "type parameters",
        "quotes within quotes",
    ],
)
def test_what_a_grammar_or_this_python_does_not_know_is_not_wrong(
    text: str, excerpt: str, suggestion: str, path: str
) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is None


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path"),
    [
        (NODES, FREE, "\tpos = container_of(head, struct node, link;", "a.c"),
        (NODES, FREE, "\tlist_for_each_entry(pos, head, link) {\n\t\tkfree(pos);", "a.c"),
        (NODES, FREE, '\tlog("freed);', "a.c"),
        (NODES, FREE, "\tfree_some(head)", "a.c"),
        (NODES, FREE, "\tfree_some(head) // ;", "a.c"),
        (NODES, FREE, "\t/* free_some(head);", "a.c"),
        (NODES, "class Cache {", "class CACHE_EXPORT Cache", "a.hpp"),
        (CHART, "  replicas: 1", '  replicas: {{ .Values.replicas | default "1 }}\n  x: [', "templates/a.yaml"),
        (CHART, "  replicas: 1", "  replicas: {{ .Values.replicas }", "templates/a.yaml"),
        (CHART, "  replicas: 1", "  replicas: ${{ x }}\n b: 1", "a.yaml"),
        ("let a = 1;\n", "let a = 1;", "type B<in out T> = (t: T => T;", "a.ts"),
        ("let a = 1;\n", "let a = 1;", "export type from 'b", "a.ts"),
        (PYTHON, "def mean(prices):", "def mean[T](prices: list[T]:", "a.py"),
        (PYTHON, "        return 0", "        # Nothing.", "a.py"),
        (PYTHON, RETURN, "  return total / 3", "a.py"),
    ],
    ids=[
        "a bracket",
        "a brace",
        "a quote",
        "no end",
        "an end in a comment",
        "an open comment",
        "a class without a brace",
        "a quote in a template",
        "a brace of a template",
        "a workflow",
        "a bracket behind variance",
        "a quote behind types",
        "a bracket behind type parameters",
        "a block without lines",
        "a column that no block has",
    ],
)
def test_what_is_wrong_beside_it_is_found(text: str, excerpt: str, suggestion: str, path: str) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is Flaw.BROKEN_SYNTAX


# White space that means something, and bytes that are no text

LOOP = "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n        return t\n"


@pytest.mark.parametrize(
    ("text", "excerpt", "suggestion", "path", "expected"),
    [
        (LOOP, "        return t", "    return t", "a.py", None),
        (LOOP, "        t += x\n        return t", "        t += x\n    return t", "a.py", None),
        (LOOP, "        return t", "return t", "a.py", Flaw.UNCHANGED),
        (LOOP, "        t += x", "        t  +=  x", "a.py", Flaw.UNCHANGED),
        (LOOP, "        t += x", "         t += x", "a.py", Flaw.BROKEN_SYNTAX),
        ("a:\n  b: 1\nc: 2\n", "c: 2", "  c: 2", "a.yaml", None),
        (CATCH, "    go();", "      go();", "a.js", Flaw.UNCHANGED),
    ],
    ids=[
        "left",
        "left with another line",
        "to the margin",
        "within a line",
        "to no block",
        "YAML",
        "JavaScript",
    ],
)
def test_indentation_is_a_change_where_a_language_is_read_by_it(
    text: str, excerpt: str, suggestion: str, path: str, expected: Flaw | None
) -> None:
    assert flaw(text, excerpt, suggestion, path=path) is expected


@pytest.mark.parametrize(
    ("text", "suggestion", "expected"),
    [
        ("/* \udcd7\udca2 */\nint x = 1;\n", "int x = 2; /* 修 */", Flaw.OTHER_ENCODING),
        ("/* \udcd7\udca2 */\nint x = 1;\n", "int x = 2;", None),
        ("/* 注 */\nint x = 1;\n", "int x = 2; /* 修 */", None),
        ("int x = 1;\n/* \udcd7 */\n", 'int x = 2; // "é"', Flaw.OTHER_ENCODING),
    ],
    ids=[
        "above",
        "ASCII",
        "UTF-8",
        "below",
    ],
)
def test_no_character_comes_in_that_the_file_writes_in_other_bytes(
    text: str, suggestion: str, expected: Flaw | None
) -> None:
    assert flaw(text, "int x = 1;", suggestion, path="a.c") is expected


def test_a_character_that_was_there_before_may_stay() -> None:
    text = "/* \udcd7 */\nint x = 1; /* é */\n"
    assert flaw(text, "int x = 1; /* é */", "int x = 2; /* é */", path="a.c") is None


# Laws

CODE = st.sampled_from(["", "}", "    }", "a = 1", "    b(2)", "\tc", "if x:", "    return y"])


@given(st.lists(CODE, min_size=1, max_size=8), st.lists(CODE, max_size=5), st.data())
@example(["a = 1"], [], st.data())
def test_what_passes_is_right_and_what_does_not_keeps_its_prose(
    lines: list[str], new: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(lines) - 1)) if len(lines) > 1 else 0
    stop = data.draw(st.integers(start + 1, len(lines))) if len(lines) > 1 else 1
    text = "".join(f"{line}\n" for line in lines)
    anchor = Anchor("a.py", Side.NEW, start + 1, stop)
    one = Finding(anchor, tuple(lines[start:stop]), draft(suggestion="\n".join(new)))
    made = suggest([one], files=(), content=lambda _: text, errors=errors)
    (kept,) = made.findings
    assert replace(kept, draft=replace(kept.draft, suggestion=one.draft.suggestion)) == one
    assert (kept.draft.suggestion is None) == bool(made.withheld)
    if made.withheld:
        assert made.withheld == (Withheld(anchor, one.draft.title, made.withheld[0].flaw),)
        return
    wanted = mend(one)
    assert not isinstance(wanted, Left)
    after = Text.of(text).mended([(start, wanted)])
    assert str(after) != text
    assert (errors("a.py", str(after)) or 0) <= (errors("a.py", text) or 0)


# What is told


def test_what_was_taken_away_is_told_in_a_few_words() -> None:
    anchor = Anchor("a.py", Side.NEW, 1, 1)
    some = [Withheld(anchor, "t", each) for each in (Flaw.BROKEN_SYNTAX, Flaw.UNCHANGED, Flaw.BROKEN_SYNTAX)]
    assert told(some) == "3 suggestions withheld: 1 without a change but white space, 2 breaking the syntax"
    assert told(some[:1]) == "1 suggestion withheld: breaking the syntax"
    assert told([]) == ""


@pytest.mark.parametrize("each", Flaw)
def test_every_flaw_has_words(each: Flaw) -> None:
    assert each.words
