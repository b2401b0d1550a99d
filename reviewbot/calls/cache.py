"""Answers that are kept, so that the same is asked once. Alone knows where they lie and in which form.

Each answer is a file of its own, written aside and moved into its place: whoever reads sees all of it or none, whatever
happens to who writes.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from reviewbot import whole
from reviewbot.calls._around import Around
from reviewbot.ports import Answering
from reviewbot.review import Completion, Finish, Prompt, Usage

VERSION = 1

KEPT_SECONDS = 30 * 24 * 3600
"""How long an answer is kept."""

MOST_BYTES = 100_000_000
"""What all answers may take together; the oldest go first."""

_LEFT_SECONDS = 3600
"""After which a file that was never moved into its place is taken for left behind."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of answers that only its user can read.

    Attributes:
        folder: it need not exist.
        most_bytes: what all answers may take.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, key: str) -> str | None:
        """The answer kept under a key, None where none can be used."""
        path = self._path(key)
        try:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                return None
            return _text(json.loads(path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, key: str, text: str) -> None:
        """Keep an answer; where that fails, it is asked again another time."""
        path = self._path(key)
        row = {"version": VERSION, "text": text}
        with suppress(OSError):
            _make_private(path.parent)
            whole.write(path, json.dumps(row).encode())

    def remove(self, key: str) -> None:
        """Keep nothing under a key any more."""
        with suppress(OSError):
            self._path(key).unlink()

    def tidy(self) -> None:
        """Remove what is too old, what was left behind, and the oldest of what is too much."""
        # A folder that is closed to us holds nothing of ours.
        with suppress(OSError):
            self._tidy()

    def _tidy(self) -> None:
        now = time.time()
        kept = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                state = path.stat()
                age = now - state.st_mtime
                if age > (_LEFT_SECONDS if path.suffix == ".part" else KEPT_SECONDS):
                    path.unlink()
                else:
                    kept.append((state.st_mtime, state.st_size, path))
        over = sum(size for _, size, _ in kept) - self.most_bytes
        for _, size, path in sorted(kept):
            if over <= 0:
                break
            over -= size
            with suppress(OSError):
                path.unlink()

    def clear(self) -> int:
        """Remove every answer; returns how many there were."""
        removed = 0
        with suppress(OSError):
            for path in self.folder.glob("*/*"):
                path.unlink()
                removed += path.suffix == ".json"
        return removed

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _text(row: object) -> str | None:
    """The answer in a file, None where it is none of ours."""
    match row:
        case {"version": version, "text": str(text)} if version == VERSION:
            return text
    return None


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, all of them for their owner alone."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@dataclass(frozen=True)
class Cache(Around):
    """Asks only what was not answered before.

    Attributes:
        store: of answers.
        identity: of who answers: the same prompt to another endpoint, model or file is another question.
        usable: whether an answer is worth keeping.
    """

    store: Store
    identity: str = field(repr=False)
    usable: Callable[[str], bool]

    def complete(self, prompt: Prompt) -> Answering:
        """The kept answer, or a new one, which is kept when it is whole and can be read."""
        key = self._key(prompt)
        kept = self.store.read(key)
        if kept is not None:
            yield kept
            currency = self.model.currency
            yield Usage(cached=1, cost=Decimal() if currency else None, currency=currency)
            return Completion(kept, Finish.STOP)
        completion = yield from self.provider.complete(prompt)
        if completion.finish is Finish.STOP and self.usable(completion.text):
            self.store.write(key, completion.text)
        return completion

    def close(self) -> None:
        """Close the provider inside, and keep no more answers than there may be."""
        self.provider.close()
        self.store.tidy()

    def _key(self, prompt: Prompt) -> str:
        model = self.model
        sampling = model.sampling
        asked: list[object] = [
            VERSION,
            self.identity,
            model.name,
            [sampling.temperature, sampling.seed, sampling.repetition_penalty, model.max_output],
            prompt.attempt,
            [[message.role, message.content] for message in prompt.messages],
            # Left out for the first pass: what was kept before there were others stays usable.
            *([prompt.sample] if prompt.sample else []),
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def folder(environment: Mapping[str, str], *, home: Callable[[], Path] = Path.home) -> Path | None:
    """Where answers are kept: below XDG_CACHE_HOME, else in ~/.cache; None for a user who has no home.

    Args:
        environment: of the process.
        home: of the user; a RuntimeError where there is none.
    """
    base = environment.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):
        return Path(base or home() / ".cache", "reviewbot", "answers")
    return None
