"""What GitHub does for those who write: alone knows how comments and reviews are made, changed and taken back."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.support import _github_rules as rules
from tests.support import _github_talk as talk
from tests.support._github_call import Call, Reply, not_found
from tests.support._github_state import IssueComment, Place, Review, ReviewComment, later, now

_STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", None: "PENDING"}
_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{pull_number}"


def _create_issue_comment(call: Call) -> Reply:
    repo, pull, moment = call.repo(), call.pull(), now()
    rules.check_body("IssueComment", call.body["body"], call.limits)
    comment = IssueComment(
        call.store.next_id(), repo.name, pull.number, call.token.login, call.body["body"], moment, moment
    )
    call.store.issue_comments[comment.id] = comment
    body = talk.issue_comment(call.bodies, comment)
    return Reply(201, body, headers={"location": body["url"]})


def _edit_issue_comment(call: Call) -> Reply:
    comment = call.issue_comment()
    call.need_own(comment)
    rules.check_body("IssueComment", call.body["body"], call.limits)
    edited = replace(comment, body=call.body["body"], updated=later(comment.created))
    call.store.issue_comments[comment.id] = edited
    return Reply(200, talk.issue_comment(call.bodies, edited))


def _delete_issue_comment(call: Call) -> Reply:
    comment = call.issue_comment()
    call.need_own(comment)
    del call.store.issue_comments[comment.id]
    return Reply(204)


def _create_review(call: Call) -> Reply:
    repo, pull = call.repo(), call.pull()
    event, body = call.body.get("event"), call.body.get("body", "")
    rules.check_event(event, pull, call.token)
    rules.check_review_body(event, body, call.limits)
    if rules.has_pending(call.store, repo.name, pull.number, call.token.login):
        raise rules.unprocessable(rules.ONE_PENDING)
    commit = call.body.get("commit_id", pull.head)
    if not rules.check_commit(call.store, repo.name, pull, commit):
        raise rules.unprocessable("Commit is not part of the pull request")
    wanted = call.body.get("comments", [])
    places = rules.places(call.store.diff(repo.name, pull, head=commit), wanted, call.limits)
    review = _begin(call, _STATES[event], commit, body)
    for comment, place in zip(wanted, places, strict=True):
        _say(call, review, comment["body"], place)
    return Reply(200, talk.review(call.bodies, review))


def _begin(call: Call, state: str, commit: str, body: str) -> Review:
    moment = now()
    submitted = None if state == "PENDING" else moment
    place = call.repo().name, call.pull().number
    review = Review(call.store.next_id(), *place, call.token.login, body, state, commit, moment, submitted)
    call.store.reviews[review.id] = review
    return review


def _say(call: Call, review: Review, body: str, place: Place, *, to: ReviewComment | None = None) -> ReviewComment:
    pull, moment = call.store.pulls[review.repo, review.number], now()
    comment = ReviewComment(
        id=call.store.next_id(),
        repo=review.repo,
        number=review.number,
        review=review.id,
        user=call.token.login,
        body=body,
        place=to.place if to else place,
        original=place,
        commit=to.commit if to else review.commit,
        original_commit=to.original_commit if to else review.commit,
        reply_to=to.root if to else None,
        created=moment,
        updated=moment,
    )
    if to is None and review.commit != pull.head:
        comment = rules.follow(call.store, review.repo, pull, comment)
    call.store.review_comments[comment.id] = comment
    return comment


def _update_review(call: Call) -> Reply:
    review = call.review()
    call.need_own(review)
    rules.check_review_body(None, call.body["body"], call.limits)
    if not call.body["body"].strip() and review.body:
        raise rules.unprocessable("Body can't be blank")
    updated = replace(review, body=call.body["body"])
    call.store.reviews[review.id] = updated
    return Reply(200, talk.review(call.bodies, updated))


def _delete_review(call: Call) -> Reply:
    review = call.review()
    if review.state != "PENDING":
        raise rules.unprocessable("Can not delete a non-pending pull request review")
    body = talk.review(call.bodies, review)
    for comment in call.store.comments_of(review.id):
        del call.store.review_comments[comment.id]
    del call.store.reviews[review.id]
    return Reply(200, body)


def _submit_review(call: Call) -> Reply:
    review, pull = call.review(), call.pull()
    event, body = call.body["event"], call.body.get("body", review.body)
    if review.state != "PENDING":
        raise rules.unprocessable("Can not submit a review that is not pending")
    rules.check_event(event, pull, call.token)
    rules.check_review_body(event, body, call.limits)
    submitted = replace(review, body=body, state=_STATES[event], submitted=now())
    call.store.reviews[review.id] = submitted
    return Reply(200, talk.review(call.bodies, submitted))


def _dismiss_review(call: Call) -> Reply:
    review = call.review()
    if review.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise rules.unprocessable(f"Can not dismiss a {review.state.lower()} pull request review")
    dismissed = replace(review, state="DISMISSED")
    call.store.reviews[review.id] = dismissed
    return Reply(200, talk.review(call.bodies, dismissed))


def _create_review_comment(call: Call) -> Reply:
    repo, pull = call.repo(), call.pull()
    rules.check_body("PullRequestReviewComment", call.body["body"], call.limits)
    if "in_reply_to" in call.body:
        parent = call.store.review_comments.get(call.body["in_reply_to"])
        if parent is None or (parent.repo, parent.number) != (repo.name, pull.number):
            raise rules.invalid("PullRequestReviewComment", "in_reply_to", "in_reply_to is invalid")
        return _answer(call, parent)
    commit = call.body["commit_id"]
    if not rules.check_commit(call.store, repo.name, pull, commit):
        words = "commit_id is not part of the pull request"
        raise rules.invalid("PullRequestReviewComment", "commit_id", words)
    place = rules.single(call.store.diff(repo.name, pull, head=commit), call.body)
    _check_pending(call)
    return _created(call, _say(call, _begin(call, "COMMENTED", commit, ""), call.body["body"], place))


def _reply(call: Call) -> Reply:
    rules.check_body("PullRequestReviewComment", call.body["body"], call.limits)
    parent = call.review_comment()
    if parent.reply_to:
        raise not_found()
    return _answer(call, parent)


def _answer(call: Call, parent: ReviewComment) -> Reply:
    _check_pending(call)
    review = _begin(call, "COMMENTED", parent.original_commit, "")
    return _created(call, _say(call, review, call.body["body"], parent.original, to=parent))


def _check_pending(call: Call) -> None:
    if rules.has_pending(call.store, call.repo().name, call.pull().number, call.token.login):
        words = "user_id can only have one pending review per pull request"
        raise rules.invalid("PullRequestReview", "user_id", words)


def _created(call: Call, comment: ReviewComment) -> Reply:
    body = talk.review_comment(call.bodies, comment)
    return Reply(201, body, headers={"location": body["url"]})


def _edit_review_comment(call: Call) -> Reply:
    comment = call.review_comment()
    call.need_own(comment)
    rules.check_body("PullRequestReviewComment", call.body["body"], call.limits)
    edited = replace(comment, body=call.body["body"], updated=later(comment.created))
    call.store.review_comments[comment.id] = edited
    return Reply(200, talk.review_comment(call.bodies, edited))


def _delete_review_comment(call: Call) -> Reply:
    comment = call.review_comment()
    call.need_own(comment)
    del call.store.review_comments[comment.id]
    return Reply(204)


WRITES: Mapping[str, Callable[[Call], Reply]] = {
    f"POST {_REPO}/issues/{{issue_number}}/comments": _create_issue_comment,
    f"PATCH {_REPO}/issues/comments/{{comment_id}}": _edit_issue_comment,
    f"DELETE {_REPO}/issues/comments/{{comment_id}}": _delete_issue_comment,
    f"POST {_PULL}/reviews": _create_review,
    f"PUT {_PULL}/reviews/{{review_id}}": _update_review,
    f"DELETE {_PULL}/reviews/{{review_id}}": _delete_review,
    f"POST {_PULL}/reviews/{{review_id}}/events": _submit_review,
    f"PUT {_PULL}/reviews/{{review_id}}/dismissals": _dismiss_review,
    f"POST {_PULL}/comments": _create_review_comment,
    f"POST {_PULL}/comments/{{comment_id}}/replies": _reply,
    f"PATCH {_REPO}/pulls/comments/{{comment_id}}": _edit_review_comment,
    f"DELETE {_REPO}/pulls/comments/{{comment_id}}": _delete_review_comment,
}
"""Who answers which operation."""
