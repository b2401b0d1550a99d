"""Where a repository's settings lie, and that no file makes the reader stumble."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot.errors import ConfigError, ExitCode
from reviewbot.policyfile import PolicyFile, read
from reviewbot.terminal import visible

OWN = ".reviewbot.toml"
SHARED = "pyproject.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The top of a repository."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def refused(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(str(folder))
    error = caught.value
    assert (error.slug, error.exit_code) == ("bad-settings", ExitCode.USAGE)
    assert visible(error.message + error.hint) == error.message + error.hint
    assert error.hint
    return error


def test_a_repository_without_a_file_has_no_settings(folder: Path) -> None:
    assert read(str(folder)) is None


@pytest.mark.parametrize("text", ["", "# only words\n", "\n\n"], ids=repr)
def test_a_file_may_say_nothing(folder: Path, text: str) -> None:
    (folder / OWN).write_text(text)
    assert read(str(folder)) == PolicyFile(OWN, {})


def test_either_file_is_read_and_named(folder: Path) -> None:
    (folder / OWN).write_text('fail-on = "error"\n[more]\nx = 1\n')
    assert read(str(folder)) == PolicyFile(OWN, {"fail-on": "error", "more": {"x": 1}})
    (folder / OWN).unlink()
    (folder / SHARED).write_text('[project]\nname = "x"\n[tool.reviewbot]\nexclude = ["a"]\n[tool.ruff]\nselect = []\n')
    assert read(str(folder)) == PolicyFile("pyproject.toml [tool.reviewbot]", {"exclude": ["a"]})


def test_settings_in_both_files_are_an_error_even_where_both_say_nothing(folder: Path) -> None:
    (folder / OWN).write_text("")
    (folder / SHARED).write_text("[tool.reviewbot]\n")
    error = refused(folder)
    assert error.message == "settings stand in .reviewbot.toml and in pyproject.toml"
    assert "[tool.reviewbot]" in error.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "broken = [",
        '[project]\ndependencies = ["reviewbot"]\n',
        '[project]\nname = "reviewbot"\n[tool]\nother = 1\n',
        "reviewbot = 1\n",
        "tool = 'reviewbot'\n",
        '[tool.other]\nreviewbot = "x"\n',
    ],
)
def test_a_pyproject_without_our_table_says_nothing(folder: Path, text: str) -> None:
    (folder / SHARED).write_text(text)
    assert read(str(folder)) is None
    (folder / OWN).write_text('language = "zh"\n')
    assert read(str(folder)) == PolicyFile(OWN, {"language": "zh"})


@pytest.mark.parametrize("text", ["[tool]\nreviewbot = 5\n", "[[tool.reviewbot]]\n", "tool.reviewbot = 'x'\n"])
def test_our_table_has_to_be_one(folder: Path, text: str) -> None:
    (folder / SHARED).write_text(text)
    error = refused(folder)
    assert (error.message, error.hint) == (
        "pyproject.toml: tool.reviewbot is no table",
        "begin it with [tool.reviewbot]",
    )


@pytest.mark.parametrize("name", [OWN, SHARED])
def test_a_broken_file_is_named_with_its_line(folder: Path, name: str) -> None:
    (folder / name).write_text("[tool.reviewbot]\nexclude = []\nfail-on = error\n")
    error = refused(folder)
    assert error.message.startswith(f"{name} is no TOML: ")
    assert "at line 3, column 11" in error.message


def test_a_file_that_is_no_utf_8_is_named(folder: Path) -> None:
    (folder / OWN).write_bytes(b'model = "\xff"\n')
    assert refused(folder).message.startswith(".reviewbot.toml is no TOML: 'utf-8' codec can't decode byte 0xff")
    (folder / OWN).write_bytes('language = "zh"\n'.encode("utf-16"))
    assert "is no TOML" in refused(folder).message


@pytest.mark.parametrize("name", [OWN, SHARED])
def test_a_byte_order_mark_is_no_part_of_a_file(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xef\xbb\xbf" + b"tool.reviewbot.x = 1\n")
    found = read(str(folder))
    assert found
    assert found.values in ({"x": 1}, {"tool": {"reviewbot": {"x": 1}}})


@pytest.mark.parametrize("text", ["x = " + "[" * 3000, "x = " + "{a=" * 3000], ids=["lists", "tables"])
def test_a_file_that_is_nested_without_end_is_an_error_of_ours(folder: Path, text: str) -> None:
    (folder / OWN).write_text(text)
    assert "is no TOML: " in refused(folder).message


def test_a_number_of_thousands_of_digits_is_an_error_of_ours(folder: Path) -> None:
    (folder / OWN).write_text("x = " + "9" * 5000)
    assert "is no TOML: " in refused(folder).message


@pytest.mark.parametrize("name", [OWN, SHARED])
def test_what_stands_in_the_place_of_a_file_is_named_and_never_waited_for(folder: Path, name: str) -> None:
    place = folder / name
    hint = "make it a readable file, or remove it"
    place.mkdir()
    assert (refused(folder).message, refused(folder).hint) == (f"cannot read {name}: it is no file", hint)
    place.rmdir()
    os.mkfifo(place)
    assert refused(folder).message == f"cannot read {name}: it is no file"
    place.unlink()
    place.symlink_to("nowhere")
    assert refused(folder).message == f"cannot read {name}: it is no file"
    place.unlink()
    place.symlink_to("/dev/zero")
    assert refused(folder).message == f"cannot read {name}: it leads out of the repository"
    place.unlink()
    place.symlink_to(name)
    assert refused(folder).message == f"cannot read {name}: it is no file"


def test_a_file_that_is_closed_to_us_is_named() -> None:
    # Root may read everything, so it reads as nobody, who needs a folder that is open to all.
    with TemporaryDirectory() as name:
        folder, user = Path(name), os.geteuid()
        folder.chmod(0o755)
        (folder / OWN).write_text("")
        (folder / OWN).chmod(0)
        try:
            if user == 0:
                os.seteuid(65534)
            assert refused(folder).message == "cannot read .reviewbot.toml: Permission denied"
        finally:
            os.seteuid(user)


def test_a_link_to_a_file_is_followed(folder: Path) -> None:
    (folder / "real.toml").write_text("x = 1\n")
    (folder / OWN).symlink_to("real.toml")
    assert read(str(folder)) == PolicyFile(OWN, {"x": 1})


def test_a_link_that_leads_out_of_the_repository_is_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.toml").write_text("key = 'sk-very-secret\n")
    (folder / OWN).symlink_to(outside / "secret.toml")
    assert refused(folder).message == "cannot read .reviewbot.toml: it leads out of the repository"
    (folder / OWN).unlink()
    (folder / OWN).symlink_to(Path("..", outside.parent.name, outside.name, "secret.toml"))
    assert "leads out" in refused(folder).message


def test_a_folder_below_reads_the_top_and_nothing_between(folder: Path) -> None:
    (folder / OWN).write_text("x = 1\n")
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    (folder / "a" / OWN).write_text("x = 2\n")
    (deep / SHARED).write_text("[tool.reviewbot]\nx = 3\n")
    assert read(str(deep)) == PolicyFile(OWN, {"x": 1})


@pytest.mark.parametrize("kind", ["a folder", "a file"])
def test_a_repository_inside_another_has_its_own_settings(folder: Path, kind: str) -> None:
    (folder / OWN).write_text("x = 1\n")
    inner = folder / "inner"
    (inner / "deep").mkdir(parents=True)
    # In a submodule and in a linked work tree it is a file.
    if kind == "a file":
        (inner / ".git").write_text("gitdir: ../x\n")
    else:
        (inner / ".git").mkdir()
    assert read(str(inner / "deep")) is None
    (inner / OWN).write_text("x = 2\n")
    assert read(str(inner / "deep")) == PolicyFile(OWN, {"x": 2})


def test_outside_a_repository_the_folder_alone_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / OWN).write_text("x = 1\n")
    below = tmp_path / "below"
    below.mkdir()
    assert read(str(tmp_path)) == PolicyFile(OWN, {"x": 1})
    assert read(str(below)) is None


def test_a_folder_reached_through_a_link_is_the_one_it_leads_to(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (folder / OWN).write_text("x = 1\n")
    (folder / "sub").mkdir()
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(folder / "sub")
    assert read(str(link)) == PolicyFile(OWN, {"x": 1})


def test_a_folder_that_is_gone_has_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert read(".") is None


def test_a_folder_whose_name_no_system_takes_is_an_error_of_ours() -> None:
    with pytest.raises(ConfigError, match=r"^cannot read \.reviewbot\.toml: File name too long$"):
        read("/" + "x" * 5000)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one file after the other."""
    return tmp_path_factory.mktemp("scratch")


def outcome(folder: Path) -> PolicyFile | str | None:
    """What a folder's file says, or what is said of it."""
    try:
        return read(str(folder))
    except ConfigError as error:
        return error.message


@given(content=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")))
@example(content=b"a = 1\na = 2\n")
@example(content=b'"\\u001b[31m\\n" = \x1b')
@example(content=b"[tool.reviewbot\n\x1b]0;x\x07")
@example(content=b"x = 0x" + b"F" * 9999)
def test_whatever_stands_in_a_file_it_is_read_or_refused(scratch: Path, content: bytes) -> None:
    for name in (OWN, SHARED):
        (scratch / name).write_bytes(b"[tool.reviewbot]\n" * (name is SHARED) + content)
        said = outcome(scratch)
        assert not isinstance(said, str) or visible(said) == said
        (scratch / name).unlink()
