"""What is read out of source code, whatever it looks like."""

import pickle
import time
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot import syntax
from reviewbot._syntax_parse import MOST_BRACKETS, MOST_BYTES, MOST_SECONDS
from reviewbot._syntax_table import GRAMMARS
from reviewbot.syntax import Kind, Names, Outline
from tests.support.language_trees import CASES

PATHS = [f"a{grammar.endings[0]}" for grammar in GRAMMARS]
CODE_PATHS = [f"a{grammar.endings[0]}" for grammar in GRAMMARS if grammar.family]
EACH_PATH = pytest.mark.parametrize("path", PATHS)


def _outline(path: str, text: str) -> Outline:
    found = syntax.outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def _brief(outline: Outline) -> list[tuple[str, str, int, int, tuple[int, int]]]:
    return [(one.name, one.kind.value, one.start, one.end, one.signature) for one in outline.definitions]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/a.py", "python"),
        ("a.PYI", "python"),
        ("web/a.jsx", "javascript"),
        ("a.mjs", "javascript"),
        ("a.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("a.go", "go"),
        ("a.rs", "rust"),
        ("A.java", "java"),
        ("a.c", "c"),
        ("a.h", "cpp"),
        ("a.hpp", "cpp"),
        ("a.cc", "cpp"),
        ("a.rb", "ruby"),
        ("deep/Rakefile", "ruby"),
        ("a.json", "json"),
        ("a.yml", "yaml"),
        ("Cargo.lock", "toml"),
        ("a.txt", None),
        ("py", None),
        ("a.py/readme", None),
        ("", None),
    ],
)
def test_the_language_shows_in_the_name(path: str, name: str | None) -> None:
    assert syntax.language(path) == name


def test_languages_that_call_one_another_are_searched_together() -> None:
    assert {".ts", ".tsx", ".js", ".jsx"} <= set(syntax.endings({"script"}))
    assert syntax.endings({"go"}) == (".go",)
    assert syntax.endings(()) == ()
    assert set(syntax.endings({"python", "ruby"})) >= {".py", ".rb", "Rakefile"}


DEFINED = [
    pytest.param(
        "a.py",
        """
        LIMIT = 3

        # Above.
        # Twice.
        @cache
        def plain(
            one,
            two,
        ):
            return one

        class Shop(Base):
            name: str = ""

            @property
            async def total(self):
                def inner():
                    pass
                return inner
        x = 1  # not above
        def tight(): pass
        """,
        [
            ("LIMIT", "constant", 1, 1, (1, 1)),
            ("plain", "function", 3, 10, (5, 9)),
            ("Shop", "class", 12, 19, (12, 12)),
            ("name", "field", 13, 13, (13, 13)),
            ("total", "method", 15, 19, (15, 16)),
            ("inner", "function", 17, 18, (17, 17)),
            ("x", "constant", 20, 20, (20, 20)),
            ("tight", "function", 21, 21, (21, 21)),
        ],
        id="python",
    ),
    pytest.param(
        "a.js",
        """
        const { readFile } = require("fs");
        const LIMIT = 3;

        /** Above. */
        export async function load(url) {
          return url;
        }
        const short = (a) => a;
        class Shop extends Base {
          #count = 0;
          total(a) {
            return a;
          }
          later = () => {
            return 1;
          };
        }
        exports.sell = function (x) {
          return x;
        };
        const table = {
          run: () => 5,
        };
        """,
        [
            ("LIMIT", "constant", 2, 2, (2, 2)),
            ("load", "function", 4, 7, (5, 5)),
            ("short", "function", 8, 8, (8, 8)),
            ("Shop", "class", 9, 17, (9, 9)),
            ("#count", "field", 10, 10, (10, 10)),
            ("total", "method", 11, 13, (11, 11)),
            ("later", "method", 14, 16, (14, 14)),
            ("sell", "function", 18, 20, (18, 18)),
            ("table", "constant", 21, 23, (21, 23)),
            ("run", "function", 22, 22, (22, 22)),
        ],
        id="javascript",
    ),
    pytest.param(
        "a.ts",
        """
        export interface Queue<T> {
          size(): number;
        }
        export type Kind = "a" | "b";
        enum Colour { Red }
        export abstract class Base {
          private jobs: string[] = [];
          abstract take(): string;
          constructor(private a: number) {
            super();
          }
        }
        export const LIMIT: number = 3;
        """,
        [
            ("Queue", "type", 1, 3, (1, 1)),
            ("size", "method", 2, 2, (2, 2)),
            ("Kind", "type", 4, 4, (4, 4)),
            ("Colour", "type", 5, 5, (5, 5)),
            ("Base", "class", 6, 12, (6, 6)),
            ("jobs", "field", 7, 7, (7, 7)),
            ("take", "method", 8, 8, (8, 8)),
            ("constructor", "method", 9, 11, (9, 9)),
            ("LIMIT", "constant", 13, 13, (13, 13)),
        ],
        id="typescript",
    ),
    pytest.param(
        "a.go",
        """
        package a

        const (
        \t// One.
        \tFirst = iota
        \tSecond
        )

        // Store keeps.
        type Store struct {
        \tdb DB
        }

        // Get gets.
        func (s *Store) Get(
        \tid string,
        ) error {
        \treturn nil
        }

        type Getter interface {
        \tGet(id string) error
        }

        func plain() {}
        """,
        [
            ("First", "constant", 4, 5, (5, 5)),
            ("Second", "constant", 6, 6, (6, 6)),
            ("Store", "type", 9, 12, (10, 10)),
            ("Get", "function", 14, 19, (15, 17)),
            ("Getter", "type", 21, 23, (21, 23)),
            ("Get", "method", 22, 22, (22, 22)),
            ("plain", "function", 25, 25, (25, 25)),
        ],
        id="go",
    ),
    pytest.param(
        "a.rs",
        """
        /// Above.
        #[derive(Debug)]
        pub struct Store<T> {
            inner: T,
        }

        impl<T> Store<T>
        where
            T: Clone,
        {
            /// Gets.
            pub fn get(&self) -> T {
                self.inner.clone()
            }
        }

        pub trait Getter {
            fn take(&self);
        }
        const LIMIT: u8 = 3;
        """,
        [
            ("Store", "type", 1, 5, (3, 3)),
            ("Store", "scope", 7, 15, (7, 9)),
            ("get", "method", 11, 14, (12, 12)),
            ("Getter", "type", 17, 19, (17, 17)),
            ("take", "method", 18, 18, (18, 18)),
            ("LIMIT", "constant", 20, 20, (20, 20)),
        ],
        id="rust",
    ),
    pytest.param(
        "A.java",
        """
        package a;

        /** Above. */
        @Named
        public class A<T> extends B
                implements C {
            static final int LIMIT = 3;
            private int count;

            public A(int count) {
                this.count = count;
            }

            // Above.
            @Override
            public int size() throws E {
                return count;
            }

            enum Colour { RED }
        }
        record Point(int x, int y) {}
        interface Shape {
            double area();
        }
        """,
        [
            ("A", "class", 3, 21, (4, 6)),
            ("LIMIT", "constant", 7, 7, (7, 7)),
            ("count", "field", 8, 8, (8, 8)),
            ("A", "method", 10, 12, (10, 10)),
            ("size", "method", 14, 18, (15, 16)),
            ("Colour", "type", 20, 20, (20, 20)),
            ("RED", "constant", 20, 20, (20, 20)),
            ("Point", "class", 22, 22, (22, 22)),
            ("Shape", "type", 23, 25, (23, 23)),
            ("area", "method", 24, 24, (24, 24)),
        ],
        id="java",
    ),
    pytest.param(
        "a.c",
        """
        #define LIMIT 3
        #define TWICE(x) ((x) * 2)
        static int table[] = {1, 2};

        /* Above. */
        static const char *name_of(
            int id)
        {
            return 0;
        }
        struct point {
            int x;
        };
        typedef struct point point_t;
        enum colour { RED };
        int promised(int a);
        """,
        [
            ("LIMIT", "constant", 1, 1, (1, 1)),
            ("TWICE", "function", 2, 2, (2, 2)),
            ("table", "constant", 3, 3, (3, 3)),
            ("name_of", "function", 5, 10, (6, 7)),
            ("point", "type", 11, 13, (11, 11)),
            ("point_t", "type", 14, 14, (14, 14)),
            ("colour", "type", 15, 15, (15, 15)),
            ("RED", "constant", 15, 15, (15, 15)),
            ("promised", "function", 16, 16, (16, 16)),
        ],
        id="c",
    ),
    pytest.param(
        "a.cpp",
        """
        namespace a {
        class Shop : public Base {
         public:
          int size() const { return size_; }
          Shop(int a);

         private:
          int size_ = 0;
        };

        template <typename T>
        T twice(T value) {
          return value;
        }

        const std::string& Shop::name() const {
          return name_;
        }
        using Names = std::vector<std::string>;
        }
        """,
        [
            ("Shop", "class", 2, 9, (2, 2)),
            ("size", "method", 4, 4, (4, 4)),
            ("Shop", "method", 5, 5, (5, 5)),
            ("size_", "field", 8, 8, (8, 8)),
            ("twice", "function", 11, 14, (11, 12)),
            ("name", "function", 16, 18, (16, 16)),
            ("Names", "type", 19, 19, (19, 19)),
        ],
        id="cpp",
    ),
    pytest.param(
        "a.rb",
        """
        module Bank
          # Above.
          class Repo < Base
            MOST = 5

            def initialize(db)
              @db = db
            end

            def self.make = new(nil)

            def empty?
            end
          end
        end
        """,
        [
            ("Bank", "class", 1, 15, (1, 2)),
            ("Repo", "class", 2, 14, (3, 3)),
            ("MOST", "constant", 4, 4, (4, 4)),
            ("initialize", "method", 6, 8, (6, 6)),
            ("make", "method", 10, 10, (10, 10)),
            ("empty?", "method", 12, 13, (12, 13)),
        ],
        id="ruby",
    ),
]


@pytest.mark.parametrize(("path", "text", "definitions"), DEFINED)
def test_what_a_file_defines(
    path: str, text: str, definitions: list[tuple[str, str, int, int, tuple[int, int]]]
) -> None:
    assert _brief(_outline(path, text)) == definitions


NAMED = [
    pytest.param(
        "a.py",
        "@wrap\ndef f(a, b):\n    return shop.sell(a, Rate(b), key=LIMIT).price\n",
        ("f",),
        ("wrap", "sell", "Rate"),
        ("a", "b", "shop", "key", "LIMIT", "price"),
        id="python",
    ),
    pytest.param(
        "a.jsx",
        "const f = (a) => new Rate(shop.sell(a), LIMIT, <Total x={a} />);\n",
        ("f",),
        ("Rate", "sell", "Total"),
        ("a", "shop", "LIMIT", "x"),
        id="javascript",
    ),
    pytest.param(
        "a.ts",
        "function f(a: Money): Rate { return shop.sell(a); }\n",
        ("f",),
        ("sell",),
        ("a", "Money", "Rate", "shop"),
        id="typescript",
    ),
    pytest.param(
        "a.go",
        "func f(a Money) { shop.Sell(a, LIMIT); run() }\n",
        ("f",),
        ("Sell", "run"),
        ("a", "Money", "shop", "LIMIT"),
        id="go",
    ),
    pytest.param(
        "a.rs",
        "fn f(a: Money) { shop::sell(a); a.give(LIMIT); log!(x); Rate { y: 1 } }\n",
        ("f",),
        ("sell", "give", "log", "Rate"),
        ("a", "Money", "shop", "LIMIT", "x", "y"),
        id="rust",
    ),
    pytest.param(
        "A.java",
        "class A { int f(Money a) { return shop.sell(new Rate(a), A::make, LIMIT); } }\n",
        ("A", "f"),
        ("sell", "Rate", "make"),
        ("Money", "a", "shop", "LIMIT"),
        id="java",
    ),
    pytest.param(
        "a.c",
        "int f(money_t a) { return a->shop->sell(LIMIT) + rate(a); }\n",
        ("f",),
        ("sell", "rate"),
        ("money_t", "a", "shop", "LIMIT"),
        id="c",
    ),
    pytest.param(
        "a.cpp",
        "int f(Money a) { return shop::sell(a) + twice<int>(new Rate(LIMIT)); }\n",
        ("f",),
        ("sell", "twice", "Rate"),
        ("Money", "a", "shop", "LIMIT"),
        id="cpp",
    ),
    pytest.param(
        "a.rb",
        "def f(a)\n  Shop.sell(a, LIMIT, @rate)\nend\n",
        ("f",),
        ("sell",),
        ("a", "Shop", "LIMIT", "@rate"),
        id="ruby",
    ),
]


@pytest.mark.parametrize(("path", "text", "defined", "called", "used"), NAMED)
def test_the_names_of_lines(
    path: str, text: str, defined: tuple[str, ...], called: tuple[str, ...], used: tuple[str, ...]
) -> None:
    assert _outline(path, text).names([1, 2, 3]) == Names(defined, called, used)


def test_only_the_lines_that_are_asked_for_count() -> None:
    found = _outline("a.py", "one(1)\ntwo(\n    three)\nfour(5)\n")
    assert found.names([2, 4]) == Names((), ("two", "four"), ())
    assert found.names([3]) == Names((), (), ("three",))
    assert found.names([]) == found.names([99]) == Names()


def test_words_of_comments_and_texts_and_builtins_are_no_names() -> None:
    found = _outline("a.py", "x = len(str('word'))  # comment\n")
    assert found.names([1]) == Names(("x",), (), ())


@pytest.mark.parametrize(
    ("path", "text", "spans"),
    [
        ("a.py", "import a.b\nfrom c import (\n    d,\n)\nx = 1\n", [(1, 1, "a b"), (2, 4, "c d")]),
        ("a.js", "import { x } from './y/z.js';\nconst q = require('w');\n", [(1, 1, "x y z"), (2, 2, "q w")]),
        ("a.go", 'package a\nimport (\n\t"net/http"\n\tq "x.org/y"\n)\n', [(3, 3, "net http"), (4, 4, "q x org y")]),
        ("a.rs", "use crate::a::{B, c};\n", [(1, 1, "crate a B c")]),
        ("A.java", "package x;\nimport static a.b.C.d;\n", [(2, 2, "static a b C d")]),
        ("a.c", '#include "net/a.h"\n#include <b.h>\n', [(1, 1, "net a h"), (2, 2, "b h")]),
        ("a.cpp", "#include <v>\nusing std::move;\n", [(1, 1, "v"), (2, 2, "std move")]),
        ("a.rb", 'require "a/b"\nclass C\n  include D\nend\nputs "a"\n', [(1, 1, "a b"), (3, 3, "D")]),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_what_a_file_imports(path: str, text: str, spans: list[tuple[int, int, str]]) -> None:
    found = _outline(path, text).imports
    assert [(one.start, one.end) for one in found] == [span[:2] for span in spans]
    for one, (_, _, words) in zip(found, spans, strict=True):
        assert set(words.split()) <= one.words


def test_a_header_is_read_in_the_language_it_is_written_in() -> None:
    assert [one.name for one in _outline("a.h", "int class;\nint f(int new);\n").definitions] == ["class", "f"]
    assert _brief(_outline("a.h", "class A {\n  int f();\n};\n"))[0][:2] == ("A", "class")


def test_what_was_read_is_plain_data_that_another_process_may_make() -> None:
    found = _outline("a.py", "import b\n\n\ndef f(a):\n    return b.g(a)\n")
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_encloses_a_line_begins_with_the_outermost() -> None:
    found = _outline("a.py", "class A:\n    def f(self):\n        return 1\n\nx = 1\n")
    assert [one.name for one in found.enclosing(3)] == ["A", "f"]
    assert [one.name for one in found.enclosing(4)] == []


WRONG = [
    ("a.py", "def f(:\n"),
    ("a.js", "function f( {\n"),
    ("a.ts", "type = ;\n"),
    ("a.tsx", "const a = <b>;\n"),
    ("a.go", "package a\nfunc {\n"),
    ("a.rs", "fn f( {\n"),
    ("A.java", "class { \n"),
    ("a.c", "int f( {\n"),
    ("a.cpp", "class {{ ;\n"),
    ("a.rb", "def f(\n"),
    ("a.json", '{"a": }\n'),
    ("a.yaml", "a: [1, 2\nb: }\n"),
    ("a.toml", "a = \n"),
]


@pytest.mark.parametrize(("path", "text"), WRONG, ids=[path for path, _ in WRONG])
def test_errors_of_syntax_are_counted(path: str, text: str) -> None:
    wrong = syntax.errors(path, text)
    assert wrong is not None
    assert wrong > 0


RIGHT = [
    ("a.json", '{"a": [1, null]}\n'),
    ("a.yaml", "a: [1, 2]\nb:\n  - c\n"),
    ("a.toml", 'a = 1\n[b]\nc = "d"\n'),
    *[(path, text) for case in CASES for path, text in case.before.items() if syntax.language(path)],
]


@pytest.mark.parametrize(("path", "text"), RIGHT, ids=[path for path, _ in RIGHT])
def test_where_the_syntax_is_right_there_are_no_errors(path: str, text: str) -> None:
    assert syntax.errors(path, text) == 0
    assert syntax.errors(path, text.replace("\n", "\r\n")) == 0


def test_more_is_wrong_where_more_is_broken() -> None:
    one, two = (syntax.errors("a.py", text) for text in ("def f(:\n", "def f(:\n    pass\n\ndef g(:\n    pass\n"))
    assert one is not None
    assert two is not None
    assert 0 < one < two


def test_nobody_can_tell_of_a_language_that_is_not_known() -> None:
    assert syntax.errors("a.txt", "(((") is None
    assert syntax.outline("a.txt", "x = 1") is None
    assert syntax.outline("a.json", "{}") is None


def test_lines_are_counted_as_git_counts_them() -> None:
    text = "a = 1\r\nb = '\u2028\x0b\x0c\x85'\r\n# \udcff\nc = '\ud800漢'\ndef f():\n    return é\n"
    found = _outline("a.py", text)
    assert [(one.name, one.line) for one in found.definitions] == [("a", 1), ("b", 2), ("c", 4), ("f", 5)]
    assert found.names([6]) == Names((), (), ("é",))


HARD = {
    "nothing": "",
    "open brackets": "(" * 30_000,
    "closed brackets": "}" * 30_000,
    "nested brackets": "(" * 30_000 + ")" * 30_000,
    "nested calls": "f(" * 30_000 + ")" * 30_000,
    "nested blocks": "".join(" " * depth + "if x:\n" for depth in range(400)),
    "nested lists": "- " * 3_000,
    "nested braces": "{" * 10_000 + "}" * 10_000,
    "long sums": "x = " + "a + " * 10_000 + "1\n",
    "quotes": "'\"`" * 3_000,
    "backslashes": "\\" * 10_000,
    "NUL bytes": "\0" * 10_000,
    "NUL bytes in code": "def f():\0\n    return 1\0\n" * 300,
    "broken bytes": "\udcff\udc80" * 5_000,
    "half pairs": "\ud800" * 5_000,
    "one long line": "x = " + "1," * 20_000,
    "carriage returns": "x = 1\r" * 2_000,
    "angles": "a<" * 20_000,
    "unclosed lists": "%w[" * 20_000,
    "arrows": "a =><" * 5_000,
    "many ifs": "if (x) {} else " * 4_000 + "{}",
    "many signs": "!" * 10_000 + "x",
}


@EACH_PATH
@pytest.mark.parametrize("text", HARD.values(), ids=HARD.keys())
def test_no_text_is_too_hard(path: str, text: str) -> None:
    begun = time.monotonic()
    found = syntax.outline(path, text)
    syntax.errors(path, text)
    if found:
        found.names([1])
        for one in found.definitions:
            assert 1 <= one.start <= one.signature[0] <= one.signature[1] <= one.end <= text.count("\n") + 1
    assert time.monotonic() - begun < 20


def test_a_million_bytes_of_code_take_no_time_to_speak_of() -> None:
    (case,) = (case for case in CASES if case.name == "python")
    text = case.before["shop/prices.py"]
    begun = time.monotonic()
    found = _outline("a.py", text * (990_000 // len(text)))
    assert len(found.definitions) > 5_000
    assert found.names(range(1, 100_000)).called
    assert time.monotonic() - begun < 20


def test_of_very_many_errors_some_are_counted() -> None:
    assert (syntax.errors("a.json", "x = " + "1," * 300_000) or 0) > 10_000


def test_a_parser_that_takes_too_long_is_stopped() -> None:
    text = "x = 1\r" * 160_000
    begun = time.monotonic()
    assert syntax.errors("a.rb", text) is None
    assert time.monotonic() - begun < MOST_SECONDS + 10


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert syntax.outline("a.py", "x = 1\n" * (MOST_BYTES // 6 + 1)) is None
    assert syntax.errors("a.py", "x = 1\n" * (MOST_BYTES // 6 + 1)) is None


_ANY = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from("(){}[]<>\"'`\\\r\n\0\t #/*=:;,.@!|&~\udcff\ud800"),
        st.sampled_from([line + "\n" for case in CASES for text in case.before.values() for line in text.split("\n")]),
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), _ANY)
def test_whatever_stands_in_a_file_its_spans_lie_in_it(path: str, text: str) -> None:
    assert syntax.errors(path, text) is not None
    found = syntax.outline(path, text)
    if found is None:
        assert path not in CODE_PATHS
        return
    last = text.count("\n") + 1
    for one in found.definitions:
        assert 1 <= one.start <= one.signature[0] <= one.signature[1] <= one.end <= last
        assert one.signature[0] <= one.line <= one.end
        assert one.kind in Kind
    for statement in found.imports:
        assert 1 <= statement.start <= statement.end <= last
    names = found.names(range(1, last + 1))
    assert not set(names.called) & set(names.used)
    assert not set(names.defined) & {*names.called, *names.used}


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("if x:\n    y()\n", False),
        ("if x:\n\nz()\n", True),
        ("x = '\\d'\n", False),
        ("type A[T] = list[T]\n", False),
        ("def f[T](x: T) -> T:\n    return f'{x['y']}'\n", False),
    ],
)
def test_a_block_that_python_itself_refuses_is_an_error_too(text: str, *, broken: bool) -> None:
    assert bool(syntax.errors("a.py", text)) is broken


def test_python_judges_what_its_grammar_does_not() -> None:
    deep = "x = " + "(" * 150 + ")" * 150 + "\n"
    # A bracket in a text counts as one that is open.
    text = "".join(f"x = '(' + {at}\n" for at in range(MOST_BRACKETS + 1))
    assert syntax.errors("a.py", text) == syntax.errors("a.py", deep) == 0
    assert syntax.errors("a.py", text + "x = (\n") == 1
    assert syntax.errors("a.py", text + "if x:\nx = 1\n") == 1


@pytest.mark.parametrize("path", ["a.py", "a.rb", "a.go", "a.json", "a.yaml", "a.toml"])
def test_many_angles_in_texts_are_read(path: str) -> None:
    rows = "\n".join(f'"a{at}": "<td><b>x</b></td>",' for at in range(200))
    assert syntax.errors(path, rows) is not None


@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.tsx", "a.rs", "A.java", "a.c", "a.cpp"])
def test_where_many_angles_take_all_memory_they_are_not_read(path: str) -> None:
    assert syntax.errors(path, "a<" * 501) is None


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.ts", "export type * from 'b';\nexport type * as c from 'd';\ntype B<in out T> = T;\n", ["B"]),
        ("a.tsx", "interface A<in T, out U extends T> {}\ntype B<out T = number> = T;\n", ["A", "B"]),
        ("a.rs", 'unsafe extern "C" {\n    safe fn f();\n}\n', ["f"]),
        ("A.java", "import module java.base;\nclass A {}\n", ["A"]),
    ],
)
def test_words_that_a_grammar_does_not_know_are_no_errors(path: str, text: str, names: list[str]) -> None:
    assert syntax.errors(path, text) == 0
    assert [(one.name, one.line) for one in _outline(path, text).definitions][-1][0] == names[-1]


@pytest.mark.parametrize(
    ("path", "text", "doubt"),
    [
        ("a.c", "", True),
        ("a.h", "", True),
        ("a.cc", "", True),
        ("a.py", "{{", False),
        ("a.unknown", "{{", False),
        ("a.yaml", "a: 1", False),
        ("a.yaml", "a: ${{ b }}", False),
        ("a.yaml", "a: '{{ b }}'", False),
        ("a.yaml", "a: {{ b }}", True),
        ("a.yaml", "{% if b %}", True),
    ],
)
def test_errors_are_doubtful_where_macros_or_templates_are(path: str, text: str, *, doubt: bool) -> None:
    assert syntax.doubtful(path, "x: 1", text) is doubt


TORN = [
    ("a.c", "f(a);", "g(a, [b]);", False),
    ("a.c", "f(a);", "g(a;", True),
    ("a.c", "if (a) {", "each(a) {", False),
    ("a.c", "if (a) {", "each(a)", True),
    ("a.c", "f(a);", "f(a)];", True),
    ("a.c", "f();", 'f("(\\"");  // don\'t (', False),
    ("a.c", "f();", "f('(', '\\'', 1'000); /* { */", False),
    ("a.c", "f();", 'f("a);', True),
    ("a.c", "f();", "f(); /* a", True),
    ("a.c", "f(); /* a", "g(); /* b {", False),
    ("a.cpp", "f();", 'f(R"x(()" )x");', False),
    ("a.c", "f();", "f()", True),
    ("a.c", "f();", "if (a)\n\tf(); // no", False),
    ("a.c", "f();", 'f("http://b");', False),
    ("a.c", "f();", "f();\n#endif", False),
    ("a.c", "f();", "Q_UNUSED(a)", False),
    ("a.c", "f();", "", False),
    ("a.c", "// f", "f()", False),
    ("a.yaml", "a: 1", "a: {{ b }}", False),
    ("a.yaml", "a: 1", "a: {{ b }", True),
    ("a.yaml", "a: 1", "a: it's  # (", False),
    ("a.yaml", "a: 1", "a: '(' # don't", False),
    ("a.yaml", "a: 1", 'a: "b', True),
    ("a.yaml", "a: b;", "a: c", False),
]


@pytest.mark.parametrize(("path", "old", "new", "torn"), TORN)
def test_lines_are_torn_that_leave_something_open(path: str, old: str, new: str, *, torn: bool) -> None:
    assert syntax.torn(path, old.split("\n"), new.split("\n")) is torn


def test_what_lines_leave_open_is_known_soon() -> None:
    begun = time.monotonic()
    for row in ("/* ", "'", '"', "'a", "(", "A", "[ '"):
        for path in ("a.c", "a.yaml"):
            syntax.torn(path, ["f();"], [row * (6_000 // len(row))])
    assert time.monotonic() - begun < 5
