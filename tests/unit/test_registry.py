from pathlib import Path

import pytest

from reviewbot import registry


def test_a_folder_offers_its_public_modules_sorted() -> None:
    assert registry.names("formats") == ("github", "json", "markdown", "rdjson", "sarif", "text")
    assert registry.names("providers") == ("dashscope", "dashscope-native", "local", "openai", "replay")


def test_private_modules_and_other_files_are_no_values(tmp_path: Path) -> None:
    for name in ("b_two.py", "a.py", "_private.py", "__init__.py", "notes.txt", "c.pyc"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert registry.names(str(tmp_path)) == ("a", "b-two")


@pytest.mark.parametrize("folder", ["formats", "hosts", "sources"])
def test_every_value_can_be_loaded_under_its_name(folder: str) -> None:
    for name in registry.names(folder):
        assert registry.load(folder, name).__name__ == f"reviewbot.{folder}.{name.replace('-', '_')}"


def test_a_hyphen_of_a_value_is_an_underscore_of_its_module() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"reviewbot\.formats\.no_such_format"):
        registry.load("formats", "no-such-format")
