"""Who may do what, and how much: alone knows the permissions of a token and GitHub's limits."""

from dataclasses import dataclass
from enum import IntEnum


class Access(IntEnum):
    """How far a permission of a token reaches."""

    NONE = 0
    READ = 1
    WRITE = 2


@dataclass(frozen=True, slots=True)
class Token:
    """Who a token stands for and what it may do.

    Attributes:
        login: of its user.
        actions: it is a workflow's own GITHUB_TOKEN.
        contents: of the repository's content; to write also means to resolve threads and to change others' words.
        pull_requests: of reviews, review comments and a pull request's conversation.
        issues: of conversations alone.
        may_approve: what the repository's settings allow a workflow.
    """

    login: str = "github-actions[bot]"
    actions: bool = True
    contents: Access = Access.READ
    pull_requests: Access = Access.WRITE
    issues: Access = Access.NONE
    may_approve: bool = False

    @property
    def conversation(self) -> Access:
        """What may be done with issue comments."""
        return max(self.pull_requests, self.issues)


@dataclass(frozen=True, slots=True)
class Limits:
    """What GitHub draws the line at; tests may draw it sooner.

    Attributes:
        body: characters of a body.
        page: rows of a page.
        files: rows of all pages of a pull request's files.
        page_lines: lines of all patches of one page.
        patch_lines: lines of one patch.
        patch_bytes: bytes of one patch.
        diff_files: files of a patch as a whole.
        diff_lines: lines of a patch as a whole.
        compared: files and commits of a comparison.
        hourly: requests of an hour; None: what the token's kind has.
        creations: writes that make something, in a minute.
    """

    body: int = 65_536
    page: int = 100
    files: int = 3_000
    page_lines: int = 20_000
    patch_lines: int = 20_000
    patch_bytes: int = 500_000
    diff_files: int = 300
    diff_lines: int = 20_000
    compared: tuple[int, int] = (300, 250)
    hourly: int | None = None
    creations: int = 80
