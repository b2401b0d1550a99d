"""The documents say what the code does."""

import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import click
import pytest

from reviewbot import __version__, catalogue, defaults, options, registry
from reviewbot.baselines import MOST_BYTES as MOST_BYTES_OF_BASELINE
from reviewbot.calls.cache import KEPT_SECONDS, MOST_BYTES, folder
from reviewbot.calls.retry import FIRST_PAUSE, LONGEST_PAUSE, MOST_PATIENCE, TRIES
from reviewbot.cli import commands
from reviewbot.defaults import CHUNK_TOKENS
from reviewbot.errors import ExitCode, ProviderErrorKind
from reviewbot.events import Event
from reviewbot.hosts._github_refusals import TroubleKind
from reviewbot.policyfile import read
from reviewbot.routing import KEY, VERIFY_KEY
from reviewbot.settle import settle
from reviewbot.stages.chunk import GROUP

ROOT = Path(__file__).parents[2]
REVIEW = commands.commands["review"]
PLAN = commands.commands["plan"]
BASELINE = commands.commands["baseline"]


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_option_stands_in_the_usage_and_nothing_else_does() -> None:
    table = _read("docs/usage.md").partition("\n## Options\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"--[a-z-]+", "\n".join(row.split("|")[1] for row in table.split("\n") if "`-" in row)))
    assert documented == _flags(REVIEW)


def test_every_command_stands_in_the_usage() -> None:
    documented = set(re.findall(r"^- `reviewbot (\w+)", _read("docs/usage.md"), re.MULTILINE))
    assert documented == set(commands.commands)


def _section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    found = _read(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert found
    return found


def test_what_a_file_in_the_repository_may_hold_is_what_it_is_taken_from() -> None:
    sentence = (
        _section("docs/usage.md", "Settings in the repository").partition("It may hold ")[2].partition(", named")[0]
    )
    documented = set(re.findall(r"`([a-z-]+)`", sentence)) - {"reviewbot"}
    assert documented == {options.name(option) for option in options.POLICY}


def test_the_example_of_settings_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", _section("docs/usage.md", "Settings in the repository"), re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(example)
    found = settle(REVIEW.make_context("review", []), file=read(str(tmp_path)))
    assert {setting.name: setting.value for setting in found if setting.by_file} == {
        "exclude": ("docs/**", "*.snap"),
        "fail-on": "error",
        "min-confidence": 0.5,
    }


def test_the_options_a_plan_takes_are_those_the_usage_names() -> None:
    paragraph = _section("docs/usage.md", "Before anything is asked").partition(". It shows")[0]
    documented = set(re.findall(r"--[a-z-]+", paragraph))
    taken = {name for param in PLAN.params if param not in options.TARGET for name in param.opts if name[:2] == "--"}
    assert documented == taken - {"--show-prompts", "--format"}


def test_every_option_of_a_plan_is_the_same_option_of_a_review() -> None:
    own = {"--show-prompts", "--format"}
    shared = [param for param in PLAN.params if not own & {*param.opts}]
    assert len(shared) == len(PLAN.params) - 2
    for param in shared:
        assert any(param is other for other in REVIEW.params), param.name


def _flags(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts if name.startswith("--")}


def test_a_baseline_takes_the_options_of_a_review_but_those_the_usage_names() -> None:
    sentence = _section("docs/usage.md", "Baseline").partition("options of a review but ")[2].partition(". ")[0]
    assert set(re.findall(r"--[a-z-]+", sentence)) == _flags(REVIEW) - _flags(BASELINE)
    assert _flags(BASELINE) - _flags(REVIEW) == {"--output"}
    for param in BASELINE.params:
        assert param.name == "output" or any(param is other for other in REVIEW.params), param.name


def test_the_name_and_the_limit_of_a_baseline_are_those_of_the_code() -> None:
    assert f"to `{defaults.BASELINE}` at the" in " ".join(_section("docs/usage.md", "Baseline").split())
    assert f"larger than {MOST_BYTES_OF_BASELINE // 1_000_000} MB" in _section("docs/errors.md", "bad-baseline")


@pytest.mark.parametrize("name", ["plan", "models", "config", "report", "baseline"])
def test_every_schema_is_linked_from_the_usage(name: str) -> None:
    assert f"]({name}.schema.json)" in _read("docs/usage.md")


def test_every_schema_belongs_to_a_command_or_to_the_report() -> None:
    names = {path.name.removesuffix(".schema.json") for path in (ROOT / "docs").glob("*.schema.json")}
    overviews = {path.stem for path in (ROOT / "reviewbot" / "overviews").glob("[a-z]*.py")}
    assert names == overviews | {"report", "baseline"}
    assert overviews < set(commands.commands)


def test_every_variable_of_the_usage_is_one() -> None:
    named = set(re.findall(r"`(REVIEWBOT_[A-Z_]+)`", _read("docs/usage.md")))
    assert named <= {str(option.envvar) for option in options.SETTINGS} | {KEY, VERIFY_KEY}


def test_defaults_in_the_usage_are_those_of_the_options() -> None:
    table = _read("docs/usage.md")
    for param in REVIEW.params:
        if isinstance(param, click.Option) and isinstance(param.default, str):
            assert re.search(rf"{param.opts[-1]}\b.*\| `{param.default}` \|", table), param.name
    assert f"| {CHUNK_TOKENS:,} |" in table
    assert f"at most {GROUP} files" in table


@pytest.mark.parametrize("page", ["README.md", "docs/usage.md"])
def test_the_exit_codes_are_those_of_the_code(page: str) -> None:
    codes = re.findall(r"^\| (\d+) \| .+ \|$", _read(page), re.MULTILINE)
    assert [int(code) for code in codes] == [code.value for code in ExitCode]


def test_every_error_has_a_heading_and_every_heading_an_error() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "reviewbot").rglob("*.py"))
    slugs = set(re.findall(r'slug="([a-z-]+)"', code))
    slugs |= {f"provider-{kind.value.replace('_', '-')}" for kind in ProviderErrorKind}
    slugs |= {kind.value for kind in TroubleKind}
    slugs |= set(
        re.findall(r'^        "([a-z]+(?:-[a-z]+)+)",\n    \),?$', _read("reviewbot/sources/_rungit.py"), re.MULTILINE)
    )
    assert set(re.findall(r"^## ([a-z-]+)$", _read("docs/errors.md"), re.MULTILINE)) == slugs


@pytest.mark.parametrize("folder", ["providers", "formats", "hosts"])
def test_every_provider_format_and_host_stands_in_the_options(folder: str) -> None:
    table = _read("docs/usage.md").partition("\n## Options\n")[2].partition("\n## ")[0]
    for name in registry.names(folder):
        assert f"`{name}`" in table


def test_every_stage_stands_in_the_architecture() -> None:
    page = _read("docs/architecture.md")
    for path in (ROOT / "reviewbot" / "stages").glob("[a-z]*.py"):
        assert f"`{path.stem}`" in page
    events = re.findall(r"`(\w+)`", page.partition("yields events (")[2].partition(")")[0])
    assert {*events} == {event.__name__ for event in get_args(Event)}
    assert len(events) == 9


def test_every_call_stands_in_the_architecture_in_the_order_of_their_nesting() -> None:
    page = _read("docs/architecture.md")
    calls = {path.stem for path in (ROOT / "reviewbot" / "calls").glob("[a-z]*.py")}
    (row,) = (line for line in page.split("\n") if line.startswith("| `calls/`"))
    assert set(re.findall(r"`(\w+)`", row)) == calls
    order = page.partition("nested in one order: ")[2].partition(".")[0].split()
    assert {word.strip(",") for word in order} == calls | {"provider"}


def test_what_is_asked_again_and_how_often_is_what_the_code_does() -> None:
    table = dict(re.findall(r"^\| (.+?) \| (\d) times \|$", _section("docs/usage.md", "Requests"), re.MULTILINE))
    kinds = ProviderErrorKind
    assert {words: int(times) for words, times in table.items()} == {
        "throttled (429)": TRIES[kinds.RATE],
        "trouble of the server (408, 409, 5xx)": TRIES[kinds.SERVER],
        "no connection, or an answer that broke off": TRIES[kinds.UNREACHABLE],
    }
    assert TRIES.keys() == {kinds.RATE, kinds.SERVER, kinds.UNREACHABLE, kinds.BROKEN}
    assert TRIES[kinds.BROKEN] == TRIES[kinds.UNREACHABLE]
    assert (FIRST_PAUSE, LONGEST_PAUSE, MOST_PATIENCE) == (1, 60, 300)


def test_the_pace_and_the_cache_are_as_the_usage_says() -> None:
    page = _section("docs/usage.md", "Requests")
    rows = re.findall(r"^\| (?:free|paid).* \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE)
    said = [tuple(int(number.replace(",", "")) for number in row) for row in rows]
    known = [catalogue.load().get(name) for name in ("qwen-max", "qwen-coder-plus")]
    assert said == [(60, 60_000), *((model.rpm, model.tpm) for model in known)]
    assert f"kept for {KEPT_SECONDS // 86_400} days" in page
    assert f"at most {MOST_BYTES // 1_000_000} MB" in page
    place = str(folder({"XDG_CACHE_HOME": "/x"})).removeprefix("/x/")
    assert f"in `{place}` below" in page


def test_every_variable_for_a_provider_stands_in_the_usage() -> None:
    for name, endpoint in catalogue.load().endpoints.items():
        for variable in (endpoint.key, endpoint.workspace):
            assert f"| `{variable}` |" in _section("docs/usage.md", "Keys"), name


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([a-z-]+))?\)", page.read_text("utf-8")):
            file = page.parent / target if target else page
            assert file.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
                assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_the_version_is_one_that_packages_can_have() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_the_picture_shows_the_program() -> None:
    drawn = ET.parse(ROOT / "docs" / "demo.svg")
    words = "".join("".join(drawn.getroot().itertext()).split())
    assert "2\xa0files\xa0reviewed".replace("\xa0", "") in words


def test_every_threat_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| .+ \| .+ \| \[(.+)\]\((tests/.+)\) \|$", _read("SECURITY.md"), re.MULTILINE)
    assert len(rows) == _read("SECURITY.md").count("](tests/")
    assert len(rows) > 15
    for name, path in rows:
        assert f"def test_{name.replace(' ', '_')}(" in (ROOT / path).read_text("utf-8"), name
