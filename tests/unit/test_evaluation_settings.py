"""Every option of the product can be set by its name, but for those that mean nothing to many reviews at once."""

from pathlib import Path

import click
import pytest

from evaluation import record
from evaluation.errors import EvaluationError
from evaluation.results import Outcome, Results
from evaluation.settings import chosen
from reviewbot import options
from reviewbot.errors import ConfigError
from reviewbot.finding import Severity


def test_options_reach_invocation_and_policy_as_flags_do() -> None:
    made = chosen(["model=demo", "chunk-tokens=800", "include=a/*", "include=b/*", "min-severity=error", "jobs=2"])
    assert (made.invocation.model, made.invocation.jobs, made.invocation.revision) == ("demo", 2, "HEAD")
    assert (made.policy.chunk_tokens, made.policy.include) == (800, ("a/*", "b/*"))
    assert made.policy.min_severity is Severity.ERROR
    assert made.said == {"chunk-tokens": "800", "include": "a/*, b/*", "min-severity": "error", "jobs": "2"}


def test_nothing_said_is_the_products_own_and_answers_never_come_from_its_cache() -> None:
    made = chosen([])
    assert made.said == {}
    assert made.policy == chosen([]).policy
    assert made.invocation.cache is False


def test_variables_of_the_product_hold_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWBOT_JOBS", "3")
    monkeypatch.setenv("REVIEWBOT_RECORD", "answers.jsonl")
    made = chosen([])
    assert (made.invocation.jobs, made.invocation.record, made.said) == (3, None, {"jobs": "3"})


@pytest.mark.parametrize("name", ["post", "record", "format", "no-cache", "baseline", "hints", "colour"])
def test_what_means_nothing_here_is_refused_by_name(name: str) -> None:
    with pytest.raises(EvaluationError, match=f"--{name}=x cannot be set here"):
        chosen([f"{name}=x"])


def test_every_other_option_of_a_review_can_be_set() -> None:
    with pytest.raises(EvaluationError) as refused:
        chosen(["x=1"])
    offered = set(str(refused.value).partition(": ")[2].split(", "))
    alone = {"api-url", "baseline", "fail-open", "format", "full", "hints", "no-cache", "post", "record"}
    assert offered == {options.name(option) for option in options.SETTINGS} - alone


def test_a_value_that_the_product_refuses_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="is not in the range"):
        chosen(["chunk-tokens=3"])
    with pytest.raises(ConfigError, match="no plain web address"):
        chosen(["base-url=nowhere"])


def test_a_record_is_a_folder_of_its_own(tmp_path: Path) -> None:
    record.begin(tmp_path / "new" / "folder")
    (tmp_path / "file").touch()
    with pytest.raises(EvaluationError, match="is not empty"):
        record.begin(tmp_path)
    with pytest.raises(EvaluationError, match="cannot write to"):
        record.begin(tmp_path / "file")
    with pytest.raises(EvaluationError, match="holds no record"):
        record.opened(tmp_path)


def test_a_record_knows_its_seeds_in_their_order_and_what_each_review_took(tmp_path: Path) -> None:
    for seed in (2_234, 1_234, 10_234):
        record.answers(tmp_path, seed).touch()
    (tmp_path / "seed-x.jsonl").touch()
    bare = record.opened(tmp_path)
    outcome = Outcome("c-x", 1_234, seconds=1.0)
    assert bare.seeds == (1_234, 2_234, 10_234)
    assert bare.priced(outcome) == outcome
    record.finish(tmp_path, Results("m", {"jobs": "2"}, (1_234,), (), (Outcome("c-x", 1_234, seconds=9.0),)))
    whole = record.opened(tmp_path)
    assert whole.settings == {"jobs": "2"}
    assert whole.priced(outcome).seconds == 9.0
    assert whole.priced(Outcome("c-y", 1_234, seconds=1.0)).seconds == 1.0
    assert whole.model(1_234) == f"replay:{tmp_path / 'seed-1234.jsonl'}"
