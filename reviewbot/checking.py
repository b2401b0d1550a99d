"""What was found, put to a second model. Alone knows what it is asked at once, and what holds where it is silent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reviewbot.deadline import Deadline
from reviewbot.events import Event, Verified
from reviewbot.finding import Finding
from reviewbot.passes import passes
from reviewbot.planning import Plan
from reviewbot.ports import Provider
from reviewbot.reply import Reply
from reviewbot.review import Chunk, Prompt
from reviewbot.stages.ask import Answered, Heard, Rules, ask
from reviewbot.stages.prompt import render_code, shown
from reviewbot.stages.verify import Judged, judge, question, readable
from reviewbot.tokens import prompt_tokens


def checked(
    plan: Plan, found: Sequence[tuple[Finding, ...]], *, verifier: Provider, deadline: Deadline
) -> Iterator[Event]:
    """Ask about what was found in each chunk, with all of its code and what stands beside it.

    Their places are behind those of all passes.

    Args:
        plan: what was asked about.
        found: in each of its chunks.
        verifier: who is asked.
        deadline: of the run.
    """
    cases = [(place, claims) for place, claims in enumerate(found) if claims]
    places = [len(passes(plan)) + place for place, _ in cases]
    rules = Rules(
        prompt=_question,
        # Its words are judged as a whole; here counts whether there are any.
        read=lambda answer: Reply(()) if readable(answer) else None,
        resplit=_halves,
        fits=lambda chunk, limit: prompt_tokens(verifier.counter, _question(chunk, 0).texts, limit=limit) <= limit,
        jobs=plan.settings.jobs,
        deadline=deadline,
    )
    chunks = [replace(plan.chunks[place], claims=claims) for place, claims in cases]
    # Nobody watches these answers come.
    for event in (event for event in ask(chunks, provider=verifier, rules=rules) if not isinstance(event, Heard)):
        at = (places[event.at[0]], *event.at[1:])
        if isinstance(event, Answered):
            yield from _verified(replace(event, at=at))
        else:
            yield replace(event, at=at)


def _question(chunk: Chunk, attempt: int) -> Prompt:
    return question(chunk.claims, render_code(chunk), safe=shown, attempt=attempt)


def _halves(chunk: Chunk) -> Sequence[Chunk]:
    """Fewer claims of the same code; none where there is but one."""
    claims, middle = chunk.claims, len(chunk.claims) // 2
    return [replace(chunk, claims=part) for part in (claims[:middle], claims[middle:])] if middle else ()


def _verified(answered: Answered) -> Iterator[Verified]:
    claims = answered.chunk.claims
    if answered.error:
        yield Verified(answered.at, claims, claims, unverified=claims, error=answered.error)
    elif answered.text:  # else its halves are asked about
        result = judge(answered.text, claims, render_code(answered.chunk))
        yield Verified(answered.at, claims, result.findings, result.dropped, result.unverified)


def ruled(found: Sequence[Finding], events: Sequence[Verified]) -> Judged:
    """What becomes of all that was found. Of what nobody ruled on, because it was interrupted, all stays.

    Args:
        found: all of it.
        events: the rulings, each on a part of it.
    """
    asked = Counter(claim for event in events for claim in event.claims)
    left = []
    for finding in found:
        if asked[finding]:
            asked[finding] -= 1
        else:
            left.append(finding)
    return Judged(
        (*(finding for event in events for finding in event.findings), *left),
        tuple(drop for event in events for drop in event.dropped),
        (*(finding for event in events for finding in event.unverified), *left),
    )
