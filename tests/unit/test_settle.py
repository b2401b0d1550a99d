"""What holds of every option, where it came from, and what a repository's file may say of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot import defaults, options
from reviewbot.cli import commands
from reviewbot.config import Invocation, Policy, Setting, Sink
from reviewbot.errors import ConfigError, ExitCode
from reviewbot.finding import Severity
from reviewbot.guide import Strictness
from reviewbot.policyfile import read
from reviewbot.settle import build, settle
from reviewbot.terminal import visible

OWN = ".reviewbot.toml"
HASH = "s1:" + "0123456789abcdef" * 2


@dataclass(frozen=True)
class Told:
    """One option, said in every way it can be said in.

    Attributes:
        default: what holds where nobody says anything.
        flag: words, and what they mean.
        variable: a text, and what it means.
        file: TOML, and what it means; None: a file may not say it.
        policy: the field of the policy.
        invocation: or of the invocation.
        built: what stands in the field with the flag.
    """

    default: object
    flag: tuple[tuple[str, ...], object]
    variable: tuple[str, object]
    file: tuple[str, object] | None = None
    policy: str = ""
    invocation: str = ""
    built: object = None


EVERY: dict[str, Told] = {
    "model": Told(
        defaults.MODEL,
        (("-m", "any-name"), "any-name"),
        ("other-name", "other-name"),
        ('"qwen-max"', "qwen-max"),
        invocation="model",
        built="any-name",
    ),
    "provider": Told(
        None, (("--provider", "openai"), "openai"), ("local", "local"), invocation="provider", built="openai"
    ),
    "base-url": Told(
        None,
        (("--base-url", "http://a/v1"), "http://a/v1"),
        ("http://b/v1", "http://b/v1"),
        invocation="base_url",
        built="http://a/v1",
    ),
    "verify": Told(None, (("--verify", "demo"), "demo"), ("any-name", "any-name"), invocation="verify", built="demo"),
    "input-limit": Told(None, (("--input-limit", "7000"), 7000), ("8000", 8000), invocation="input_limit", built=7000),
    "rpm": Told(None, (("--rpm", "60"), 60), ("9", 9), invocation="rpm", built=60),
    "tpm": Told(None, (("--tpm", "60000"), 60_000), ("9", 9), invocation="tpm", built=60_000),
    "include": Told(
        (),
        (("--include", "a b", "--include", "c"), ("a b", "c")),
        ("d e", ("d", "e")),
        ('["f", "g h"]', ("f", "g h")),
        policy="include",
        built=("a b", "c"),
    ),
    "exclude": Told((), (("--exclude", "a"), ("a",)), ("d e", ("d", "e")), ("[]", ()), policy="exclude", built=("a",)),
    "chunk-tokens": Told(
        defaults.CHUNK_TOKENS,
        (("--chunk-tokens", "700"), 700),
        ("800", 800),
        ("900", 900),
        policy="chunk_tokens",
        built=700,
    ),
    "samples": Told(1, (("--samples", "3"), 3), ("5", 5), ("9", 9), policy="samples", built=3),
    "allow-secrets": Told(
        (),
        (("--allow-secrets", HASH), (HASH,)),
        (f"{HASH} {HASH}", (HASH, HASH)),
        (f'["{HASH}"]', (HASH,)),
        policy="allow_secrets",
        built=(HASH,),
    ),
    "strictness": Told(
        "normal",
        (("--strictness", "strict"), "strict"),
        ("relaxed", "relaxed"),
        ('"relaxed"', "relaxed"),
        policy="strictness",
        built=Strictness.STRICT,
    ),
    "instructions": Told(
        (),
        (("--instructions", " api/*: no floats ", "--instructions", "be kind"), ("api/*: no floats", "be kind")),
        ("one thing\nand another", ("one thing", "and another")),
        ('["a b", "c"]', ("a b", "c")),
        policy="instructions",
        built=("api/*: no floats", "be kind"),
    ),
    "intent": Told(
        defaults.INTENT, (("--intent", "off"), "off"), ("off", "off"), ('"off"', "off"), policy="intent", built=False
    ),
    "context": Told(defaults.CONTEXT, (("--context", "0.5"), 0.5), ("2", 2.0), ("0", 0.0), policy="context", built=0.5),
    "language": Told("en", (("--language", "zh"), "zh"), ("zh", "zh"), ('"zh"', "zh"), policy="language", built="zh"),
    "fail-on": Told(
        "never",
        (("--fail-on", "info"), "info"),
        ("warning", "warning"),
        ('"error"', "error"),
        policy="fail_on",
        built=Severity.INFO,
    ),
    "min-severity": Told(
        "info",
        (("--min-severity", "error"), "error"),
        ("warning", "warning"),
        ('"warning"', "warning"),
        policy="min_severity",
        built=Severity.ERROR,
    ),
    "min-confidence": Told(
        0.0, (("--min-confidence", "0.5"), 0.5), ("1", 1.0), ("1", 1.0), policy="min_confidence", built=0.5
    ),
    "max-comments": Told(None, (("--max-comments", "0"), 0), ("3", 3), ("4", 4), policy="max_comments", built=0),
    "baseline": Told(None, (("--baseline", "a b"), "a b"), ("c", "c"), invocation="baseline", built=Path("a b")),
    "hints": Told(
        (),
        (("--hints", "a b", "--hints", "c"), ("a b", "c")),
        ("x y:z", ("x y", "z")),
        invocation="hints",
        built=(Path("a b"), Path("c")),
    ),
    "api-url": Told(
        None,
        (("--api-url", "https://a/api/v3"), "https://a/api/v3"),
        ("https://b/api/v3", "https://b/api/v3"),
        invocation="api_url",
        built="https://a/api/v3",
    ),
    "full": Told(default=False, flag=(("--full",), True), variable=("1", True), invocation="full", built=True),
    "post": Told(None, (("--post", "github"), "github"), ("github", "github"), invocation="post", built="github"),
    "record": Told(None, (("--record", "r"), "r"), ("s", "s"), invocation="record", built=Path("r")),
    "jobs": Told(defaults.JOBS, (("--jobs", "1"), 1), ("2", 2), invocation="jobs", built=1),
    "timeout": Told(None, (("--timeout", "1.5"), 1.5), ("60", 60.0), invocation="timeout", built=1.5),
    "max-cost": Told(
        None,
        (("--max-cost", "0.10"), Decimal("0.10")),
        ("2", Decimal(2)),
        invocation="max_cost",
        built=Decimal("0.10"),
    ),
    "no-cache": Told(
        default=False, flag=(("--no-cache",), True), variable=("1", True), invocation="cache", built=False
    ),
    "fail-open": Told(
        default=False, flag=(("--fail-open",), True), variable=("1", True), invocation="fail_open", built=True
    ),
    "format": Told(
        ("text",),
        (("-f", "json=a b"), ("json=a b",)),
        ("json text=x", ("json", "text=x")),
        invocation="sinks",
        built=(Sink("json", Path("a b")),),
    ),
}
SHARED = [name for name, told in EVERY.items() if told.file]
PRIVATE = [name for name, told in EVERY.items() if not told.file]
TARGET: dict[str, Any] = {"revision": None, "worktree": False, "patch": None, "pull": None}


def settled(
    folder: Path, *words: str, command: str = "review", environment: Mapping[str, str] | None = None
) -> dict[str, Setting]:
    """Every setting of a command by its name."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        context = commands.commands[command].make_context(command, [*words])
    found = settle(context, file=read(str(folder)))
    assert [setting.name for setting in found] == [*EVERY]
    return {setting.name: setting for setting in found}


def variable(name: str) -> str:
    return "REVIEWBOT_" + name.replace("-", "_").upper()


def built(found: Mapping[str, Setting]) -> tuple[Invocation, Policy]:
    # Only a pull request can be posted to.
    return build(found.values(), {**TARGET, "pull": 7 if found["post"].value else None})


def test_every_option_that_is_no_target_and_no_output_is_a_setting() -> None:
    assert [options.name(option) for option in options.SETTINGS] == [*EVERY]
    assert [options.name(option) for option in options.POLICY] == SHARED
    offered = {param.name for param in commands.commands["review"].params}
    target = {param.name for param in options.TARGET}
    assert offered - target - {"quiet", "verbose"} == {option.name for option in options.SETTINGS}


@pytest.mark.parametrize("command", ["review", "config", "plan", "baseline"])
def test_where_nobody_says_anything_the_default_holds(tmp_path: Path, command: str) -> None:
    for name, setting in settled(tmp_path, command=command).items():
        assert setting == Setting(name, EVERY[name].default, "default")
        assert type(setting.value) is type(EVERY[name].default)


def test_the_defaults_are_those_of_an_invocation_and_a_policy(tmp_path: Path) -> None:
    assert built(settled(tmp_path)) == (Invocation(), Policy())


@pytest.mark.parametrize("command", ["review", "config"])
@pytest.mark.parametrize("name", EVERY)
def test_a_flag_beats_a_variable_beats_the_file_beats_the_default(tmp_path: Path, name: str, command: str) -> None:
    told = EVERY[name]
    origin = "default"
    if told.file:
        (tmp_path / OWN).write_text(f"{name} = {told.file[0]}\n")
        origin = OWN
        expected = Setting(name, told.file[1], OWN, by_file=True)
        assert settled(tmp_path, command=command)[name] == expected
    environment = {variable(name): told.variable[0]}
    by_variable = settled(tmp_path, command=command, environment=environment)
    assert by_variable[name] == Setting(name, told.variable[1], variable(name))
    assert {setting.origin for setting in by_variable.values()} == {variable(name), "default"}
    assert settled(tmp_path, command=command)[name].origin == origin
    if name == "format" and command == "config":  # its own --format is another
        return
    by_flag = settled(tmp_path, *told.flag[0], command=command, environment=environment)
    assert by_flag[name] == Setting(name, told.flag[1], f"--{name}")
    assert type(by_flag[name].value) is type(told.flag[1])


@pytest.mark.parametrize("name", EVERY)
def test_a_setting_reaches_its_field_and_no_other(tmp_path: Path, name: str) -> None:
    told = EVERY[name]
    invocation, policy = built(settled(tmp_path, *told.flag[0]))
    changes: Any = {told.policy or told.invocation: told.built, **({"pull": 7} if name == "post" else {})}
    assert invocation == (replace(Invocation(), **changes) if told.invocation else Invocation())
    assert policy == (replace(Policy(), **changes) if told.policy else Policy())


@pytest.mark.parametrize("name", SHARED)
def test_a_file_reaches_the_policy_and_never_the_invocation(tmp_path: Path, name: str) -> None:
    told = EVERY[name]
    assert told.file
    (tmp_path / OWN).write_text(f"{name} = {told.file[0]}\n")
    invocation, policy = built(settled(tmp_path))
    assert invocation == Invocation()
    if name != "exclude":  # the empty list is the default
        assert policy != Policy()
    assert policy.model == (told.file[1] if name == "model" else None)


def test_a_model_by_flag_or_variable_beats_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / OWN).write_text('model = "qwen-max"\n')
    for found in (
        settled(tmp_path, "-m", defaults.MODEL),
        settled(tmp_path, environment={"REVIEWBOT_MODEL": defaults.MODEL}),
    ):
        invocation, policy = built(found)
        assert (invocation.model, policy.model) == (defaults.MODEL, None)


def test_the_target_is_part_of_the_invocation(tmp_path: Path) -> None:
    found = settled(tmp_path).values()
    for target in ({"revision": "main..."}, {"worktree": True}, {"patch": "-"}, {"pull": 7}):
        given: Any = {**TARGET, **target}
        assert build(found, given) == (replace(Invocation(), **target), Policy())
    assert build(found, {}) == (Invocation(), Policy())
    with pytest.raises(ConfigError, match=r"^more than one thing to review"):
        build(found, {"revision": "main", "worktree": True})


@pytest.mark.parametrize(("text", "sink"), [("json", None), ("json=", None), ("json=-", None), ("text=a=b", "a=b")])
def test_a_format_is_a_name_and_perhaps_a_file(tmp_path: Path, text: str, sink: str | None) -> None:
    invocation, _ = built(settled(tmp_path, "-f", text))
    assert invocation.sinks == (Sink(text.partition("=")[0], Path(sink) if sink else None),)


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^unknown format: xml$") as caught:
        built(settled(tmp_path, "-f", "xml=a"))
    assert "one of github, json, markdown, rdjson, sarif, text" in caught.value.hint


def refused(folder: Path, text: str) -> ConfigError:
    """What a file is refused with: one line of what, with the file's name, and one of what to do."""
    (folder / OWN).write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        settled(folder)
    error = caught.value
    assert (error.slug, error.exit_code) == ("bad-settings", ExitCode.USAGE)
    assert error.message.startswith(OWN)
    assert len(error.message) < 300
    harmless(error)
    return error


def harmless(error: ConfigError) -> None:
    """It is two lines that no terminal obeys."""
    for said in (error.message, error.hint):
        assert said
        assert visible(said) == said


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("written", ["as an option", "as a variable"])
def test_what_only_the_user_may_say_is_refused_in_a_file(tmp_path: Path, name: str, written: str) -> None:
    key = name.replace("-", "_") if written == "as a variable" else name
    error = refused(tmp_path, f'{key} = "x"\n')
    assert error.message == f"{OWN} cannot set {key}"
    assert error.hint == f"only a flag or {variable(name)} sets it: a repository must not choose it"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("fail_on", "did you mean fail-on?"),
        ("min_confidence", "did you mean min-confidence?"),
        ("excludes", "did you mean exclude?"),
        ("includ", "did you mean include?"),
        ("max-coments", "did you mean max-comments?"),
        (
            "zzz",
            "it may hold allow-secrets, chunk-tokens, context, exclude, fail-on, include, instructions, intent, ",
        ),
        ("worktree", "it may hold "),
        ("patch", "it may hold "),
        ("revision", "it may hold "),
        ("quiet", "it may hold "),
        ('"a\\nb\\u001b[31m\\u202e"', "it may hold "),
        ('""', "it may hold "),
        ("x" * 5000, "it may hold "),
    ],
)
def test_a_key_that_is_none_is_refused_with_the_one_that_was_meant(tmp_path: Path, key: str, hint: str) -> None:
    error = refused(tmp_path, f"{key} = 1\n")
    assert error.message.startswith(f"{OWN} cannot set ")
    assert error.hint.startswith(hint)


def test_a_key_that_is_none_is_found_beside_good_ones(tmp_path: Path) -> None:
    assert refused(tmp_path, 'language = "zh"\nfailon = "error"\n').hint == "did you mean fail-on?"
    assert refused(tmp_path, "[tool.reviewbot]\nlanguage = 'zh'\n").message == f"{OWN} cannot set tool"


TEXT = "it has to be a text in quotation marks"
LIST = 'it has to be a list of texts, such as ["docs/*"]'
WHOLE = "it has to be a whole number"
LEVELS = "it has to be one of error, warning, info"
HUGE = "0x" + "F" * 5000
DATE = "1979-05-27"

BAD_VALUES: list[tuple[str, str, str]] = [
    *(
        (name, value, f"{words}, not {said}")
        for name, words in [
            ("model", TEXT),
            ("language", "it has to be one of en, zh"),
            ("fail-on", f"{LEVELS}, never"),
            ("min-severity", LEVELS),
            ("strictness", "it has to be one of relaxed, normal, strict"),
            ("intent", "it has to be one of on, off"),
        ]
        for value, said in [
            ("1", "1"),
            ("1.5", "1.5"),
            ("true", "true"),
            ('["en"]', "a list"),
            ("{a = 1}", "a table"),
            (DATE, DATE),
            (HUGE, "a number that large"),
        ]
    ),
    *(
        (name, value, f"{WHOLE}, not {said}")
        for name in ("chunk-tokens", "max-comments")
        for value, said in [
            ('"900"', '"900"'),
            ("true", "true"),
            ("900.0", "900.0"),
            ("nan", "nan"),
            ("[900]", "a list"),
            ("{}", "a table"),
            ("07:32:00", "07:32:00"),
            (HUGE, "a number that large"),
            ("9223372036854775808", "a number that large"),
        ]
    ),
    *(
        (name, value, f"{LIST}, not {said}")
        for name in ("include", "exclude", "instructions")
        for value, said in [
            ('"docs/*"', '"docs/*"'),
            ("1", "1"),
            ("true", "true"),
            ("{}", "a table"),
            ('["a", 1]', "a list with 1 in it"),
            ('["a", true]', "a list with true in it"),
            ('[["a"]]', "a list with a list in it"),
            (f"[{HUGE}]", "a list with a number that large in it"),
        ]
    ),
    *(
        ("min-confidence", value, f"it has to be a number, not {said}")
        for value, said in [('"0.5"', '"0.5"'), ("true", "true"), ("[0.5]", "a list"), (HUGE, "a number that large")]
    ),
    ("min-confidence", "nan", "nan is no number"),
    ("min-confidence", "inf", "inf is not in the range 0<=x<=1"),
    ("min-confidence", "-0.1", "-0.1 is not in the range 0<=x<=1"),
    ("min-confidence", "2", "2.0 is not in the range 0<=x<=1"),
    ("chunk-tokens", "499", "499 is not in the range x>=500"),
    ("instructions", '["a", " "]', "an instruction has 1 to 2,000 characters"),
    ("instructions", f'["{"x" * 2001}"]', "an instruction has 1 to 2,000 characters"),
    ("max-comments", "-1", "-1 is not in the range x>=0"),
    ("language", '"fr"', 'it has to be one of en, zh, not "fr"'),
    ("language", '"EN"', 'it has to be one of en, zh, not "EN"'),
    ("fail-on", '"never "', f'{LEVELS}, never, not "never "'),
    ("min-severity", '"never"', f'{LEVELS}, not "never"'),
    ("language", '"\\u001b]0;x\\u0007"', 'it has to be one of en, zh, not "\\x1b]0;x\\x07"'),
    ("language", '"""a\nb"""', 'it has to be one of en, zh, not "a\\x0ab"'),
    ("language", f'"{"x" * 5000}"', f'it has to be one of en, zh, not "{"x" * 79}…'),
]


@pytest.mark.parametrize(
    ("name", "value", "why"), BAD_VALUES, ids=[f"{name} = {value[:24]}" for name, value, _ in BAD_VALUES]
)
def test_a_value_of_the_wrong_kind_is_named_with_the_right_one(tmp_path: Path, name: str, value: str, why: str) -> None:
    error = refused(tmp_path, f"{name} = {value}\n")
    assert error.message == f"{OWN}: {name}: {why}"
    assert error.hint == f"see --{name} in `reviewbot review --help`"


def test_a_table_nested_without_end_is_a_value_of_the_wrong_kind(tmp_path: Path) -> None:
    assert refused(tmp_path, "exclude" + ".a" * 5000 + " = 1\n").message == f"{OWN}: exclude: {LIST}, not a table"


@pytest.mark.parametrize(
    "name",
    ["x.gguf", "./model", "my-endpoint-model", "replay:answers.jsonl", "qwen-coder-plsu", "", "a\\u001b[31m\\nb"],
)
def test_a_file_names_a_model_of_the_catalogue_or_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.gguf").touch()
    shown = name.replace("\\u001b", "\\x1b").replace("\\n", "\\x0a")
    error = refused(tmp_path, f'model = "{name}"\n')
    assert error.message == f'{OWN}: model: "{shown}" is none of the models that `reviewbot models` lists'


@pytest.mark.parametrize("name", ["qwen-max", "qwen-coder-plus-latest", "demo"])
def test_a_model_of_the_catalogue_is_taken_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    (tmp_path / OWN).write_text(f'model = "{name}"\n')
    assert built(settled(tmp_path))[1].model == name


def test_the_table_of_a_shared_file_is_named_as_the_origin(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.reviewbot]\nmax-comments = 3\n")
    origin = "pyproject.toml [tool.reviewbot]"
    assert settled(tmp_path)["max-comments"] == Setting("max-comments", 3, origin, by_file=True)
    (tmp_path / "pyproject.toml").write_text("[tool.reviewbot]\njobs = 3\n")
    with pytest.raises(ConfigError, match=r"^pyproject\.toml \[tool\.reviewbot\] cannot set jobs$"):
        settled(tmp_path)


def test_a_command_takes_from_the_file_what_it_does_not_offer_itself(tmp_path: Path) -> None:
    (tmp_path / OWN).write_text('fail-on = "error"\n')
    found = settled(tmp_path, command="plan", environment={"REVIEWBOT_JOBS": "9", "REVIEWBOT_RECORD": "r"})
    assert found["fail-on"] == Setting("fail-on", "error", OWN, by_file=True)
    assert (found["jobs"].origin, found["record"].value) == ("default", None)


@pytest.mark.parametrize(
    "words", [("--min-confidence", "nan"), ("--min-confidence", "-nan"), ("--min-confidence", "inf")]
)
def test_a_number_that_is_none_is_no_confidence(tmp_path: Path, words: tuple[str, str]) -> None:
    with pytest.raises(click.BadParameter):
        settled(tmp_path, *words)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one file after the other."""
    return tmp_path_factory.mktemp("scratch")


_KEYS = st.sampled_from([*EVERY, "fail_on", "worktree", "tool", "a\x1b\n\u202e"]) | st.text(max_size=5)
_LEAVES = (
    st.sampled_from(["en", "error", "never", "qwen-max", "demo", "*.py", "x.gguf", "\x1b[31m\n", "漢"])
    | st.integers()
    | st.sampled_from([0, 1, 500, 2**62, 2**64, 10**400])
    | st.floats()
    | st.booleans()
    | st.text(max_size=5)
    | st.dates()
    | st.times()
)
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=2))


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(document=st.dictionaries(_KEYS, _VALUES, max_size=3))
@example(document={"chunk-tokens": 10**400})
@example(document={"min-confidence": 10**400})
@example(document={"min-confidence": float("nan")})
@example(document={"exclude": [10**400]})
@example(document={"model": "\x1b"})
def test_no_document_does_more_than_make_a_policy_or_an_error_of_ours(scratch: Path, document: dict[str, Any]) -> None:
    (scratch / OWN).write_text("".join(f"{toml(key)} = {toml(value)}\n" for key, value in document.items()), "utf-8")
    context = commands.commands["review"].make_context("review", [])
    try:
        found = settle(context, file=read(str(scratch)))
    except ConfigError as error:
        harmless(error)
        return
    assert build(found, TARGET)[0] == Invocation()
    assert {setting.name for setting in found if setting.by_file} == {*document}
    json.dumps([setting.value for setting in found], allow_nan=False)
