"""What passes between a review and a host: what stands on a pull request, and what is to stand there."""

from dataclasses import dataclass, field
from enum import StrEnum

from reviewbot.deadline import Deadline
from reviewbot.errors import HostError
from reviewbot.finding import Finding
from reviewbot.memory import Memory


@dataclass(frozen=True, slots=True)
class HostWay:
    """The way to a pull request.

    Attributes:
        api_url: of the host's API.
        repository: `owner/name`.
        number: of the pull request.
        token: sent to that API only; None: nothing is sent.
        deadline: of the run.
    """

    api_url: str
    repository: str
    number: int
    token: str | None = field(default=None, repr=False)
    deadline: Deadline = field(default_factory=Deadline, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment of ours on a line.

    Attributes:
        id: the host's; a later one is larger.
        fingerprint: of the finding it is about.
        outdated: the line it was written on is no more there.
        finding: as the comment carries it, None where it carries none, or what it carries is broken.
        answered: we said in its thread that the finding is gone; it tells of nothing that stands.
        address: of its page, empty where the host does not tell.
    """

    id: int
    fingerprint: str
    outdated: bool = False
    finding: Finding | None = None
    answered: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a host knows of a pull request before it is reviewed.

    Attributes:
        number: of the pull request.
        title: by its author.
        description: by its author.
        base: full name of the commit it is to be merged into.
        head: full name of its newest commit.
        web: address of the repository for people, where links begin.
        posted: comments of ours on lines, the oldest first.
        memory: what our earlier reviews left there.
        summary: the host's number of our summary comment, None where there is none.
    """

    number: int
    title: str
    description: str
    base: str
    head: str
    web: str
    posted: tuple[Posted, ...] = ()
    summary: int | None = None
    memory: Memory = field(default_factory=Memory)


class PostSide(StrEnum):
    """Which side of a diff a comment stands on: deleted lines left, all others right."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment to be posted on lines of one hunk.

    Attributes:
        path: the file's name in the change.
        side: of the diff.
        start: first line, None for a single one.
        line: last line.
        body: Markdown, with our marker first.
        fingerprint: of its finding.
    """

    path: str
    side: PostSide
    start: int | None
    line: int
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The last word in the thread of a comment of ours: its finding is gone.

    Attributes:
        comment: the host's number of the comment.
        body: Markdown, with our marker first.
    """

    comment: int
    body: str


@dataclass(frozen=True, slots=True)
class Posting:
    """What is to stand on a pull request after a review, beside the summary.

    Attributes:
        comments: new ones, in the order of the change.
        replies: one for each comment whose finding is gone.
    """

    comments: tuple[Comment, ...] = ()
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a posting.

    Attributes:
        posted: how many comments stand there by it.
        refused: fingerprints of those that the host would not take.
        unposted: fingerprints of those that are still to be posted, by another run.
        trouble: why they could not be, None: there are none.
        read_only: why nothing may be written there, None: it may.
        superseded: nothing was posted, since there is a newer head.
    """

    posted: int
    refused: tuple[str, ...] = ()
    unposted: tuple[str, ...] = ()
    trouble: HostError | None = None
    read_only: str | None = None
    superseded: bool = False
