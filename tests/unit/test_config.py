from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewbot import catalogue
from reviewbot.config import Invocation, Policy, Sink
from reviewbot.errors import ConfigError, ExitCode
from reviewbot.finding import Severity
from reviewbot.ports import Route
from reviewbot.routing import key_variable, route, second, with_key

KNOWN = catalogue.load()
OWN = "https://dashscope.aliyuncs.com/compatible-mode/v1"
ELSEWHERE = "https://models.example/v1"
ALL_KEYS = {"DASHSCOPE_API_KEY": "sk-dashscope", "REVIEWBOT_API_KEY": "sk-mine", "OPENAI_API_KEY": "sk-openai"}
NOT_OURS = {"DASHSCOPE_API_KEY": "sk-dashscope", "OPENAI_API_KEY": "sk-openai"}


def way(base_url: str) -> Route:
    return Route("openai", KNOWN.unknown("m", provider="openai"), base_url)


def key(base_url: str, environment: Mapping[str, str]) -> str | None:
    return with_key(way(base_url), KNOWN, environment).key


def refused(**given: Any) -> ConfigError:
    """What an invocation is refused with, when it is made or when its route is looked for."""
    with pytest.raises(ConfigError) as caught:
        route(Invocation(**given), Policy(), KNOWN)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    return caught.value


def test_nothing_given_asks_the_default_model_at_dashscope() -> None:
    found = route(Invocation(), Policy(), KNOWN)
    assert found == Route("dashscope", KNOWN.get("qwen-coder-plus"), OWN)
    assert Invocation().sinks == (Sink("text", None),)


def test_a_policy_looks_at_everything_and_fails_nothing_by_default() -> None:
    policy = Policy()
    assert (policy.include, policy.exclude, policy.fail_on) == ((), (), None)
    assert (policy.min_confidence, policy.min_severity, policy.max_comments) == (0.0, Severity.INFO, None)
    assert (policy.language, policy.chunk_tokens, Invocation().jobs) == ("en", 3_000, 4)


@pytest.mark.parametrize(
    "base_url",
    [
        OWN,
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
        "https://dashscope.aliyuncs.com",
        "https://dashscope.aliyuncs.com:443/v1",
        "https://DashScope.Aliyuncs.COM/v1",
        "HTTPS://dashscope.aliyuncs.com/v1",
        "https://me@dashscope.aliyuncs.com/v1",
        "https://dashscope.aliyuncs.com/@evil.example",
        "https://dashscope.aliyuncs.com#@evil.example",
    ],
)
def test_the_dashscope_key_goes_to_dashscopes_hosts(base_url: str) -> None:
    assert key(base_url, NOT_OURS) == "sk-dashscope"


@pytest.mark.parametrize(
    "base_url",
    [
        ELSEWHERE,
        "http://dashscope.aliyuncs.com/compatible-mode/v1",
        "ftp://dashscope.aliyuncs.com/v1",
        "//dashscope.aliyuncs.com/v1",
        "https://dashscope.aliyuncs.com.evil.example/v1",
        "https://evil.example/dashscope.aliyuncs.com",
        "https://evil.example/?dashscope.aliyuncs.com",
        "https://evil.example#dashscope.aliyuncs.com",
        "https://dashscope.aliyuncs.com@evil.example/",
        "https://dashscope.aliyuncs.com:443@evil.example/",
        "https://dashscope.aliyuncs.com\\@evil.example/",
        "https://dashscope.aliyuncs.com%2eevil.example/",
        "https://dashscope.aliyuncs.com\t.evil.example/",
        "https://xdashscope.aliyuncs.com/",
        "https://aliyuncs.com/",
        "https://evil.dashscope.aliyuncs.com/",
        "https://dashscope.aliyuncs.com./",
        "https://dashscope.aliyuncs。com/",
        "https://ｄashscope.aliyuncs.com/",
        "https://api.openai.com/v1",
        "http://127.0.0.1:8000/v1",
    ],
)
def test_no_key_but_the_users_own_goes_anywhere_else(base_url: str) -> None:
    assert key(base_url, NOT_OURS) is None
    assert key(base_url, ALL_KEYS) == "sk-mine"


@pytest.mark.parametrize("base_url", [OWN, ELSEWHERE, "http://127.0.0.1:8000/v1"])
def test_the_users_own_key_wins_everywhere(base_url: str) -> None:
    assert key(base_url, ALL_KEYS) == "sk-mine"


@pytest.mark.parametrize("empty", ["", " ", "\n"], ids=repr)
def test_an_empty_key_is_none(empty: str) -> None:
    assert key(OWN, ALL_KEYS | {"REVIEWBOT_API_KEY": empty}) == "sk-dashscope"
    assert key(ELSEWHERE, {"REVIEWBOT_API_KEY": empty}) is None


def test_blanks_around_a_key_are_no_part_of_it() -> None:
    assert key(OWN, {"DASHSCOPE_API_KEY": " sk-x\n"}) == "sk-x"


@pytest.mark.parametrize("environment", [{}, {"OPENAI_API_KEY": "sk-openai"}, {"DASHSCOPE_API_KEY": ""}])
def test_dashscope_is_not_asked_without_a_key(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"^no key for dashscope\.aliyuncs\.com$") as caught:
        with_key(route(Invocation(), Policy(), KNOWN), KNOWN, environment)
    assert caught.value.slug == "no-key"
    assert "set DASHSCOPE_API_KEY;" in caught.value.hint
    assert "--model demo" in caught.value.hint


@pytest.mark.parametrize("bad", ["sk-…", "sk-a\nsk-b", "sk-\x1b[0m", "ключ"], ids=ascii)
@pytest.mark.parametrize("name", ["DASHSCOPE_API_KEY", "REVIEWBOT_API_KEY"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(name: str, bad: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} holds no key$") as caught:
        with_key(route(Invocation(), Policy(), KNOWN), KNOWN, {name: bad})
    assert bad not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("base_url", [OWN, "http://dashscope.aliyuncs.com/v1", ELSEWHERE, "http://127.0.0.1:8000/v1"])
@pytest.mark.parametrize(
    "environment",
    [{}, ALL_KEYS, NOT_OURS, {**ALL_KEYS, "REVIEWBOT_API_KEY": " "}, {"REVIEWBOT_API_KEY": "sk-mine"}],
    ids=["none", "all", "theirs", "mine is blank", "mine"],
)
def test_the_variable_that_is_named_is_the_one_whose_key_is_sent(base_url: str, environment: Mapping[str, str]) -> None:
    name = key_variable(way(base_url), KNOWN, environment)
    if name is None and base_url == OWN:
        with pytest.raises(ConfigError, match=r"^no key for dashscope\.aliyuncs\.com$"):
            key(base_url, environment)
    else:
        assert key(base_url, environment) == (environment[name] if name else None)
    assert name in {None, "REVIEWBOT_API_KEY", "DASHSCOPE_API_KEY"}


@pytest.mark.parametrize("name", ["DASHSCOPE_API_KEY", "REVIEWBOT_API_KEY"])
def test_a_key_that_cannot_be_one_is_named_as_the_one_that_would_be_sent(name: str) -> None:
    assert key_variable(way(OWN), KNOWN, {name: "sk-…"}) == name


def test_a_policy_names_the_model_where_the_invocation_does_not() -> None:
    policy = Policy(model="qwen-max")
    assert route(Invocation(), policy, KNOWN).model == KNOWN.get("qwen-max")
    assert route(Invocation(model="qwen-plus"), policy, KNOWN).model == KNOWN.get("qwen-plus")
    assert route(Invocation(base_url=ELSEWHERE), policy, KNOWN).model.name == "qwen-max"


@pytest.mark.parametrize("model", ["demo", "replay:{}", "{}"], ids=["demo", "replay", "file"])
def test_what_is_not_asked_over_a_network_gets_no_key(model: str, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.touch()
    found = route(Invocation(model=model.format(path)), Policy(), KNOWN)
    assert with_key(found, KNOWN, ALL_KEYS) == found
    assert key_variable(found, KNOWN, ALL_KEYS) is None
    assert found.key is None


def test_no_text_form_of_a_route_shows_its_key() -> None:
    environment = {**ALL_KEYS, "DASHSCOPE_WORKSPACE": "llm-secret"}
    keyed = with_key(route(Invocation(), Policy(), KNOWN), KNOWN, environment)
    assert (keyed.key, keyed.workspace) == ("sk-mine", "llm-secret")
    assert "sk-" not in f"{keyed!r} {keyed}"
    assert "secret" not in f"{keyed!r} {keyed}"


@pytest.mark.parametrize(
    ("base_url", "environment", "variable", "own"),
    [
        (OWN, ALL_KEYS, "REVIEWBOT_API_KEY", True),
        (OWN, NOT_OURS, "DASHSCOPE_API_KEY", True),
        ("https://dashscope-intl.aliyuncs.com/api/v1", NOT_OURS, "DASHSCOPE_API_KEY", True),
        (ELSEWHERE, ALL_KEYS, "REVIEWBOT_API_KEY", False),
        ("http://dashscope.aliyuncs.com/v1", ALL_KEYS, "REVIEWBOT_API_KEY", False),
        (ELSEWHERE, NOT_OURS, "", False),
    ],
)
def test_a_route_knows_whose_key_it_has_and_whether_it_leads_home(
    base_url: str, environment: Mapping[str, str], variable: str, *, own: bool
) -> None:
    keyed = with_key(way(base_url), KNOWN, environment)
    assert (keyed.key_variable, keyed.own) == (variable, own)


@pytest.mark.parametrize("base_url", [ELSEWHERE, "http://dashscope.aliyuncs.com/v1", "http://127.0.0.1:8000/v1"])
def test_the_workspace_of_a_sub_account_goes_to_its_vendor_and_nowhere_else(base_url: str) -> None:
    environment = {**ALL_KEYS, "DASHSCOPE_WORKSPACE": " llm-x\n"}
    assert with_key(way(OWN), KNOWN, environment).workspace == "llm-x"
    assert with_key(way(OWN), KNOWN, {**environment, "DASHSCOPE_WORKSPACE": " "}).workspace is None
    assert with_key(way(OWN), KNOWN, ALL_KEYS).workspace is None
    assert with_key(way(base_url), KNOWN, environment).workspace is None


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        (Invocation(), "dashscope"),
        (Invocation(model="qwen-coder-plus-latest"), "dashscope"),
        (Invocation(model="demo"), "local"),
        (Invocation(base_url=ELSEWHERE), "openai"),
        (Invocation(model="mine", base_url=ELSEWHERE), "openai"),
        (Invocation(model="demo", base_url=ELSEWHERE), "local"),
        (Invocation(model="mine", base_url=ELSEWHERE, provider="dashscope"), "dashscope"),
        (Invocation(model="mine", base_url=OWN), "openai"),
    ],
    ids=[
        "default",
        "alias",
        "demo",
        "address",
        "name and address",
        "demo stays here",
        "said",
        "compatible",
    ],
)
def test_the_provider_is_the_one_said_or_implied(given: Invocation, provider: str) -> None:
    assert route(given, Policy(), KNOWN).provider == provider


@pytest.mark.parametrize("base_url", [None, ELSEWHERE])
def test_a_model_file_is_asked_on_this_machine(base_url: str | None, tmp_path: Path) -> None:
    path = tmp_path / "small-q4.gguf"
    path.touch()
    found = route(Invocation(model=str(path), base_url=base_url), Policy(), KNOWN)
    assert found == Route("local", KNOWN.unknown("small-q4", provider="local"), path=path, learn=True)
    other = path.rename(tmp_path / "weights")
    assert route(Invocation(model=str(other), provider="local"), Policy(), KNOWN).path == other


def test_the_demo_brings_its_own_weights() -> None:
    assert route(Invocation(model="demo"), Policy(), KNOWN) == Route("local", KNOWN.get("demo"))


def test_a_record_is_replayed_from_its_file(tmp_path: Path, home: Path) -> None:
    record = tmp_path / "answers.jsonl"
    record.touch()
    found = route(Invocation(model=f"replay:{record}"), Policy(), KNOWN)
    assert found == Route("replay", KNOWN.unknown(f"replay:{record}", provider="replay"), path=record, learn=True)
    assert route(Invocation(model=str(record), provider="replay"), Policy(), KNOWN).path == record
    (home / "answers.jsonl").touch()
    assert route(Invocation(model="replay:~/answers.jsonl"), Policy(), KNOWN).path == home / "answers.jsonl"


def test_dashscope_serves_a_known_model_at_its_price_wherever_it_is_asked_there() -> None:
    for base_url in (None, OWN, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"):
        found = route(Invocation(base_url=base_url), Policy(), KNOWN)
        assert found.model == KNOWN.get("qwen-coder-plus")
        assert not found.learn


@pytest.mark.parametrize("base_url", [ELSEWHERE, "http://dashscope.aliyuncs.com/v1", "http://127.0.0.1:8000/v1"])
def test_somebody_else_serves_a_known_model_at_a_price_and_in_a_window_nobody_knows(base_url: str) -> None:
    found = route(Invocation(base_url=base_url), Policy(), KNOWN)
    assert found.model == replace(KNOWN.get("qwen-coder-plus"), price=(), currency=None, rpm=None, tpm=None)
    assert found.learn
    assert found.base_url == base_url


def test_a_model_of_another_endpoint_is_taken_as_it_is_named() -> None:
    found = route(Invocation(model="gpt-x", base_url=ELSEWHERE), Policy(), KNOWN)
    assert found == Route("openai", KNOWN.unknown("gpt-x", provider="openai"), ELSEWHERE, learn=True)


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        (Invocation(input_limit=20_000), 20_000),
        (Invocation(model="qwen-new", input_limit=20_000), 20_000),
        (Invocation(model="gpt-x", base_url=ELSEWHERE, input_limit=7), 7),
        (Invocation(model="demo", input_limit=4_000), 4_000),
    ],
    ids=["a known model", "a new model of dashscope", "another endpoint", "the demo"],
)
def test_a_stated_input_limit_is_believed_and_nobody_is_asked_for_it(given: Invocation, limit: int) -> None:
    found = route(given, Policy(), KNOWN)
    assert found.model.input_limit == limit
    assert not found.learn


def test_a_record_keeps_the_limits_it_was_made_with(tmp_path: Path) -> None:
    record = tmp_path / "answers.jsonl"
    record.touch()
    given = Invocation(model=f"replay:{record}")
    assert route(replace(given, input_limit=20_000), Policy(), KNOWN) == route(given, Policy(), KNOWN)


@pytest.mark.parametrize("given", [{"model": "qwen-coder-pls"}, {"model": "qwen-coder-pls", "base_url": ""}])
def test_an_unknown_model_of_dashscope_is_refused_with_near_names(given: dict[str, str]) -> None:
    error = refused(**given)
    assert (error.message, error.slug) == ("unknown model: qwen-coder-pls", "unknown-model")
    assert "qwen-coder-plus" in error.hint


@pytest.mark.parametrize("base_url", [None, ""])
def test_a_compatible_endpoint_needs_an_address(base_url: str | None) -> None:
    error = refused(provider="openai", base_url=base_url)
    assert (error.message, error.slug) == ("--provider openai needs an address", "bad-option")
    assert "--base-url" in error.hint


@pytest.mark.parametrize(
    "base_url",
    [
        "models.example/v1",
        "localhost:8000",
        "file:///etc/passwd",
        "ftp://models.example",
        "http://",
        "http:/models.example",
        "https:models.example/v1",
        "https://:8000/v1",
        "https://[::1",
        "https://models.example:port/v1",
        "https://models.example:99999/v1",
        "https://models.example:0/v1",
        "https://models.example\n.evil.example/",
        " https://models.example/v1",
        "https://models example/v1",
        "https://ada:secret@models.example/v1",
    ],
)
def test_an_address_that_is_none_is_refused(base_url: str) -> None:
    error = refused(base_url=base_url)
    assert error.message == "--base-url is no plain web address"
    assert "https://host/v1" in error.hint
    assert error.slug == "bad-option"
    assert "secret" not in error.message + error.hint


@pytest.mark.parametrize("base_url", [ELSEWHERE, "http://127.0.0.1:8000/v1", "http://[::1]:8000", "HTTP://localhost"])
def test_a_web_address_is_taken(base_url: str) -> None:
    assert Invocation(base_url=base_url).base_url == base_url


@pytest.mark.parametrize(
    "model",
    [
        "no-such.gguf",
        "replay:",
        "replay:no-such.jsonl",
        "~nobody-of-that-name/x.gguf",
        "x" * 5_000 + ".gguf",
        "nul\0.gguf",
        ".gguf",
    ],
    ids=["file", "nothing", "record", "home", "long", "nul", "ending"],
)
def test_a_model_file_that_is_not_there_is_refused(model: str) -> None:
    error = refused(model=model)
    assert error.message.startswith("no such model file: ")
    assert error.slug == "no-model-file"


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    folder = tmp_path / "x.gguf"
    folder.mkdir()
    assert refused(model=str(folder)).message == f"no such model file: {folder}"


def test_a_model_of_dashscope_is_no_local_one() -> None:
    assert refused(provider="local").message == "no such model file: qwen-coder-plus"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"revision": "main...", "worktree": True}, "the revision main... and --worktree"),
        ({"revision": "", "patch": "-"}, "the revision  and --patch"),
        ({"worktree": True, "patch": "x.diff"}, "--worktree and --patch"),
        ({"revision": "a", "worktree": True, "patch": ""}, "the revision a and --worktree and --patch"),
    ],
)
def test_one_thing_is_reviewed_at_a_time(given: dict[str, Any], named: str) -> None:
    error = refused(**given)
    assert (error.message, error.slug) == (f"more than one thing to review: {named}", "bad-option")


@pytest.mark.parametrize("given", [{}, {"revision": "main..."}, {"worktree": True}, {"patch": "-"}])
def test_each_of_them_alone_is_taken(given: dict[str, Any]) -> None:
    assert Invocation(**given).provider is None


@pytest.mark.parametrize(
    ("sinks", "record", "place"),
    [
        ((Sink("text"), Sink("json")), None, "standard output"),
        ((Sink("json", Path("a")), Sink("text"), Sink("text", Path("./a"))), None, "a"),
        ((Sink("json", Path("a")),), Path("a"), "a"),
    ],
    ids=["standard output", "one file", "a report and a record"],
)
def test_two_outputs_in_one_place_are_refused(sinks: tuple[Sink, ...], record: Path | None, place: str) -> None:
    error = refused(sinks=sinks, record=record)
    assert (error.message, error.slug) == (f"two outputs are written to {place}", "bad-option")


def test_one_report_on_the_terminal_and_others_in_files_are_fine() -> None:
    sinks = (Sink("text"), Sink("json", Path("a")), Sink("text", Path("b")))
    assert Invocation(sinks=sinks, record=Path("c")).sinks == sinks
    assert Invocation(sinks=()).sinks == ()


def test_a_model_is_reached_through_each_protocol_of_its_vendor_with_the_same_key() -> None:
    way = with_key(route(Invocation(provider="dashscope-native"), Policy(), KNOWN), KNOWN, {"DASHSCOPE_API_KEY": "k"})
    assert (way.provider, way.base_url) == ("dashscope-native", "https://dashscope.aliyuncs.com/api/v1")
    assert (way.model.name, way.key, way.own) == ("qwen-coder-plus", "k", True)
    assert way.model.price


def test_a_model_of_this_machine_is_not_asked_of_a_provider_that_has_another_home() -> None:
    error = refused(model="demo", provider="dashscope")
    assert (error.message, error.slug) == ("--provider dashscope does not serve demo", "bad-option")


BOTH_KEYS = {**ALL_KEYS, "REVIEWBOT_VERIFY_API_KEY": "sk-second"}


def checking(name: str | None, **said: Any) -> Route | None:
    return second(Invocation(verify=name, **said), Policy(), KNOWN)


def test_without_a_name_nobody_checks() -> None:
    assert checking(None) is None


@pytest.mark.parametrize(
    ("name", "said", "provider", "base_url"),
    [
        ("qwen-max", {}, "dashscope", OWN),
        ("qwen-max", {"model": "demo"}, "dashscope", OWN),
        ("qwen-max", {"base_url": ELSEWHERE}, "openai", ELSEWHERE),
        ("mine", {"base_url": ELSEWHERE, "model": "demo"}, "openai", ELSEWHERE),
        ("demo", {"base_url": ELSEWHERE, "model": "mine"}, "local", ""),
        (
            "qwen-max",
            {"provider": "dashscope-native"},
            "dashscope-native",
            KNOWN.endpoints["dashscope-native"].base_url,
        ),
    ],
)
def test_the_second_model_is_found_as_the_first_one_is(
    name: str, said: dict[str, Any], provider: str, base_url: str
) -> None:
    found = checking(name, **said)
    assert found
    assert (found.model.name, found.provider, found.base_url, found.verifies) == (name, provider, base_url, True)


def test_what_is_said_of_the_first_models_limit_says_nothing_of_the_second() -> None:
    found = checking("qwen-max", input_limit=7_000)
    assert found
    assert found.model == KNOWN.get("qwen-max")


@pytest.mark.parametrize("name", ["no-such-model", "missing.gguf", "replay:missing"])
def test_a_second_model_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        checking(name)


def test_the_key_of_the_second_model_goes_to_it_alone() -> None:
    found = checking("qwen-max")
    assert found
    assert with_key(found, KNOWN, BOTH_KEYS).key == "sk-second"
    assert with_key(found, KNOWN, {**BOTH_KEYS, "REVIEWBOT_VERIFY_API_KEY": " "}).key == "sk-mine"
    assert with_key(found, KNOWN, {"DASHSCOPE_API_KEY": "sk-dashscope"}).key == "sk-dashscope"
    assert key(OWN, BOTH_KEYS) == "sk-mine"
    assert key(ELSEWHERE, {"REVIEWBOT_VERIFY_API_KEY": "sk-second"}) is None
    local = checking("demo")
    assert local
    assert with_key(local, KNOWN, BOTH_KEYS).key is None
