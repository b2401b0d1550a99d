"""Files that are there whole or not at all. Alone knows how one is put in its place."""

import tempfile
from pathlib import Path


def write(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file so that whoever reads it finds what was there before or all of this, whatever happens meanwhile.

    Args:
        path: in a folder that exists. A link there is replaced and not followed.
        data: what it shall hold.
        mode: its permissions, None: its owner alone reads it.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    # A name that nobody can guess, and that nothing else has: a link may lie in wait.
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(data)
            file.close()
            if mode is not None:
                part.chmod(mode)
            part.replace(path)
        finally:
            # Once it is in its place there is none of this name.
            part.unlink(missing_ok=True)
