"""The embedded real model reviews a real change, from the command line to the report."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from jsonschema import Draft202012Validator

from reviewbot.catalogue import load
from reviewbot.providers._weights import weights_file
from reviewbot.sources import _sample
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]


def _run(*arguments: str, cwd: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reviewbot", *arguments]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "100"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_demo_finds_a_planted_defect_on_its_line(tmp_path: Path, model_cache: Path) -> None:
    # What stands where it is run has nothing to do with its sample.
    (tmp_path / ".reviewbot.toml").write_text("broken = [")
    done = _run("demo", cwd=tmp_path, cache=model_cache)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    # Which of the two it sees depends on how the machine rounds.
    assert "app/lists.py:5" in done.stdout or "app/people.py:6" in done.stdout
    assert "2 files reviewed · 2 requests" in done.stdout
    assert "Not reviewed" not in done.stdout
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_an_engine_that_is_still_at_work(tmp_path: Path, model_cache: Path) -> None:
    repo = Repo.with_commit(tmp_path / "repo", {"a.py": "\n"})
    repo.stage({"a.py": "".join(f"def share{number}(total):\n    return total / {number}\n" for number in range(400))})
    command = [sys.executable, "-m", "reviewbot", "review", "-m", "demo", "--no-cache", "-f", "json"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(model_cache)}
    with subprocess.Popen(command, cwd=repo.path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        # Loading takes a second or two, the answers minutes.
        time.sleep(6)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["complete"] is False


def test_a_model_file_of_the_users_own_is_loaded_and_its_report_is_valid(tmp_path: Path, model_cache: Path) -> None:
    _sample.make(str(tmp_path))
    known = load().get("demo").weights
    assert known is not None
    weights = weights_file(known, cache=model_cache / "reviewbot" / "models")
    arguments = ["--model", str(weights), "--include", "app/lists.py", "-f", "json", "--record", "answers.jsonl"]
    done = _run("review", *arguments, cwd=tmp_path, cache=model_cache)
    report = json.loads(done.stdout)
    Draft202012Validator(json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))).validate(report)
    assert (done.returncode, report["complete"], report["usage"]["requests"]) == (0, True, 1)
    assert report["usage"]["cost"] is None
    assert {finding["path"] for finding in report["findings"]} <= {"app/lists.py"}
    again = _run(
        "review",
        "-m",
        "replay:answers.jsonl",
        "--include",
        "app/lists.py",
        "-f",
        "json",
        cwd=tmp_path,
        cache=model_cache,
    )
    assert json.loads(again.stdout)["findings"] == report["findings"]
    assert json.loads(again.stdout)["usage"]["requests"] == 0
