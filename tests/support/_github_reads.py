"""What GitHub answers to those who only look: alone knows its lists, diffs and contents, and what falls out of them."""

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from tests.support import _github_git as git
from tests.support import _github_talk as talk
from tests.support._github_bodies import encoded, quoted
from tests.support._github_call import Call, Reply, forbidden, not_found
from tests.support._github_rights import Access
from tests.support._github_rules import RefusedError
from tests.support._github_state import IssueComment, Repository, ReviewComment

DIFF = "application/vnd.github.diff"
RAW = "application/vnd.github.raw+json"
_Said = TypeVar("_Said", IssueComment, ReviewComment)
_LARGE = 1_048_576
"""Bytes of a file above which its content is not told."""
_KINDS = {"120000": "symlink", "160000": "submodule", "040000": "dir"}
_PERMISSIONS = {"admin": "admin", "maintain": "write", "write": "write", "none": "none"}
"""What a role permits; any other only to read."""
_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{pull_number}"


def _user(call: Call) -> Reply:
    if call.token.actions:
        raise forbidden(call.token)
    return Reply(200, call.bodies.oneself(call.token.login))


def _repo(call: Call) -> Reply:
    return Reply(200, call.bodies.repo(call.repo(), full=True))


def _permission(call: Call) -> Reply:
    repo, login = call.repo(), call.params["username"]
    if login in repo.strangers:
        raise RefusedError(404, f"{login} is not a user")
    writes = login == call.token.login and call.token.contents >= Access.WRITE
    usual = "admin" if login == repo.name.split("/")[0] else "write" if writes else "none" if repo.private else "read"
    role = repo.roles.get(login, usual)
    user = {**call.bodies.person(login), "role_name": role}
    # The older word knows four roles only.
    return Reply(200, {"permission": _PERMISSIONS.get(role, "read"), "role_name": role, "user": user})


def _pull(call: Call) -> Reply:
    repo, pull = call.repo(), call.pull()
    if "diff" in call.accept:
        return _diff(call, call.store.diff(repo.name, pull))
    return Reply(200, call.bodies.pull(repo, pull))


def _diff(call: Call, diff: git.Diff) -> Reply:
    over = ""
    if len(diff.files) > call.limits.diff_files:
        over = f"files ({call.limits.diff_files})"
    elif diff.text.count("\n") > call.limits.diff_lines:
        over = f"lines ({call.limits.diff_lines})"
    if over:
        words = f"Sorry, the diff exceeded the maximum number of {over}."
        hint = "Consider using 'List pull requests files' API or locally cloning the repository instead."
        error = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
        raise RefusedError(406, f"{words} {hint}", error)
    return Reply(200, diff.text.encode(), DIFF)


def _files(call: Call) -> Reply:
    pull = call.pull()
    files = call.store.diff(call.repo().name, pull).files[: call.limits.files]
    rows, reply = call.page(files)
    return replace(reply, body=_rows(call, pull.head, rows))


def _rows(call: Call, head: str, files: Sequence[git.File]) -> list[Any]:
    """The rows of one answer; once their patches are too long together, those that follow lose patch and numbers."""
    made, total, repo = [], 0, call.repo()
    for file in files:
        patch = file.patch
        if patch is not None:
            lines = patch.count("\n") + 1
            if lines > call.limits.patch_lines or len(patch.encode()) > call.limits.patch_bytes:
                patch = None
            else:
                total += lines
        counted = total <= call.limits.page_lines
        made.append(call.bodies.file(repo, head, file, patch if counted else None, counted=counted))
    return made


def _commits(call: Call) -> Reply:
    repo = call.repo()
    rows, reply = call.page(call.store.commits(repo.name, call.pull())[:250])
    return replace(reply, body=[call.bodies.commit(repo, row) for row in rows])


def _commit(call: Call) -> Reply:
    repo = call.repo()
    return Reply(200, call.bodies.commit(repo, git.commit(repo.folder, _resolved(repo, call.params["ref"]))))


def _compare(call: Call) -> Reply:
    repo = call.repo()
    base, dots, head = call.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    old, new = _resolved(repo, base), _resolved(repo, head)
    diff = git.diff(repo.folder, old, new)
    if "diff" in call.accept:
        return _diff(call, diff)
    most_files, most_commits = call.limits.compared
    ahead, behind = git.commits(repo.folder, old, new), git.commits(repo.folder, new, old)
    state = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind", (False, False): "identical"}
    rows, reply = call.page(ahead, most=most_commits, usual=most_commits)
    first = call.query.get("page", "1") == "1"
    url, web = f"{call.bodies.repo_url(repo.name)}/compare/{base}...{head}", f"{call.bodies.web}/{repo.name}/compare"
    body = {
        "url": url,
        "html_url": f"{web}/{base}...{head}",
        "permalink_url": f"{web}/{old}...{new}",
        "diff_url": f"{web}/{base}...{head}.diff",
        "patch_url": f"{web}/{base}...{head}.patch",
        "base_commit": call.bodies.commit(repo, git.commit(repo.folder, old)),
        "merge_base_commit": call.bodies.commit(repo, git.commit(repo.folder, diff.merge_base)),
        "status": state[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [call.bodies.commit(repo, row) for row in rows],
        "files": _rows(call, new, diff.files[:most_files]) if first else [],
    }
    return replace(reply, body=body)


def _resolved(repo: Repository, revision: str) -> str:
    found = git.resolve(repo.folder, revision)
    if found is None:
        raise RefusedError(404, f"No commit found for the ref {revision}")
    return found


def _contents(call: Call) -> Reply:
    repo, path = call.repo(), call.params["path"].strip("/")
    ref = call.query.get("ref", repo.default_branch)
    sha = _resolved(repo, ref)
    entry = git.entry(repo.folder, sha, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        inner = git.entries(repo.folder, sha, f"{path}/" if path else "")
        return Reply(200, [_entry(call, repo, ref, one) | _as_listed(one) for one in inner])
    entry = _followed(repo, sha, entry)
    content = (git.content(repo.folder, entry.sha) or b"") if entry.kind == "blob" else b""
    if "raw" in call.accept and entry.kind == "blob":
        return Reply(200, content, RAW)
    told = {**_entry(call, repo, ref, entry), **_inside(call, repo, entry, content)}
    return Reply(200, told)


def _as_listed(entry: git.Entry) -> dict[str, str]:
    """A list calls a submodule a file, as it did before there was a word for it."""
    return {"type": "file"} if entry.kind == "commit" else {}


def _followed(repo: Repository, sha: str, entry: git.Entry) -> git.Entry:
    """A link to a file has that file's content, as if it were none."""
    if entry.mode != "120000":
        return entry
    there = os.fsdecode(git.content(repo.folder, entry.sha) or b"")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), there))
    found = None if target.partition("/")[0] in {"", ".", ".."} else git.entry(repo.folder, sha, target)
    ordinary = found and found.kind == "blob" and found.mode != entry.mode
    return replace(found, path=entry.path) if found and ordinary else entry


def _inside(call: Call, repo: Repository, entry: git.Entry, content: bytes) -> Mapping[str, str]:
    if entry.kind == "commit":
        return {"submodule_git_url": f"{call.bodies.web}/{repo.name}-module.git"}
    if entry.mode == "120000":
        return {"target": content.decode("utf-8", "replace")}
    if len(content) > _LARGE:
        return {"content": "", "encoding": "none"}
    return {"content": encoded(content), "encoding": "base64"}


def _entry(call: Call, repo: Repository, ref: str, entry: git.Entry) -> dict[str, Any]:
    path, url = quoted(entry.path), call.bodies.repo_url(repo.name)
    own = f"{url}/contents/{path}?ref={quoted(ref)}"
    object_url = f"{url}/git/{'trees' if entry.kind == 'tree' else 'blobs'}/{entry.sha}"
    web = f"{call.bodies.web}/{repo.name}/blob/{quoted(ref)}/{path}"
    name = entry.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {
        "name": name.rsplit("/", 1)[-1],
        "path": name,
        "sha": entry.sha,
        "size": entry.size,
        "url": own,
        "html_url": web,
        "git_url": object_url,
        "download_url": f"{call.bodies.web}/{repo.name}/raw/{quoted(ref)}/{path}" if entry.kind == "blob" else None,
        "type": _KINDS.get(entry.mode, "file"),
        "_links": {"self": own, "git": object_url, "html": web},
    }


def _blob(call: Call) -> Reply:
    repo, sha = call.repo(), call.params["file_sha"]
    content = git.content(repo.folder, sha)
    if content is None:
        raise not_found()
    return Reply(200, content, RAW) if "raw" in call.accept else Reply(200, call.bodies.blob(repo, sha, content))


def _issue_comments(call: Call) -> Reply:
    mine = _since(call, _of_pull(call, call.store.issue_comments.values()))
    rows, reply = call.page(mine)
    return replace(reply, body=[talk.issue_comment(call.bodies, row) for row in rows])


def _issue_comment(call: Call) -> Reply:
    return Reply(200, talk.issue_comment(call.bodies, call.issue_comment()))


def _review_comments(call: Call) -> Reply:
    mine = _since(call, _of_pull(call, call.store.review_comments.values()))
    shown = [one for one in mine if call.store.reviews[one.review].state != "PENDING"]
    sort = call.query.get("sort")
    if sort:
        down = call.query.get("direction") == "desc"
        shown.sort(key=lambda one: (one.updated if sort == "updated" else one.created, one.id), reverse=down)
    rows, reply = call.page(shown)
    return replace(reply, body=[talk.review_comment(call.bodies, row) for row in rows])


def _review_comment(call: Call) -> Reply:
    return Reply(200, talk.review_comment(call.bodies, call.review_comment()))


def _reviews(call: Call) -> Reply:
    pull, name = call.pull(), call.repo().name
    mine = [one for one in call.store.reviews.values() if (one.repo, one.number) == (name, pull.number)]
    rows, reply = call.page([one for one in mine if call.store.visible(one, call.token.login)])
    return replace(reply, body=[talk.review(call.bodies, row) for row in rows])


def _review(call: Call) -> Reply:
    return Reply(200, talk.review(call.bodies, call.review()))


def _comments_of_review(call: Call) -> Reply:
    rows, reply = call.page(call.store.comments_of(call.review().id))
    return replace(reply, body=[talk.listed_comment(call.bodies, row) for row in rows])


def _of_pull(call: Call, records: Iterable[_Said]) -> list[_Said]:
    repo, number = call.repo().name, call.pull().number
    return [record for record in records if (record.repo, record.number) == (repo, number)]


def _since(call: Call, records: list[_Said]) -> list[_Said]:
    if "since" not in call.query:
        return records
    moment = datetime.fromisoformat(call.query["since"])
    return [record for record in records if record.updated >= moment]


READS: Mapping[str, Callable[[Call], Reply]] = {
    "GET /user": _user,
    f"GET {_REPO}": _repo,
    f"GET {_REPO}/collaborators/{{username}}/permission": _permission,
    f"GET {_REPO}/commits/{{ref}}": _commit,
    f"GET {_REPO}/compare/{{basehead}}": _compare,
    f"GET {_REPO}/contents/{{path}}": _contents,
    f"GET {_REPO}/git/blobs/{{file_sha}}": _blob,
    f"GET {_PULL}": _pull,
    f"GET {_PULL}/files": _files,
    f"GET {_PULL}/commits": _commits,
    f"GET {_PULL}/comments": _review_comments,
    f"GET {_REPO}/pulls/comments/{{comment_id}}": _review_comment,
    f"GET {_PULL}/reviews": _reviews,
    f"GET {_PULL}/reviews/{{review_id}}": _review,
    f"GET {_PULL}/reviews/{{review_id}}/comments": _comments_of_review,
    f"GET {_REPO}/issues/{{issue_number}}/comments": _issue_comments,
    f"GET {_REPO}/issues/comments/{{comment_id}}": _issue_comment,
}
"""Who answers which operation."""
