"""Goes on with an answer that met its limit. Alone knows how an answer is begun for the model, and where it is cut."""

import math
from dataclasses import dataclass, replace

from reviewbot.calls._around import Around
from reviewbot.errors import ProviderError
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard
from reviewbot.reply import OPENING, begins_anew, circles, claims, reach
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import prompt_tokens

LONGEST = 4
"""How many times the longest answer all of one may take, counted in tokens: a model that never ends costs no more."""


@dataclass(frozen=True)
class Resume(Around):
    """Begins the answer, so that no prose comes first, and asks for the rest until it ends or stops growing.

    An endpoint that cannot go on with a text that is given to it is asked as it is.
    """

    def complete(self, prompt: Prompt) -> Answering:
        """Ask until the answer is whole; the completion's text is all of it.

        Raises:
            ProviderError: a part of the answer did not come; the error tells what had come before.
        """
        answer = _Answer(OPENING if self.model.begun else "", prompt.limit)
        while True:
            coming = _Coming(answer.begun)
            try:
                asked = replace(prompt, prefix=_open(answer.begun), limit=answer.limit)
                completion = yield from overheard(self.provider.complete(asked), coming.hear)
            except ProviderError as error:
                error.said = coming.kept(error.said)
                raise
            done = self._done(answer, completion, coming) or self._full(answer, prompt)
            if done:
                return done

    def _done(self, answer: "_Answer", completion: Completion, coming: "_Coming") -> Completion | None:
        """The end of an answer; None where it is gone on with from where it stands by now."""
        text, begun = coming.whole(completion.text), answer.begun
        if claims(begun) > claims(text):
            # It began anew and did not get as far: nothing says that this is all.
            return Completion(begun, Finish.LENGTH)
        if completion.finish is Finish.STOP or not self.model.partial:
            return replace(completion, text=text)
        cut = text[: reach(text)]
        if not cut and claims(text):
            # No comment stands by itself: the list is closed, and what followed is no part of it.
            return Completion(text, Finish.STOP)
        # Some servers tell no tokens or odd ones, and of some models only bytes can be counted.
        answer.tokens += min(coming.tokens or math.inf, self.counter.count(completion.text))
        if claims(cut) > claims(begun):
            answer.begun = cut
        elif answer.limit is None and coming.tokens < self.model.max_output:
            # Not even one comment more: it may have been given less than the longest answer.
            answer.limit = self.model.max_output
        else:
            return Completion(text, completion.finish)
        return None

    def _full(self, answer: "_Answer", prompt: Prompt) -> Completion | None:
        """What there is of an answer that must not or cannot become longer."""
        if answer.tokens >= LONGEST * self.model.max_output or circles(answer.begun):
            return Completion(answer.begun, Finish.ENDLESS)
        return None if self._fits(replace(prompt, prefix=answer.begun)) else Completion(answer.begun, Finish.LENGTH)

    def _fits(self, prompt: Prompt) -> bool:
        most = self.model.input_limit
        return prompt_tokens(self.counter, prompt.texts, limit=most) <= most


def _open(begun: str) -> str:
    """Whole comments without the last brace: behind it a model that would have gone on ends the list.

    The brace and what follows it are one token of most vocabularies, and a brace alone is the end.
    """
    return begun.removesuffix("}")


@dataclass
class _Answer:
    """An answer in the making.

    Attributes:
        begun: its whole comments.
        limit: tokens of its next piece, None: as many as the provider gives.
        tokens: of all pieces.
    """

    begun: str
    limit: int | None
    tokens: float = 0


@dataclass
class _Coming:
    """What comes of one request.

    Attributes:
        begun: the whole comments that the model was given of its own answer.
        last: the text heard last.
        tokens: of the answer, 0 until told.
    """

    begun: str
    last: str = ""
    tokens: int = 0

    def hear(self, heard: Heard) -> Heard:
        """All of the answer so far, where a piece of it was heard."""
        if isinstance(heard, Usage):
            self.tokens = heard.output_tokens
            return heard
        self.last = heard or self.last
        return heard if begins_anew(heard) else _open(self.begun) + heard

    def whole(self, text: str) -> str:
        """The answer with its beginning. Some models do not go on, but begin again; some endpoints cannot go on."""
        joined = _open(self.begun) + text
        return text if begins_anew(text) or claims(text) > claims(joined) else joined

    def kept(self, said: str) -> str:
        """What can be used of an answer that did not come to its end."""
        text = self.whole(said or self.last) if said or self.last else ""
        return self.begun if claims(self.begun) > claims(text) else text
