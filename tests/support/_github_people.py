"""What people do on the pages of a pull request, where no API and no rule of ours is in between."""

from dataclasses import replace

from tests.support._github_state import Review, ReviewComment, Store, later, now


def reply(store: Store, comment: int, login: str, body: str) -> ReviewComment:
    """Somebody answers in the thread of a comment."""
    first, moment = store.review_comments[comment], now()
    place = first.repo, first.number
    review = Review(store.next_id(), *place, login, "", "COMMENTED", first.original_commit, moment, moment)
    store.reviews[review.id] = review
    said = replace(
        first,
        id=store.next_id(),
        review=review.id,
        user=login,
        body=body,
        reply_to=first.root,
        created=moment,
        updated=moment,
    )
    store.review_comments[said.id] = said
    return said


def edit(store: Store, comment: int, body: str) -> None:
    """Somebody who may changes what a comment says, ours too."""
    said = store.review_comments[comment]
    store.review_comments[comment] = replace(said, body=body, updated=later(said.created))


def edit_summary(store: Store, body: str) -> None:
    """The same with the first comment of the conversation."""
    said = next(iter(store.issue_comments.values()))
    store.issue_comments[said.id] = replace(said, body=body, updated=later(said.created))


def delete(store: Store, comment: int) -> None:
    """Somebody takes a comment away; what was answered stays."""
    del store.review_comments[comment]


def resolve(store: Store, comment: int, login: str) -> None:
    """Somebody who wrote the change, or may write to the repository, resolves the thread of a comment."""
    store.resolved[comment] = login


def unresolve(store: Store, comment: int) -> None:
    """Somebody opens it again."""
    del store.resolved[comment]
