"""How repositories and what they hold look in GitHub's answers: alone knows their fields and URLs."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tests.support import _github_git as git
from tests.support._github_state import Pull, Repository, Store, node, number_of

_LONG_AGO = "2024-01-02T03:04:05Z"
_PERSON_URLS = {
    "followers": "/followers",
    "following": "/following{/other_user}",
    "gists": "/gists{/gist_id}",
    "starred": "/starred{/owner}{/repo}",
    "subscriptions": "/subscriptions",
    "organizations": "/orgs",
    "repos": "/repos",
    "events": "/events{/privacy}",
    "received_events": "/received_events",
}
_REPO_URLS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
_ABILITIES = {"has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False, "has_downloads": True}
_COUNTS = ("forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers", "watchers_count")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bodies:
    """Makes bodies out of records.

    Attributes:
        store: what there is.
        api: base URL of the API as the client knows it.
        web: base URL of the pages for people.
    """

    store: Store
    api: str
    web: str

    def repo_url(self, name: str) -> str:
        """The API's URL of a repository."""
        return f"{self.api}/repos/{name}"

    def person(self, login: str) -> Body:
        """A user or a bot."""
        url = f"{self.api}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
        robot = login.endswith("[bot]")
        return {
            "login": login,
            "id": number_of(login),
            "node_id": node("BOT" if robot else "U", number_of(login)),
            "avatar_url": f"{self.web}/avatars/{number_of(login)}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{login}",
            **{f"{name}_url": url + path for name, path in _PERSON_URLS.items()},
            "type": "Bot" if robot else "User",
            "site_admin": False,
        }

    def oneself(self, login: str) -> Body:
        """The token's own user."""
        words = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        private = dict.fromkeys(
            ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"), 0
        )
        times = {"created_at": _LONG_AGO, "updated_at": _LONG_AGO, "two_factor_authentication": True, "blog": ""}
        return {**self.person(login), **words, **counts, **private, **times}

    def repo(self, repo: Repository, *, full: bool = False) -> Body:
        """A repository; `full`: as asked for by itself."""
        url, web = self.repo_url(repo.name), f"{self.web}/{repo.name}"
        owner, name = repo.name.split("/")
        fork = any(pull.head_repo == repo.name for pull in self.store.pulls.values())
        body = {
            "id": number_of(repo.name),
            "node_id": node("R", number_of(repo.name)),
            "name": name,
            "full_name": repo.name,
            "owner": self.person(owner),
            "private": repo.private,
            "html_url": web,
            "description": None,
            "fork": fork,
            "url": url,
            **{f"{kind}_url": url + path for kind, path in _REPO_URLS.items()},
            "clone_url": f"{web}.git",
            "git_url": f"git:{web.partition(':')[2]}.git",
            "ssh_url": f"git@localhost:{repo.name}.git",
            "svn_url": web,
            **dict.fromkeys(("mirror_url", "homepage", "language", "license")),
            **dict.fromkeys(_COUNTS, 0),
            "size": 1,
            "default_branch": repo.default_branch,
            **_ABILITIES,
            "has_discussions": False,
            "archived": False,
            "disabled": False,
            **dict.fromkeys(("pushed_at", "created_at", "updated_at"), _LONG_AGO),
        }
        return {**body, **({"network_count": 0, "subscribers_count": 0} if full else {})}

    def pull(self, repo: Repository, pull: Pull) -> Body:
        """A pull request as asked for by itself."""
        files = self.store.diff(repo.name, pull).files
        mine = (repo.name, pull.number)
        reviewed = [one for one in self.store.review_comments.values() if (one.repo, one.number) == mine]
        said = [one for one in self.store.issue_comments.values() if (one.repo, one.number) == mine]
        counts = {
            "comments": len(said),
            "review_comments": len(reviewed),
            "commits": len(self.store.commits(repo.name, pull)),
            "additions": sum(file.count("+") for file in files),
            "deletions": sum(file.count("-") for file in files),
            "changed_files": len(files),
        }
        nothing = dict.fromkeys(("assignee", "milestone", "auto_merge", "merged_by", "merged_at", "closed_at"))
        none: Body = {name: [] for name in ("labels", "assignees", "requested_reviewers", "requested_teams")}
        return {
            **self._pull_urls(repo, pull),
            "id": number_of(f"{repo.name}#{pull.number}"),
            "node_id": node("PR", number_of(f"{repo.name}#{pull.number}")),
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self.person(pull.user),
            "body": pull.body,
            "created_at": _LONG_AGO,
            "updated_at": _LONG_AGO,
            "draft": pull.draft,
            **nothing,
            **none,
            "closed_at": None if pull.state == "open" else _LONG_AGO,
            "head": self._end(self.store.repos[pull.head_repo or repo.name], pull.head_ref, pull.head),
            "base": self._end(repo, pull.base_ref, pull.base),
            "author_association": self.association(repo, pull.user),
            "merged": False,
            "mergeable": True,
            "mergeable_state": "clean",
            "merge_commit_sha": None,
            "maintainer_can_modify": bool(pull.head_repo),
            **counts,
        }

    def _pull_urls(self, repo: Repository, pull: Pull) -> Body:
        url, web = f"{self.repo_url(repo.name)}/pulls/{pull.number}", f"{self.web}/{repo.name}/pull/{pull.number}"
        issue = f"{self.repo_url(repo.name)}/issues/{pull.number}"
        urls = {
            "commits": f"{url}/commits",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.repo_url(repo.name)}/pulls/comments{{/number}}",
            "comments": f"{issue}/comments",
            "statuses": f"{self.repo_url(repo.name)}/statuses/{pull.head}",
            "issue": issue,
        }
        links = {name: {"href": link} for name, link in {**urls, "self": url, "html": web}.items()}
        own = {"url": url, "html_url": web, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch"}
        return {**own, **{f"{name}_url": link for name, link in urls.items()}, "_links": links}

    def _end(self, repo: Repository, ref: str, sha: str) -> Body:
        owner = repo.name.split("/")[0]
        return {
            "label": f"{owner}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.person(owner),
            "repo": self.repo(repo),
        }

    def association(self, repo: Repository, login: str) -> str:
        """What somebody is to a repository."""
        if login == repo.name.split("/")[0]:
            return "OWNER"
        return "NONE" if login.endswith("[bot]") else "CONTRIBUTOR"

    def commit(self, repo: Repository, commit: git.Commit) -> Body:
        """A commit."""
        url, web = self.repo_url(repo.name), f"{self.web}/{repo.name}/commit"
        people = {
            name: {"name": person[0], "email": person[1], "date": person[2]}
            for name, person in (("author", commit.author), ("committer", commit.committer))
        }
        unsigned = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
        tree = {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"}
        inner = {**people, "message": commit.message, "tree": tree, "comment_count": 0, "verification": unsigned}
        return {
            "sha": commit.sha,
            "node_id": node("C", number_of(commit.sha)),
            "commit": {**inner, "url": f"{url}/git/commits/{commit.sha}"},
            "url": f"{url}/commits/{commit.sha}",
            "html_url": f"{web}/{commit.sha}",
            "comments_url": f"{url}/commits/{commit.sha}/comments",
            "author": None,
            "committer": None,
            "parents": [
                {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{web}/{sha}"} for sha in commit.parents
            ],
        }

    def file(self, repo: Repository, head: str, file: git.File, patch: str | None, *, counted: bool = True) -> Body:
        """A row of changed files; not `counted`: its numbers are not told."""
        added, deleted = (file.count("+"), file.count("-")) if counted else (0, 0)
        path = quoted(file.path)
        body = {
            "sha": file.blob,
            "filename": file.path,
            "status": file.status,
            "additions": added,
            "deletions": deleted,
            "changes": added + deleted,
            "blob_url": f"{self.web}/{repo.name}/blob/{head}/{path}",
            "raw_url": f"{self.web}/{repo.name}/raw/{head}/{path}",
            "contents_url": f"{self.repo_url(repo.name)}/contents/{path}?ref={head}",
        }
        previous = {"previous_filename": file.previous} if file.previous else {}
        return {**body, **previous, **({} if patch is None else {"patch": patch})}

    def blob(self, repo: Repository, sha: str, content: bytes) -> Body:
        """A blob with its content."""
        url = f"{self.repo_url(repo.name)}/git/blobs/{sha}"
        whole = {"sha": sha, "node_id": node("B", number_of(sha)), "size": len(content), "url": url}
        return {**whole, "content": encoded(content), "encoding": "base64"}


def encoded(content: bytes) -> str:
    """Base64 in lines of 60 characters, each with a newline."""
    text = base64.b64encode(content).decode()
    return "".join(f"{text[start : start + 60]}\n" for start in range(0, len(text), 60))


def quoted(path: str) -> str:
    """A path as it stands in a URL."""
    return quote(path, errors="surrogateescape")


def stamp(moment: datetime) -> str:
    """A time as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def links(**urls: str) -> Mapping[str, Mapping[str, str]]:
    """The `_links` of a body."""
    return {name: {"href": url} for name, url in urls.items()}
