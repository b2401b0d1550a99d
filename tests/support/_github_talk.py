"""How what people say about a change looks in GitHub's answers: alone knows the fields of comments and reviews."""

from tests.support._github_bodies import Bodies, Body, links, stamp
from tests.support._github_state import IssueComment, Review, ReviewComment, node

_REACTIONS = ("total_count", "+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def issue_comment(bodies: Bodies, comment: IssueComment) -> Body:
    """A comment of the conversation."""
    repo = bodies.repo_url(comment.repo)
    url = f"{repo}/issues/comments/{comment.id}"
    name = node("IC", comment.id)
    minimized = bodies.store.minimized.get(name)
    return {
        "url": url,
        "html_url": f"{page(bodies, comment)}#issuecomment-{comment.id}",
        "issue_url": f"{repo}/issues/{comment.number}",
        "id": comment.id,
        "node_id": name,
        "user": bodies.person(comment.user),
        "created_at": stamp(comment.created),
        "updated_at": stamp(comment.updated),
        "author_association": _association(bodies, comment),
        "body": comment.body,
        "reactions": _reactions(url),
        "performed_via_github_app": None,
        "minimized": None if minimized is None else {"reason": minimized.lower()},
    }


def review(bodies: Bodies, record: Review) -> Body:
    """A review; a pending one has no time."""
    url = f"{bodies.repo_url(record.repo)}/pulls/{record.number}"
    web = f"{page(bodies, record)}#pullrequestreview-{record.id}"
    body = {
        "id": record.id,
        "node_id": node("PRR", record.id),
        "user": bodies.person(record.user),
        "body": record.body,
        "state": record.state,
        "html_url": web,
        "pull_request_url": url,
        "author_association": _association(bodies, record),
        "_links": links(html=web, pull_request=url),
        "commit_id": record.commit,
    }
    return {**body, **({"submitted_at": stamp(record.submitted)} if record.submitted else {})}


def review_comment(bodies: Bodies, comment: ReviewComment) -> Body:
    """A comment as the list of a pull request has it; an outdated one has no line."""
    place, original = comment.place, comment.original
    return {
        **listed_comment(bodies, comment),
        "original_line": original.line,
        "original_start_line": original.start_line,
        "line": place.line if place else None,
        "start_line": place.start_line if place else None,
        "start_side": original.start_side,
        "side": original.side,
        "subject_type": "file" if original.line is None else "line",
    }


def listed_comment(bodies: Bodies, comment: ReviewComment) -> Body:
    """A comment as the list of a review has it: with its position and without its line."""
    repo = bodies.repo_url(comment.repo)
    url, pull = f"{repo}/pulls/comments/{comment.id}", f"{repo}/pulls/{comment.number}"
    web = f"{page(bodies, comment)}#discussion_r{comment.id}"
    body = {
        "id": comment.id,
        "node_id": node("PRRC", comment.id),
        "url": url,
        "pull_request_review_id": comment.review,
        "diff_hunk": comment.original.hunk,
        "path": comment.original.path,
        "commit_id": comment.commit,
        "original_commit_id": comment.original_commit,
        "user": bodies.person(comment.user),
        "body": comment.body,
        "created_at": stamp(comment.created),
        "updated_at": stamp(comment.updated),
        "html_url": web,
        "pull_request_url": pull,
        "author_association": _association(bodies, comment),
        "_links": {**links(html=web, pull_request=pull), "self": {"href": url}},
        "reactions": _reactions(url),
        "position": comment.place.position if comment.place else None,
        "original_position": comment.original.position,
    }
    return {**body, **({"in_reply_to_id": comment.reply_to} if comment.reply_to else {})}


def page(bodies: Bodies, record: IssueComment | Review | ReviewComment) -> str:
    """The page of the pull request that a record belongs to."""
    return f"{bodies.web}/{record.repo}/pull/{record.number}"


def _association(bodies: Bodies, record: IssueComment | Review | ReviewComment) -> str:
    return bodies.association(bodies.store.repos[record.repo], record.user)


def _reactions(url: str) -> Body:
    return {"url": f"{url}/reactions", **dict.fromkeys(_REACTIONS, 0)}
