"""No byte of a credential leaves: not in requests, records, the cache, reports, messages or logs."""

import base64
import json
import logging
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.command import Done, claim, comments, reviewbot, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, Request, model_server
from tests.support.repo import Repo
from tests.support.secrets import FILES, KEYS, PLACED, TOKENS, key_body

LIMITS = ("--input-limit", "100000", "-m", "m")
IN_ENVIRONMENT = {
    "DEPLOY_TOKEN": "Zq-8pLw" + "_vT3xKd91",
    "DB_PASSWORD": "Wren4-" + "lantern_Q7",
    "REVIEWBOT_API_KEY": "my-key-" + "0123456789",
}


def parts(value: str) -> set[str]:
    """What must not be seen of a value: any half of it, and what others write it as."""
    half = max(len(value) // 2, 8)
    forms = {value, quote(value, safe=""), base64.b64encode(value.encode()).decode().rstrip("=")}
    return {form[start : start + half] for form in forms for start in range(0, len(form) - half + 1, half)}


def leaks(seen: bytes, secrets: set[str]) -> list[str]:
    # A JSON document may write a character by its number.
    text = seen.decode("utf-8", "replace")
    return [secret for secret in sorted(secrets) if any(part in text for part in parts(secret))]


@pytest.fixture(scope="module")
def secrets() -> set[str]:
    """Every value of the corpus that a line could hold."""
    keys = {line for lines in KEYS.values() for line in key_body(lines())}
    return {secret.value for secret in (*TOKENS, *PLACED)} | keys


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A change that adds, moves, deletes and surrounds every credential of the corpus, in every kind of file."""
    made = Repo.create(tmp_path_factory.mktemp("secrets") / "repo")
    filler = [f"line {number}" for number in range(12)]
    before: dict[str, str | bytes] = {"old/" + TOKENS[0].value + ".txt": "\n".join(filler)}
    after: dict[str, str | bytes] = {}
    names = list(FILES)
    for at, secret in enumerate((*TOKENS, *PLACED)):
        name = names[at % len(names)]
        line = (secret.line or FILES[name]).format(secret.value)
        path = f"s{at}/{name}"
        # In one it is added, in the next deleted, in the next it stands beside what changes.
        before[path] = "\n".join([*filler, *([] if at % 3 == 0 else [line]), "end"]) + "\n"
        after[path] = "\n".join([*filler, *([] if at % 3 == 1 else [line]), "new end"]) + "\n"
    for at, (kind, make) in enumerate(KEYS.items()):
        body = make()
        before[f"k{at}/id.pem"] = "\n".join([*body[:8], "x", *body[8:]]) + "\n"
        # Far from where the key begins: the hunk holds a piece of it.
        after[f"k{at}/id.pem"] = "\n".join([*body[:8], "y", *body[8:]]) + "\n"
        after[f"k{at}/{kind}.key"] = "\r\n".join(body)
        after[f"k{at}/wide.txt"] = ("\ufeff" + "\n".join(body)).encode("utf-16-le")
    made.commit(before)
    made.git("mv", "old/" + TOKENS[0].value + ".txt", "old/" + TOKENS[1].value + ".txt")
    long = " ".join(secret.value for secret in TOKENS)
    made.stage({**after, "min.js": "x" * 100_000 + f"'{TOKENS[2].value}'" + "y" * 100_000, "all.txt": long + "\n"})
    made.stage({"env.py": "".join(f"print({value!r})\n" for value in IN_ENVIRONMENT.values())})
    return made


def told(request: Request) -> Answer:
    """A comment on every changed line, that says the line again in every field."""
    lines = [line for line in shown(request) if line.sign != " "]
    return Answer(comments(*(claim(line, title=line.text, body=line.text, suggestion=line.text) for line in lines)))


@pytest.fixture(scope="module")
def seen(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All that came out of a review, by where it was seen."""
    place = tmp_path_factory.mktemp("seen")
    env = {**IN_ENVIRONMENT, "XDG_CACHE_HOME": str(place / "cache")}
    with model_server(told) as server:
        words = ("--base-url", server.url, *LIMITS, "--record", str(place / "record"), "-f", f"json={place / 'json'}")
        done = reviewbot("review", *words, "-f", "text", "-vv", cwd=repo.path, env=env)
        planned = run("plan", "--show-prompts", *words[:2], *LIMITS, cwd=repo.path, env=env)
        as_json = run("plan", "--show-prompts", "-f", "json", *words[:2], *LIMITS, cwd=repo.path, env=env)
    assert (done.code, planned.code, as_json.code) == (0, 0, 0), done.err
    requests = b"".join(request.raw for request in server.requests)
    headers = "\n".join(
        f"{name}: {value}" for r in server.requests for name, value in r.lines if name.lower() != "authorization"
    )
    kept = b"".join(path.read_bytes() for path in sorted((place / "cache").rglob("*")) if path.is_file())
    return {
        "requests": requests,
        "headers": headers.encode(),
        "record": (place / "record").read_bytes(),
        "cache": kept,
        "report": (place / "json").read_bytes(),
        "standard output": done.out.encode(),
        "standard error": done.err.encode(),
        "plan": _both(planned),
        "plan for programs": _both(as_json),
    }


def _both(done: Done) -> bytes:
    return (done.out + done.err).encode()


def test_no_byte_of_a_credential_is_seen_anywhere(
    seen: dict[str, bytes], secrets: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    everything = secrets | {*IN_ENVIRONMENT.values()}
    with capsys.disabled():
        sizes = ", ".join(f"{where} {len(what):,}" for where, what in seen.items())
        print(f"\n{len(everything)} credentials looked for in bytes of: {sizes}")
    assert {where: leaks(what, everything) for where, what in seen.items()} == {where: [] for where in seen}
    assert all(seen.values()) or not seen["standard error"]


def test_what_stands_in_their_place_was_seen_everywhere(seen: dict[str, bytes]) -> None:
    for where in ("requests", "record", "cache", "report", "standard output", "plan", "plan for programs"):
        assert b"REDACTED_" in seen[where], where


def test_what_quotes_the_placeholder_anchors(seen: dict[str, bytes]) -> None:
    report = json.loads(seen["report"])
    quoted = [f for f in report["findings"] if "REDACTED_" in f["excerpt"] and f["category"] == "correctness"]
    assert len(quoted) > 20
    # What would be committed is not the placeholder.
    assert all(finding["suggestion"] is None for finding in quoted)


def test_the_search_finds_what_is_there(seen: dict[str, bytes], secrets: set[str]) -> None:
    some = sorted(secrets)[7]
    for form in (some, quote(some, safe=""), base64.b64encode(some.encode()).decode(), some[: len(some) // 2 + 1]):
        assert leaks(seen["requests"] + form.encode(), secrets) == [some]


def test_a_credential_is_found_where_nobody_answers(repo: Repo) -> None:
    words = ("--base-url", "http://127.0.0.1:9/v1", *LIMITS, "--timeout", "1", "-f", "json")
    done = run("review", *words, cwd=repo.path)
    found = [finding for finding in done.report["findings"] if finding["category"] == "secret"]
    assert len(found) > 40
    assert {finding["severity"] for finding in found} == {"error"}
    assert (done.code, done.report["verdict"]) == (3, "incomplete")
    failing = run("review", *words, "--fail-on", "error", "--fail-open", cwd=repo.path)
    assert (failing.code, failing.report["verdict"]) == (1, "fail")


def test_a_credential_is_found_without_a_key_where_that_may_be(tmp_path: Path) -> None:
    made = Repo.create(tmp_path / "repo")
    made.stage({"a.py": f"TOKEN = '{TOKENS[0].value}'\n"})
    assert run("review", cwd=made.path).code == 2
    done = run("review", "--fail-open", "-f", "json", cwd=made.path)
    assert [finding["category"] for finding in done.report["findings"]] == ["secret"]
    assert [part["detail"] for part in done.report["skipped"]] == ["no key for dashscope.aliyuncs.com"]
    assert (done.code, len(done.err.splitlines())) == (0, 1)
    assert run("review", "--fail-open", "--fail-on", "error", cwd=made.path).code == 1


def test_an_allowed_value_is_no_credential(tmp_path: Path) -> None:
    made = Repo.create(tmp_path / "repo")
    value = TOKENS[0].value
    made.stage({"a.py": f"TOKEN = '{value}'\n"})
    with model_server(lambda _: Answer()) as server:
        words = ("review", "--base-url", server.url, *LIMITS, "-f", "json")
        (found,) = run(*words, cwd=made.path).report["findings"]
        allowed = found["body"].partition('"')[2].partition('"')[0]
        made.write(".reviewbot.toml", f'allow-secrets = ["{allowed}"]\n')
        done = run(*words, cwd=made.path)
    assert done.report["findings"] == []
    assert [value in request.user for request in server.requests] == [False, True]


def test_no_path_and_no_comment_allows_a_credential(tmp_path: Path) -> None:
    made = Repo.create(tmp_path / "repo")
    made.stage({"tests/a.py": f"TOKEN = '{TOKENS[0].value}'  # reviewbot: ignore\n"})
    with model_server(lambda _: Answer()) as server:
        words = ("review", "--base-url", server.url, *LIMITS, "-f", "json", "--exclude", "tests/**")
        done = run(*words, cwd=made.path)
    assert [finding["path"] for finding in done.report["findings"]] == ["tests/a.py"]
    assert server.requests == []


def test_logs_of_every_library_hold_none(
    repo: Repo, secrets: set[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    env = {**IN_ENVIRONMENT, "XDG_CACHE_HOME": str(tmp_path)}
    with model_server(told) as server:
        assert run("review", "--base-url", server.url, *LIMITS, cwd=repo.path, env=env).code == 0
    assert caplog.text
    assert leaks(caplog.text.encode(), secrets | {*IN_ENVIRONMENT.values()}) == []


def test_an_error_of_a_patch_repeats_nothing_of_it(tmp_path: Path) -> None:
    value = TOKENS[0].value
    head = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"
    for bad in (f"@@ -1 +1 @@\n-a\n{value}\n", f"@@ {value} @@\n-a\n", f"@@ -1,2 +1 @@\n-a\n+{value}\ndiff {value}\n"):
        done = run("review", "--patch", "-", "-vv", cwd=tmp_path, stdin=(head + bad).encode())
        assert (done.code, leaks(_both(done), {value})) == (3, [])
    for name in (f'"{value}', f'"{value}\\000"'):
        odd = f"--- {name}\n+++ {name}\n@@ -1 +1 @@\n-a\n+b\n"
        done = run("review", "--patch", "-", cwd=tmp_path, stdin=odd.encode())
        assert (done.code, leaks(_both(done), {value})) == (3, [])


def test_the_name_of_a_branch_is_a_name_too(tmp_path: Path) -> None:
    made = Repo.with_commit(tmp_path / "repo", {"a.py": "1\n"})
    branch = f"feat-{TOKENS[0].value}"
    made.git("checkout", "--quiet", "-b", branch)
    made.commit({"a.py": "2\n"})
    with model_server(lambda _: Answer()) as server:
        done = run("review", f"main...{branch}", "--base-url", server.url, *LIMITS, "-f", "json", cwd=made.path)
    assert leaks(_both(done), {TOKENS[0].value}) == []
    assert "REDACTED_" in done.report["target"]["description"]
