"""The suite that comes with the project is what it says it is."""

from evaluation import check
from evaluation.suite import OWN


def test_every_change_of_the_suite_is_well_formed_and_there_are_enough() -> None:
    assert check.problems(OWN) == []
