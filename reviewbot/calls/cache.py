"""Answers that are kept, so that the same is asked once. Alone knows where they lie and in which form.

Each answer is a file of its own, written aside and moved into its place: whoever reads sees all of it or none, whatever
happens to who writes.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reviewbot.calls._around import Around
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard
from reviewbot.reply import read
from reviewbot.review import Completion, Finish, Prompt, Usage

VERSION = 1

KEPT_SECONDS = 30 * 24 * 3600
"""How long an answer is kept."""

MOST_BYTES = 100_000_000
"""What all answers may take together; the oldest go first."""

_LEFT_SECONDS = 3600
"""After which a file that was never moved into its place is taken for left behind."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, with the tokens it took when it was asked for."""

    text: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of answers that only its user can read.

    Attributes:
        folder: it need not exist.
        most_bytes: what all answers may take.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, key: str) -> Kept | None:
        """The answer kept under a key, None where none can be used."""
        path = self._path(key)
        try:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                return None
            return _kept(json.loads(path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, key: str, kept: Kept) -> None:
        """Keep an answer; where that fails, it is asked again another time."""
        path = self._path(key)
        row = {
            "version": VERSION,
            "text": kept.text,
            "input_tokens": kept.input_tokens,
            "output_tokens": kept.output_tokens,
        }
        with suppress(OSError):
            _make_private(path.parent)
            # A file of `tempfile` is its owner's alone.
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
                part = Path(file.name)
                try:
                    file.write(json.dumps(row).encode())
                    file.close()
                    part.replace(path)
                except OSError:
                    part.unlink()

    def tidy(self) -> None:
        """Remove what is too old, what was left behind, and the oldest of what is too much."""
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
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                path.unlink()
                removed += path.suffix == ".json"
        return removed

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _kept(row: object) -> Kept | None:
    """What a file says, None where it is none of ours."""
    match row:
        case {"version": version, "text": str(text), "input_tokens": int(asked), "output_tokens": int(answered)}:
            return Kept(text, asked, answered) if version == VERSION else None
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
    """

    store: Store
    identity: str = field(repr=False)

    def complete(self, prompt: Prompt) -> Answering:
        """The kept answer, or a new one, which is kept when it is whole and can be read."""
        key = self._key(prompt)
        kept = self.store.read(key)
        if kept:
            yield kept.text
            yield Usage(cached=1, input_tokens=kept.input_tokens, output_tokens=kept.output_tokens)
            return Completion(kept.text, Finish.STOP)
        told = Usage()

        def hear(heard: Heard) -> None:
            nonlocal told
            if isinstance(heard, Usage):
                told += heard

        completion = yield from overheard(self.provider.complete(prompt), hear)
        if completion.finish is Finish.STOP and read(completion.text) is not None:
            self.store.write(key, Kept(completion.text, told.input_tokens, told.output_tokens))
        return completion

    def _key(self, prompt: Prompt) -> str:
        model = self.model
        sampling = model.sampling
        asked = [
            VERSION,
            self.identity,
            model.name,
            [sampling.temperature, sampling.seed, sampling.repetition_penalty, model.max_output],
            prompt.attempt,
            [[message.role, message.content] for message in prompt.messages],
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def folder(environment: Mapping[str, str]) -> Path:
    """Where answers are kept: below XDG_CACHE_HOME, else in ~/.cache."""
    base = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "reviewbot" / "answers"
