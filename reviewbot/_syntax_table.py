"""Which languages are known: how their files are called, which grammar reads them, which names everybody knows."""

from dataclasses import dataclass

_C_BUILTINS = """
    NULL assert calloc errno exit free int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t
    malloc memcmp memcpy memmove memset offsetof perror printf fprintf snprintf ptrdiff_t realloc size_t ssize_t stderr
    stdin stdout strcmp strcpy strdup strlen strncmp strncpy strtol va_arg va_end va_list va_start
"""
_SCRIPT_BUILTINS = """
    Array Boolean Date Error Infinity JSON Map Math NaN Number Object Promise Proxy RegExp Set String Symbol TypeError
    RangeError WeakMap console document exports globalThis isNaN module parseFloat parseInt process require
    setInterval setTimeout clearTimeout clearInterval undefined window constructor prototype length apply bind call
    catch concat entries every filter find findIndex finally flat flatMap forEach includes indexOf join keys map push
    pop reduce replace resolve reject shift slice some sort splice split startsWith endsWith then toString trim
    toLowerCase toUpperCase unshift values stringify parse log
    Partial Pick Omit Record Readonly ReadonlyArray Required ReturnType Awaited NonNullable
"""


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language.

    Attributes:
        name: its own.
        module: the package that reads it.
        function: what of the package gives the grammar.
        family: languages of one family call one another.
        endings: how its files' names end, in lower case.
        files: whole names of files.
        builtins: names that belong to the language or stand in nearly every program.
        levels: of nested blocks that the grammar can be trusted with, 0: any number. With more, one of them writes
            past the end of its memory.
        angles: how many `<` one statement may have, 0: any number. With more, some take hours, or all memory.
        unknown: a pattern of words that the language has and the grammar does not know; without them, what is left
            means the same to it.
    """

    name: str
    module: str
    function: str = "language"
    family: str = ""
    endings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    builtins: str = ""
    levels: int = 0
    angles: int = 0
    unknown: str = ""


_MOST_ANGLES = 500
_TYPES = r"(?<=\bexport )type(?=\s+\*)|(?:(?<=<)|(?<=, ))(?:in\s+out|in|out)(?=\s+[A-Za-z_$][\w$]*(?:[,>]|\s+[=e]))"
"""Types passed on as a whole, and the variance of a parameter."""

GRAMMARS = (
    Grammar(
        "python",
        "tree_sitter_python",
        family="python",
        endings=(".py", ".pyi", ".pyw"),
        files=("SConstruct", "SConscript", "wscript"),
        builtins="""
            ArithmeticError AssertionError AttributeError BaseException Exception False FileNotFoundError IOError
            ImportError IndexError KeyError KeyboardInterrupt LookupError None NotImplemented NotImplementedError
            OSError PermissionError RuntimeError StopIteration SystemExit TimeoutError True TypeError
            UnicodeDecodeError ValueError ZeroDivisionError abs all any ascii bin bool bytearray bytes callable chr
            classmethod cls complex delattr dict dir divmod enumerate eval exec filter float format frozenset getattr
            globals hasattr hash hex id input int isinstance issubclass iter len list locals map max memoryview min
            next object oct open ord pow print property range repr reversed round self set setattr slice sorted
            staticmethod str sum super tuple type vars zip
            append clear copy count decode encode endswith extend get index insert items join keys lower lstrip pop
            popleft read replace rstrip setdefault split splitlines startswith strip update upper values write
        """,
    ),
    Grammar(
        "javascript",
        "tree_sitter_javascript",
        family="script",
        endings=(".js", ".jsx", ".mjs", ".cjs"),
        builtins=_SCRIPT_BUILTINS,
        angles=_MOST_ANGLES,
    ),
    Grammar(
        "typescript",
        "tree_sitter_typescript",
        "language_typescript",
        family="script",
        endings=(".ts", ".mts", ".cts"),
        builtins=_SCRIPT_BUILTINS,
        angles=_MOST_ANGLES,
        unknown=_TYPES,
    ),
    Grammar(
        "tsx",
        "tree_sitter_typescript",
        "language_tsx",
        family="script",
        endings=(".tsx",),
        builtins=_SCRIPT_BUILTINS,
        angles=_MOST_ANGLES,
        unknown=_TYPES,
    ),
    Grammar(
        "go",
        "tree_sitter_go",
        family="go",
        endings=(".go",),
        builtins="""
            any append bool byte cap clear close complex copy delete error errors false float32 float64 fmt imag int
            int8 int16 int32 int64 iota len make max min new nil panic print println real recover rune string true
            uint uint8 uint16 uint32 uint64 uintptr Error Errorf Printf Println Sprintf String err ctx
        """,
    ),
    Grammar(
        "rust",
        "tree_sitter_rust",
        family="rust",
        endings=(".rs",),
        builtins="""
            Arc Box Clone Debug Default Err From HashMap HashSet Into Iterator None Ok Option Rc Result Self Some
            String Vec assert assert_eq bool char clone cloned collect crate dbg default drop expect f32 f64 filter
            format from get i8 i16 i32 i64 i128 insert into into_iter is_empty is_none is_some isize iter len map
            map_err new next ok ok_or panic print println push remove self str super to_owned to_string todo u8 u16
            u32 u64 u128 unreachable unwrap unwrap_or unwrap_or_default usize vec write writeln
        """,
        angles=_MOST_ANGLES,
        unknown=r"\bunsafe(?=\s+extern\s+\"[^\"\n]*\"\s*\{)|\bsafe(?=\s+(?:fn|static)\b)",
    ),
    Grammar(
        "java",
        "tree_sitter_java",
        family="java",
        endings=(".java",),
        builtins="""
            ArrayList Boolean Class Double Exception HashMap HashSet IllegalArgumentException IllegalStateException
            Integer Iterable Iterator List Long Map Math Object Objects Optional Override RuntimeException Set String
            StringBuilder System Thread add append close contains containsKey equals format get getClass hashCode
            isEmpty length name of out println put remove size stream toString valueOf var
        """,
        angles=_MOST_ANGLES,
        unknown=r"(?<=\bimport )module(?=\s+[\w.]+;)",
    ),
    Grammar(
        "cpp",
        "tree_sitter_cpp",
        family="c",
        endings=(".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".h"),
        builtins=_C_BUILTINS
        + """
            at back begin c_str clear cout data empty emplace_back end endl erase find forward front get insert
            make_shared make_unique map move nullptr_t optional pair push_back second first shared_ptr size std
            string string_view swap to_string unique_ptr vector
        """,
        angles=_MOST_ANGLES,
    ),
    # Most headers are right in both languages, and C takes some classes for functions.
    Grammar("c", "tree_sitter_c", family="c", endings=(".c", ".h"), builtins=_C_BUILTINS, angles=_MOST_ANGLES),
    Grammar(
        "ruby",
        "tree_sitter_ruby",
        family="ruby",
        endings=(".rb", ".rake", ".gemspec", ".ru"),
        files=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Capfile"),
        builtins="""
            Array ArgumentError Float Hash Integer Kernel StandardError String Symbol Time any? attr_accessor
            attr_reader attr_writer block_given? call class collect compact dup each each_with_index empty? fetch
            first freeze include? inject is_a? join keys lambda last length loop map merge new nil? private proc
            protected push puts raise reduce reject require require_relative respond_to? reverse select send size sort
            sort_by split strip tap to_a to_h to_i to_s to_sym uniq values
        """,
    ),
    Grammar("json", "tree_sitter_json", endings=(".json",), files=(".babelrc", ".eslintrc")),
    Grammar("yaml", "tree_sitter_yaml", endings=(".yaml", ".yml"), files=(".clang-format", ".clang-tidy"), levels=120),
    Grammar("toml", "tree_sitter_toml", endings=(".toml",), files=("Cargo.lock", "Pipfile", "poetry.lock", "uv.lock")),
)
