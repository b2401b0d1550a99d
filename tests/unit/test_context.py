"""What is shown beside a diff: what helps, and nothing that the diff shows already."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot import syntax
from reviewbot.aside import Aside, AsideReason
from reviewbot.diff import FileDiff, Status
from reviewbot.stages.context import MOST_BYTES, MOST_FILES, MOST_HITS, MOST_WORDS, WHOLE, context
from tests.support.language_trees import CASES, Case
from tests.support.reviews import file, hunk
from tests.support.trees import LineSize, MemoryTree, beside, diff, shown


def _all(_: str) -> bool:
    """Every file may be shown."""
    return True


EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def _by_line(asides: tuple[Aside, ...]) -> dict[str, str]:
    return {line: one.reason.value for one in asides for line in shown([one])}


def _diff_lines(files: tuple[FileDiff, ...]) -> set[tuple[str, int]]:
    return {(one.path, line.new) for one in files for part in one.hunks for line in part.lines if line.new is not None}


def _aside_lines(asides: tuple[Aside, ...]) -> list[tuple[str, int]]:
    return [(one.path, number) for one in asides for number in range(one.start, one.end + 1)]


@EACH
def test_what_a_change_needs_is_shown_with_its_reason(case: Case) -> None:
    found = _by_line(beside(case.before, case.after))
    in_diff = {f"{path}:{number}" for path, number in _diff_lines(diff(case.before, case.after))}
    wanted = {line: reason for line, reason in case.shows if ":".join(line.split(":")[:2]) not in in_diff}
    assert {line: found.get(line) for line in wanted} == wanted


@EACH
def test_most_of_what_is_wanted_does_not_stand_in_the_diff(case: Case) -> None:
    in_diff = {f"{path}:{number}" for path, number in _diff_lines(diff(case.before, case.after))}
    assert sum(":".join(line.split(":")[:2]) not in in_diff for line, _ in case.shows) >= 2


@EACH
def test_what_has_nothing_to_do_with_a_change_is_not_shown(case: Case) -> None:
    text = "\n".join(shown(beside(case.before, case.after)))
    assert [line for line in case.hides if line in text] == []


@EACH
def test_no_line_stands_twice_and_every_piece_is_what_the_tree_holds(case: Case) -> None:
    asides = beside(case.before, case.after)
    lines = _aside_lines(asides)
    assert len(lines) == len(set(lines))
    assert not set(lines) & _diff_lines(diff(case.before, case.after))
    for one in asides:
        assert list(one.lines) == case.after[one.path].split("\n")[one.start - 1 : one.end]


@EACH
@pytest.mark.parametrize("room", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
def test_less_room_shows_less(case: Case, room: int) -> None:
    asides = beside(case.before, case.after, room=room)
    assert sum(map(LineSize().aside, asides)) <= room
    assert len(_aside_lines(asides)) <= len(_aside_lines(beside(case.before, case.after)))


@EACH
def test_the_same_is_shown_again(case: Case) -> None:
    assert beside(case.before, case.after, room=30) == beside(case.before, case.after, room=30)


@EACH
def test_one_search_asks_for_all_words(case: Case) -> None:
    tree = MemoryTree(case.after)
    beside(case.before, case.after, tree=tree)
    assert len(tree.searches) == 1
    assert Counter(tree.reads).most_common(1)[0][1] == 1


@EACH
def test_a_file_is_shown_without_its_credentials_and_hidden_once(case: Case) -> None:
    hidden: list[str] = []

    def hide(text: str) -> str:
        hidden.append(text)
        return "\n".join("<hidden>" for _ in text.split("\n"))

    files = diff(case.before, case.after)
    asides = context(
        files, tree=MemoryTree(case.after), syntax=syntax.outline, hide=hide, size=LineSize(), room=10**6, shown=_all
    )
    assert {line for one in asides for line in one.lines} == {"<hidden>"}
    assert len(hidden) == len(set(hidden))


_PIECES = st.lists(
    st.sampled_from(
        [line for case in CASES for text in case.before.values() for line in text.split("\n")]
        + ["", "\r", "\udcff\udcfe", "\x00", "漢字 = 1", "def f(:", "}}}}", "((((((", '"""', "\u2028", "/*"]
    ),
    max_size=30,
).map("\n".join)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["a.py", "a.js", "a.tsx", "a.go", "a.rs", "A.java", "a.h", "a.cpp", "a.rb", "a.txt", "a.json"]),
    _PIECES,
    _PIECES,
    _PIECES,
    st.integers(0, 120),
)
def test_whatever_the_text_the_room_is_kept_and_the_diff_is_not_repeated(
    path: str, before: str, after: str, other: str, room: int
) -> None:
    old, new = {path: before + "\n"}, {path: after + "\n", f"lib/b{path}": other}
    files = diff(old, {path: new[path]})
    asides = context(
        files, tree=MemoryTree(new), syntax=syntax.outline, hide=str, size=LineSize(), room=room, shown=_all
    )
    lines = _aside_lines(asides)
    assert sum(map(LineSize().aside, asides)) <= room
    assert len(lines) == len(set(lines))
    assert not set(lines) & _diff_lines(files)
    for one in asides:
        assert one.lines[0].strip()
        assert one.lines[-1].strip()
        assert list(one.lines) == new[one.path].split("\n")[one.start - 1 : one.end]


class _Growing:
    """A piece is more expensive than its parts."""

    def aside(self, aside: Aside) -> int:
        return len(aside.lines) ** 2


@EACH
def test_the_room_is_kept_where_a_whole_takes_more_than_its_parts(case: Case) -> None:
    files, tree = diff(case.before, case.after), MemoryTree(case.after)
    asides = context(files, tree=tree, syntax=syntax.outline, hide=str, size=_Growing(), room=60, shown=_all)
    assert 0 < sum(map(_Growing().aside, asides)) <= 60


def _python(body: str, *, above: str = "", below: str = "") -> str:
    return f"{above}def work(one, two):\n{body}\n{below}"


def _filler(count: int, start: int = 0) -> str:
    return "\n".join(f"    step_{number} = {number}" for number in range(start, start + count))


def test_a_small_function_is_shown_whole_and_a_large_one_around_the_change() -> None:
    for lines, whole in ((WHOLE - 4, True), (WHOLE + 40, False)):
        before = {"a.py": _python(_filler(lines) + "\n    return one")}
        after = {"a.py": before["a.py"].replace(f"step_{lines // 2} = ", f"step_{lines // 2} = 1 + ")}
        numbers = [number for _, number in _aside_lines(beside(before, after))]
        assert (len(numbers) == lines + 2 - 7) is whole
        assert 1 in numbers


_MANY = {
    "a.py": ("class A(\n    B,\n):\n    rights = (ONE, TWO)\n", "    def f_{n}(self):\n        return {n}\n"),
    "A.java": ("class A {\n    @Held int lock;\n", "    int f_{n}() {\n        return {n};\n    }\n"),
    "a.rb": ("class A < B\n  before_action :rights, only: [:f_1]\n", "  def f_{n}\n    return {n}\n  end\n"),
    "a.ts": ("class A {\n  private lock = new Lock();\n", "  f_{n}() {\n    return {n};\n  }\n"),
    "a.cpp": ("class A {\n  std::mutex lock;\n public:\n", "  int f_{n}() {\n    return {n};\n  }\n"),
}


@pytest.mark.parametrize("path", _MANY)
def test_of_a_large_class_stands_what_it_says_before_its_first_method(path: str) -> None:
    top, method = _MANY[path]
    methods = "".join(f"\n{method.replace('{n}', str(number))}" for number in range(15))
    end = "end\n" if path == "a.rb" else "}\n" if path != "a.py" else ""
    before = {path: top + methods + end}
    found = shown(beside(before, {path: before[path].replace("return 9", "return 90")}))
    wanted = [f"{path}:{number}:{line}" for number, line in enumerate(top.split("\n")[:-1], 1)]
    assert found[: len(wanted)] == wanted
    assert not any("f_0" in line for line in found)


def test_the_head_of_a_class_has_an_end() -> None:
    top = "class A:\n" + "".join(f"    part_{number} = {number}\n" for number in range(40))
    before = {"a.py": top + "\n    def f(self):\n        x = 1\n        y = 1\n        z = 1\n        return x\n"}
    found = shown(beside(before, {"a.py": before["a.py"].replace("return x", "return 1")}))
    assert [line for line in found if "part" in line] == [f"a.py:{n + 2}:    part_{n} = {n}" for n in range(8)]
    alone = {"a.py": top}
    found = shown(beside(alone, {"a.py": top.replace("part_39 = 39", "part_39 = 40")}))
    assert "a.py:9:    part_7 = 7" in found
    assert "a.py:10:    part_8 = 8" not in found


def test_brackets_alone_are_not_shown() -> None:
    before = {"a.js": "function work() {\n  a();\n  b();\n  c();\n  d();\n  e();\n}\n"}
    assert beside(before, {"a.js": before["a.js"].replace("b()", "z()")}) == ()
    assert shown(beside(before, {"a.js": before["a.js"].replace("a()", "z()")})) == ["a.js:6:  e();", "a.js:7:}"]


def test_several_changes_in_one_large_function_share_its_signature() -> None:
    before = {"a.py": _python(_filler(200) + "\n    return one")}
    after = {"a.py": before["a.py"].replace("step_40 = ", "step_40 = 1 + ").replace("step_160 = ", "step_160 = 1 + ")}
    lines = shown(beside(before, after))
    assert lines.count("a.py:1:def work(one, two):") == 1
    assert {"a.py:52:    step_50 = 50", "a.py:152:    step_150 = 150"} <= set(lines)
    assert "a.py:102:    step_100 = 100" not in lines


def test_where_only_little_fits_the_signature_stays() -> None:
    before = {"a.py": _python(_filler(30) + "\n    return one")}
    after = {"a.py": before["a.py"].replace("step_15 = ", "step_15 = 1 + ")}
    assert shown(beside(before, after, room=2)) == ["a.py:1:def work(one, two):"]


def test_what_is_around_a_change_leaves_half_the_room_to_what_is_elsewhere() -> None:
    before = {"a.py": _python(_filler(40) + "\n    return one"), "b.py": "import a\n\n\ndef go():\n    a.work(1, 2)\n"}
    after = before | {"a.py": before["a.py"].replace("step_20 = ", "step_20 = 1 + ")}
    assert "b.py:5:    a.work(1, 2)" in shown(beside(before, after, room=38))


def test_what_a_deleted_file_defined_is_missed_by_its_callers() -> None:
    before = {
        "lib/gone.py": "def vanished():\n    return 1\n",
        "b.py": "from lib.gone import vanished\n\nx = vanished()\n",
    }
    after = {"b.py": before["b.py"]}
    asides = beside(before, after)
    assert [(one.reason, one.name, one.lines) for one in asides] == [
        (AsideReason.CALLER, "vanished", ("x = vanished()",))
    ]


def test_the_callers_of_a_constructor_are_those_of_its_class() -> None:
    before = {
        "shop/cart.py": "class Cart:\n    def __init__(self, items):\n        self.items = items\n",
        "page.py": "from shop.cart import Cart\n\n\ndef page():\n    return Cart([])\n",
    }
    after = before | {"shop/cart.py": before["shop/cart.py"].replace("(self, items)", "(self, items, owner)")}
    assert "page.py:5:    return Cart([])" in shown(beside(before, after))


def test_a_name_that_is_everywhere_says_nothing() -> None:
    users = {f"use_{number}.py": "import a\n\nwork(1)\n" for number in range(MOST_HITS + 1)}
    before = {"a.py": _python("    return one")} | users
    after = before | {"a.py": before["a.py"].replace("(one, two)", "(one)")}
    assert beside(before, after) == ()


def test_callers_are_few_the_nearest_first_and_tests_last() -> None:
    users = {
        "tests/test_a.py": "from lib.a import work\n\n\ndef test_it():\n    work(0)\n",
        "far/b.py": "def far():\n    work(1)\n",
        "lib/c.py": "def same_folder():\n    work(2)\n    work(22)\n",
        "far/d.py": "from lib.a import work\n\n\ndef imports():\n    work(3)\n",
    }
    before = {"lib/a.py": _python("    return one")} | users
    after = before | {"lib/a.py": before["lib/a.py"].replace("(one, two)", "(one)")}
    assert [one.path for one in beside(before, after)] == ["far/d.py", "lib/c.py", "far/b.py"]
    after = after | {"far/b.py": ""}
    assert [one.path for one in beside(before | {"far/b.py": ""}, after)] == ["far/d.py", "lib/c.py", "tests/test_a.py"]


_THROUGH = {
    "python": (
        "a.py",
        "def send(x):\n    return keep(x)\n\n\n# _\n# _\n# _\ndef keep(x):\n    return x\n",
        "from a import send\n\n\ndef far():\n    return send(1)\n",
    ),
    "java": (
        "A.java",
        "class A {\n  int send(int x) {\n    return keep(x);\n  }\n\n\n\n  int keep(int x) {\n    return x;\n  }\n}\n",
        "class B {\n  int far(A a) {\n    return a.send(1);\n  }\n}\n",
    ),
    "go": (
        "a.go",
        "package a\n\nfunc send(x int) int {\n\treturn keep(x)\n}\n\n\n\nfunc keep(x int) int {\n\treturn x\n}\n",
        "package a\n\nfunc far() int {\n\treturn send(1)\n}\n",
    ),
    "javascript": (
        "a.js",
        "export const client = {\n  send: (x) => keep(x),\n};\n\n\n\nfunction keep(x) {\n  return x\n}\n",
        "function far(a) {\n  return a.send(1);\n}\n",
    ),
}


@pytest.mark.parametrize("language", _THROUGH)
def test_what_only_its_own_file_uses_is_followed_to_those_who_use_that(language: str) -> None:
    path, near, far = _THROUGH[language]
    others = {
        "nothing": "",
        "comment": "# keep\n" if language == "python" else "// keep\n",
        "use": far.replace("send(1)", "keep(2)").replace("import send", "import keep"),
    }
    for what, text in others.items():
        before = {path: near, f"far/{path}": far, f"other/{path}": text}
        lines = shown(beside(before, before | {path: near.replace("return x", "return x + 1")}))
        assert any("send(1)" in line for line in lines) is (what != "use")
        assert any("keep(2)" in line for line in lines) is (what == "use")


def test_where_others_define_the_same_name_only_near_callers_count() -> None:
    before = {
        "lib/a.py": _python("    return one"),
        "far/other.py": "def work():\n    return 5\n",
        "far/user.py": "from other import work\n\nprint(work())\n",
        "near.py": "from lib.a import work\n\nprint(work(1, 2))\n",
    }
    after = before | {"lib/a.py": before["lib/a.py"].replace("(one, two)", "(one)")}
    assert [one.path for one in beside(before, after)] == ["near.py"]


def test_of_many_definitions_the_imported_one_is_meant() -> None:
    others = {f"far_{number}/x.py": "def helper():\n    return 'far'\n" for number in range(6)}
    before = {"a.py": "from near.tools import helper\n\n\ndef work():\n    return 1\n"} | others
    before |= {"near/tools.py": "def helper():\n    return 'near'\n"}
    after = before | {"a.py": before["a.py"].replace("return 1", "return helper()")}
    assert sorted(one.path for one in beside(before, after)) == ["a.py", "near/tools.py"]


def test_of_many_far_definitions_none_is_shown() -> None:
    others = {f"far_{number}/x.py": "def helper():\n    return 'far'\n" for number in range(6)}
    before = {"a.py": "def work():\n    return 1\n"} | others
    after = before | {"a.py": before["a.py"].replace("return 1", "return helper()")}
    assert beside(before, after) == ()


def test_a_local_name_is_not_explained_by_a_function_elsewhere() -> None:
    before = {"a.py": _python("    total = one\n    return two"), "far/b.py": "def total():\n    return 5\n"}
    after = before | {"a.py": before["a.py"].replace("return two", "return total")}
    assert beside(before, after) == ()


def test_a_larger_definition_is_shown_by_its_head() -> None:
    body = "\n".join(f"    line_{number} = {number}" for number in range(60))
    before = {
        "a.py": "def work():\n    return 1\n",
        "b.py": f"def helper(a,\n           b):\n    '''Says.'''\n{body}\n",
    }
    after = before | {"a.py": before["a.py"].replace("return 1", "return helper()")}
    (one,) = beside(before, after)
    assert (one.path, one.start, one.lines[:3]) == ("b.py", 1, ("def helper(a,", "           b):", "    '''Says.'''"))
    assert len(one.lines) == 8


def test_no_more_words_and_files_are_asked_for_than_are_worth_it() -> None:
    calls = "\n".join(f"    helper_{number}()" for number in range(MOST_WORDS * 2))
    files = {f"lib/h{number}.py": f"def helper_{number}():\n    pass\n" for number in range(MOST_WORDS * 2)}
    before = {"a.py": "def work():\n    pass\n"} | files
    after = before | {"a.py": f"def work():\n{calls}\n"}
    tree = MemoryTree(after)
    asides = beside(before, after, tree=tree, room=10**6)
    assert [len(words) for words in tree.searches] == [MOST_WORDS]
    assert len(tree.reads) == MOST_FILES + 1
    assert len(asides) == MOST_FILES


def test_no_more_bytes_are_read_than_are_worth_it() -> None:
    long = "#" * (MOST_BYTES // 9) + "\n"
    files = {f"lib/h{number}.py": f"def helper_{number}():\n    pass\n{long}" for number in range(12)}
    before = {"a.py": "def work():\n    pass\n"} | files
    after = before | {"a.py": "def work():\n" + "".join(f"    helper_{number}()\n" for number in range(12))}
    assert len(beside(before, after, room=10**6)) == 8


@pytest.mark.parametrize(
    "content", [None, b"def helper():\n    return '\0'\n"], ids=["a file that is not there", "a file that is no text"]
)
def test_what_cannot_be_read_is_not_shown(content: bytes | None) -> None:
    before = {"a.py": "def work():\n    return 1\n", "b.py": "def helper():\n    return 5\n"}
    after = before | {"a.py": "def work():\n    return helper()\n"}

    class Tree(MemoryTree):
        def read(self, path: str) -> bytes | None:
            return content if path == "b.py" else MemoryTree.read(self, path)

    assert beside(before, after, tree=Tree(after)) == ()


@pytest.mark.parametrize("path", ["notes.txt", "data.json", "settings.toml"])
def test_beside_what_is_no_code_nothing_is_shown(path: str) -> None:
    tree = MemoryTree({path: "a = 2\n"})
    assert beside({path: "a = 1\n"}, {path: "a = 2\n"}, tree=tree) == ()
    assert tree.searches == []


def test_a_tree_that_is_not_the_reviewed_one_is_left_alone() -> None:
    before, after = {"a.py": _python(_filler(50))}, {"a.py": _python(_filler(50) + "\n    return 1")}
    assert beside(before, after, tree=MemoryTree({"a.py": "def work():\n    return 1\n"})) == ()


def test_a_change_without_lines_needs_nothing() -> None:
    tree = MemoryTree({"a.py": "x = 1\n"})
    empty = FileDiff("a.py", Status.RENAMED, (), "b.py")
    assert context([empty], tree=tree, syntax=syntax.outline, hide=str, size=LineSize(), room=50, shown=_all) == ()
    assert tree.reads == []


def test_a_change_outside_of_everything_asks_for_what_it_uses() -> None:
    before = {"a.py": "x = 1\n", "b.py": "def helper():\n    return 5\n"}
    after = before | {"a.py": "import b\n\nx = 1\nb.helper()\n"}
    assert [(one.path, one.reason) for one in beside(before, after)] == [("b.py", AsideReason.DEFINITION)]


def test_short_and_special_names_are_not_searched_for() -> None:
    before = {"a.py": "def work(fn):\n    return 1\n\n\ndef do():\n    return 2\n"}
    after = {"a.py": before["a.py"].replace("return 1", "return fn(q(), do(), __file__, _)")}
    tree = MemoryTree(after)
    beside(before, after, tree=tree)
    assert tree.searches == [("work",)]


def test_a_part_of_a_file_is_enough() -> None:
    case = CASES[0]
    (whole,) = diff(case.before, case.after)
    assert len(whole.hunks) == 1
    part = replace(whole, hunks=whole.hunks[0].parts([5])[:1])
    asides = context(
        [part, part],
        tree=MemoryTree(case.after),
        syntax=syntax.outline,
        hide=str,
        size=LineSize(),
        room=100,
        shown=_all,
    )
    assert 'shop/prices.py:18:    rate = lookup_rate("EUR", currency, day)' in shown(asides)
    assert not set(_aside_lines(asides)) & _diff_lines((part,))


def test_a_deletion_at_the_top_has_nothing_around_it() -> None:
    change = file("a.py", hunk("-import os", " x = 1"))
    tree = MemoryTree({"a.py": "x = 1\n"})
    assert context([change], tree=tree, syntax=syntax.outline, hide=str, size=LineSize(), room=50, shown=_all) == ()


@EACH
def test_what_is_not_to_be_shown_is_neither_shown_nor_read(case: Case) -> None:
    files, tree = diff(case.before, case.after), MemoryTree(case.after)
    own = {one.path for one in files}
    asides = context(
        files, tree=tree, syntax=syntax.outline, hide=str, size=LineSize(), room=200, shown=lambda _: False
    )
    assert {one.path for one in asides} | set(tree.reads) <= own


def test_a_blank_line_alone_is_not_shown() -> None:
    before = {"a.py": _python(_filler(10) + "\n\n" + _filler(10, 10))}
    after = {"a.py": before["a.py"].replace("step_6 = ", "step_6 = 1 + ").replace("step_13 = ", "step_13 = 1 + ")}
    assert len(diff(before, after)[0].hunks) == 2
    assert "a.py:12:" not in shown(beside(before, after))


def test_a_caller_in_a_large_function_is_shown_with_the_function_s_first_line() -> None:
    caller = f"import a\n\n\ndef large():\n{_filler(20)}\n    a.work(1)\n{_filler(20)}\n"
    before = {"a.py": _python("    return one"), "b.py": caller}
    after = before | {"a.py": before["a.py"].replace("(one, two)", "(one)")}
    assert [line.partition(":")[2] for line in shown(beside(before, after))] == [
        "4:def large():",
        "23:    step_18 = 18",
        "24:    step_19 = 19",
        "25:    a.work(1)",
        *(f"{26 + number}:    step_{number} = {number}" for number in range(5)),
    ]
    *_, last = shown(beside(before, after, room=8))
    assert last == "b.py:27:    step_1 = 1"


def test_fields_are_explained_in_their_own_file_only() -> None:
    before = {
        "A.java": "class A {\n    int limit = 3;\n" + "\n" * 40 + "    int f() {\n        return 1;\n    }\n}\n",
        "B.java": "class B {\n    int limit = 4;\n}\n",
    }
    after = before | {"A.java": before["A.java"].replace("return 1", "return limit")}
    assert [line for line in shown(beside(before, after)) if "limit" in line] == ["A.java:2:    int limit = 3;"]


def test_a_file_that_no_parser_can_read_is_not_shown() -> None:
    hard = "def helper():\n    pass\n" + "(" * 5_000 + "\n"
    before = {"a.py": "def work():\n    return 1\n", "b.py": hard}
    after = before | {"a.py": "def work():\n    return helper()\n"}
    assert beside(before, after) == ()
    assert beside(before | {"b.py": hard[:24]}, after | {"b.py": hard[:24]}) != ()


def test_a_line_that_helps_in_two_ways_is_shown_for_the_first() -> None:
    before = {"a.py": "def work(one):\n    x = 1\n    y = 2\n    z = 3\n\n    return one\n"}
    after = {"a.py": before["a.py"].replace("return one", "return work(one)")}
    assert [one.reason for one in beside(before, after)] == [AsideReason.ENCLOSING]
