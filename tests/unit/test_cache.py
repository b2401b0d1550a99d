import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reviewbot.calls.cache import KEPT_SECONDS, Cache, Store, folder
from reviewbot.catalogue import Model
from reviewbot.errors import ProviderErrorKind
from reviewbot.reply import usable
from reviewbot.review import Finish, Message, Prompt, Usage
from tests.support.calls import ASK, GOOD, MODEL, ONE, PRICED, Inner, always, failed, failure, heard, said

KEY = "ab" + "0" * 62
KEPT = '{"comments": []} 编 \ud800'
WRITER = """
import itertools, sys
from pathlib import Path
from reviewbot.calls.cache import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for count in itertools.count():
    store.write(sys.argv[2], sys.argv[3] * 300_000)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache" / "answers")


def cached(inner: Inner, store: Store, identity: str = "an endpoint") -> Cache:
    return Cache(inner, store, identity, usable)


def kept_file(store: Store, key: str = KEY) -> Path:
    store.write(key, KEPT)
    return store.folder / key[:2] / f"{key}.json"


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.glob("*/*"))


# The provider around a provider


def test_the_same_prompt_is_asked_once(store: Store) -> None:
    inner = always("{", ONE, said())
    assert heard(cached(inner, store)) == (["{", ONE], said())
    pieces, completion = heard(cached(inner, store))
    assert completion == said()
    assert pieces == [GOOD, Usage(cached=1)]
    assert len(inner.asked) == 1


def test_a_kept_answer_costs_nothing_where_others_have_a_price(store: Store) -> None:
    inner = always(ONE, said(), model=PRICED)
    heard(cached(inner, store))
    assert heard(cached(inner, store))[0][1] == Usage(cached=1, cost=Decimal(), currency="CNY")


def test_closing_closes_the_provider_and_removes_what_is_too_old(store: Store) -> None:
    age(kept_file(store), 40 * 24 * 3600)
    inner = always(said())
    cached(inner, store).close()
    assert (inner.closed, names(store)) == (1, [])


OTHER_PROMPTS = [
    pytest.param(replace(ASK, messages=(Message("user", "why not?"),)), id="text"),
    pytest.param(replace(ASK, messages=(Message("system", "why?"),)), id="role"),
    pytest.param(replace(ASK, messages=(*ASK.messages, *ASK.messages)), id="one more message"),
    pytest.param(replace(ASK, messages=(Message("user", "why\ud800"),)), id="text that is no text"),
    pytest.param(replace(ASK, attempt=1), id="attempt"),
    pytest.param(replace(ASK, sample=1), id="pass"),
]


@pytest.mark.parametrize("prompt", OTHER_PROMPTS)
def test_another_prompt_is_another_question(store: Store, prompt: Prompt) -> None:
    inner = always(said())
    heard(cached(inner, store))
    heard(cached(inner, store), prompt)
    assert len(inner.asked) == 2


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(replace(MODEL, name="n"), id="name"),
        pytest.param(replace(MODEL, max_output=1999), id="longest answer"),
        pytest.param(replace(MODEL, sampling=replace(MODEL.sampling, temperature=0.3)), id="temperature"),
        pytest.param(replace(MODEL, sampling=replace(MODEL.sampling, seed=2)), id="seed"),
        pytest.param(replace(MODEL, sampling=replace(MODEL.sampling, repetition_penalty=1.1)), id="penalty"),
    ],
)
def test_another_model_or_sampling_is_another_question(store: Store, model: Model) -> None:
    heard(cached(always(said()), store))
    inner = always(said(), model=model)
    heard(cached(inner, store))
    assert len(inner.asked) == 1


def test_an_attempt_and_a_pass_are_told_apart(store: Store) -> None:
    inner = always(said())
    for prompt in (replace(ASK, attempt=1), replace(ASK, sample=1), replace(ASK, attempt=1, sample=1)):
        heard(cached(inner, store), prompt)
    assert len(inner.asked) == 3


def test_what_was_kept_before_there_were_several_passes_is_still_found(store: Store) -> None:
    store.write("3807d3c3150cd58c3ef8586133b9f6aacaece4310463e5f8ed1ecb5859b1d479", GOOD)
    inner = always(said())
    assert heard(cached(inner, store, "me"), replace(ASK, attempt=1))[1] == said(GOOD)
    assert not inner.asked


def test_another_endpoint_is_another_question(store: Store) -> None:
    inner = always(said())
    heard(cached(inner, store))
    heard(cached(inner, store, "another"))
    assert len(inner.asked) == 2


@pytest.mark.parametrize(
    "text", [pytest.param(GOOD, id="cut"), pytest.param("", id="empty"), pytest.param("Fine.", id="unreadable")]
)
def test_what_is_no_whole_answer_is_asked_again(store: Store, text: str) -> None:
    inner = always(said(text, Finish.LENGTH if text == GOOD else Finish.STOP))
    for _ in range(2):
        heard(cached(inner, store))
    assert len(inner.asked) == 2
    assert names(store) == []


def test_a_failure_is_not_kept(store: Store) -> None:
    inner = always("{", ONE, failed(ProviderErrorKind.BROKEN))
    for _ in range(2):
        failure(cached(inner, store))
    assert len(inner.asked) == 2


def test_an_answer_that_nobody_listens_to_any_more_is_not_kept(store: Store) -> None:
    coming = cached(always("{", said()), store).complete(ASK)
    next(coming)
    coming.close()
    assert names(store) == []


def test_an_answer_without_comments_is_kept(store: Store) -> None:
    inner = always(said('{"comments": []}'))
    for _ in range(2):
        heard(cached(inner, store))
    assert len(inner.asked) == 1


def test_no_file_holds_the_prompt_or_who_was_asked(store: Store) -> None:
    cache = cached(always(said()), store, "https://user:sk-secret@host")
    heard(cache, replace(ASK, messages=(Message("user", "the sk-secret source"),)))
    (path,) = store.folder.rglob("*.json")
    assert "secret" not in path.read_text() + str(path)
    assert json.loads(path.read_text()).keys() == {"version", "text"}
    assert "user:" not in repr(cache)


# The store


def test_what_is_written_is_read_again(store: Store) -> None:
    store.write(KEY, KEPT)
    assert store.read(KEY) == KEPT
    assert store.read("cd" + KEY[2:]) is None


def test_what_is_written_last_counts(store: Store) -> None:
    store.write(KEY, KEPT)
    store.write(KEY, "b")
    assert store.read(KEY) == "b"


@pytest.mark.parametrize(("more", "found"), [(-60, True), (60, False)])
def test_an_answer_is_kept_for_thirty_days(store: Store, more: float, *, found: bool) -> None:
    age(kept_file(store), 30 * 24 * 3600 + more)
    assert (store.read(KEY) is not None) is found
    store.tidy()
    assert names(store) == ([f"{KEY}.json"] if found else [])


ROW = {"version": 1, "text": "a"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\0" * 100,
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'"text"',
        b"1" * 5000,
        b"{}",
        json.dumps(ROW).encode()[:-1],
        json.dumps({**ROW, "version": 2}).encode(),
        json.dumps({**ROW, "version": "1"}).encode(),
        json.dumps({**ROW, "text": None}).encode(),
        json.dumps({**ROW, "text": ["a"]}).encode(),
        json.dumps({"text": "a"}).encode(),
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_file_that_is_none_of_ours_is_as_good_as_none(store: Store, content: bytes) -> None:
    kept_file(store).write_bytes(content)
    assert store.read(KEY) is None
    store.write(KEY, KEPT)
    assert store.read(KEY) == KEPT


def test_a_folder_in_the_place_of_a_file_is_as_good_as_none(store: Store) -> None:
    (store.folder / "ab" / f"{KEY}.json").mkdir(parents=True)
    assert store.read(KEY) is None
    store.write(KEY, KEPT)
    assert names(store) == [f"{KEY}.json"]
    store.tidy()
    assert store.clear() == 0


@pytest.mark.parametrize("place", ["file", "file/below", "/dev/null/x", "/proc/answers"])
def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    store = Store(tmp_path / place)
    inner = always(said())
    for _ in range(2):
        heard(cached(inner, store))
    store.tidy()
    assert store.clear() == 0
    assert len(inner.asked) == 2


def test_a_device_that_is_full_is_no_error_and_keeps_no_half_answer(store: Store) -> None:
    path = kept_file(store)
    code = (
        "import resource, sys, signal\n"
        "from pathlib import Path\n"
        "from reviewbot.calls.cache import Store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "Store(Path(sys.argv[1])).write(sys.argv[2], 'x' * 100_000)\n"
    )
    subprocess.run([sys.executable, "-c", code, store.folder, KEY], check=True, env=_environment())
    assert names(store) == [path.name]
    assert store.read(KEY) == KEPT


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_umask")
def test_only_their_user_can_read_answers_whatever_the_umask(tmp_path: Path, store: Store) -> None:
    path = kept_file(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = [parent for parent in path.parents if parent.is_relative_to(tmp_path) and parent != tmp_path]
    assert [stat.S_IMODE(parent.stat().st_mode) for parent in made] == [0o700] * 3


def test_the_newest_stay_when_there_are_too_many(store: Store) -> None:
    paths = [kept_file(store, f"{at:02d}" + KEY[2:]) for at in range(10)]
    size = paths[0].stat().st_size
    for at, path in enumerate(paths):
        age(path, 100 * ((at * 7) % 10))
    replace(store, most_bytes=3 * size + 1).tidy()
    assert [path for path in paths if path.exists()] == [paths[at] for at in (0, 3, 6)]
    replace(store, most_bytes=3 * size).tidy()
    assert len(names(store)) == 3


def test_files_that_were_never_moved_into_their_place_are_tidied_once_they_are_old(store: Store) -> None:
    path = kept_file(store)
    new, old = path.with_name("new.part"), path.with_name("old.part")
    for part in (new, old):
        part.write_text("{")
    age(old, 3700)
    age(path, 3700)
    store.tidy()
    assert names(store) == [path.name, "new.part"]


def test_clearing_removes_everything_and_counts_the_answers(store: Store) -> None:
    for at in range(3):
        kept_file(store, f"{at:02d}" + KEY[2:])
    (store.folder / "00" / "x.part").write_text("{")
    assert store.clear() == 3
    assert names(store) == []
    assert store.clear() == 0


def test_a_store_that_was_never_used_is_tidied_and_cleared(store: Store) -> None:
    store.tidy()
    assert store.clear() == 0
    assert not store.folder.exists()


def test_answers_lie_where_the_user_s_caches_do(home: Path) -> None:
    assert folder({}) == home / ".cache" / "reviewbot" / "answers"
    assert folder({"XDG_CACHE_HOME": ""}) == home / ".cache" / "reviewbot" / "answers"
    assert folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/reviewbot/answers")


def _environment() -> dict[str, str]:
    # A process that is killed would leave a broken file of coverage behind.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return {**inherited, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_two_who_write_at_once_and_are_killed_leave_no_half_answer(store: Store) -> None:
    commands = [[sys.executable, "-c", WRITER, str(store.folder), KEY, letter] for letter in "ab"]
    writers = [subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE) for command in commands]
    seen: set[str] = set()
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    until = time.monotonic() + 0.3
    while time.monotonic() < until or len(seen) < 2:
        kept = store.read(KEY)
        if kept:
            assert kept == kept[0] * 300_000
            seen.add(kept[0])
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        kept = store.read(KEY)
        assert kept is not None
        assert len(kept) == 300_000
    for path in store.folder.glob("*/*.part"):
        age(path, KEPT_SECONDS)
    store.tidy()
    assert names(store) == [f"{KEY}.json"]


def test_an_answer_of_which_nothing_can_be_used_is_asked_for_again(store: Store) -> None:
    inner = always(said('{"comments": [{"body": "Wrong."}]}'))
    heard(cached(inner, store))
    heard(cached(inner, store))
    assert len(inner.asked) == 2


def test_a_user_without_a_home_has_no_folder() -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    assert folder({"XDG_CACHE_HOME": "/x"}, home=homeless) == Path("/x/reviewbot/answers")
    assert folder({}) == Path.home() / ".cache" / "reviewbot" / "answers"
    assert folder({}, home=homeless) is None
