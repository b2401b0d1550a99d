"""Goes on with an answer that met its limit. Alone knows how an answer is begun for the model, and where it is cut."""

from dataclasses import dataclass, replace

from reviewbot.calls._around import Around
from reviewbot.errors import ProviderError
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard, Provider
from reviewbot.reply import OPENING, begins_anew, claims, reach
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import prompt_tokens


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
        model = self.model
        begun = OPENING if model.begun else ""
        limit = prompt.limit
        while True:
            asked = replace(prompt, prefix=_open(begun), limit=limit)
            coming = _Coming(begun, self.provider)
            try:
                completion = yield from overheard(self.provider.complete(asked), coming.hear)
            except ProviderError as error:
                error.said = coming.kept(error.said)
                raise
            text = coming.whole(completion.text)
            if completion.finish is Finish.STOP or not self.model.partial:
                return replace(completion, text=text)
            cut = text[: reach(text)]
            if not cut and claims(text):
                # No comment stands by itself: the list is closed, and what followed is no part of it.
                return Completion(text, Finish.STOP)
            if claims(cut) > claims(begun):
                begun = cut
            elif limit is None and coming.tokens < model.max_output:
                # Not even one comment more: it may have been given less than the longest answer.
                limit = model.max_output
                continue
            else:
                return Completion(coming.kept(completion.text), completion.finish)
            if not self._fits(replace(prompt, prefix=begun)):
                return Completion(begun, completion.finish)

    def _fits(self, prompt: Prompt) -> bool:
        most = self.model.input_limit
        return prompt_tokens(self.counter, prompt.texts, limit=most) <= most


def _open(begun: str) -> str:
    """Whole comments without the last brace: behind it a model that would have gone on ends the list.

    The brace and what follows it are one token of most vocabularies, and a brace alone is the end.
    """
    return begun.removesuffix("}")


@dataclass
class _Coming:
    """What comes of one request.

    Attributes:
        begun: the whole comments that the model was given of its own answer.
        provider: who answers.
        last: the text heard last.
        tokens: of the answer, 0 until told.
    """

    begun: str
    provider: Provider
    last: str = ""
    tokens: int = 0

    def hear(self, heard: Heard) -> Heard:
        """All of the answer so far, where a piece of it was heard."""
        if isinstance(heard, Usage):
            self.tokens = heard.output_tokens
            return heard
        self.last = heard or self.last
        return self.whole(heard)

    def whole(self, text: str) -> str:
        """The answer with its beginning. Some models do not go on, but begin again; some endpoints cannot."""
        return text if begins_anew(text) or not self.provider.model.partial else _open(self.begun) + text

    def kept(self, said: str) -> str:
        """What can be used of an answer that did not come to its end."""
        text = self.whole(said or self.last) if said or self.last else ""
        return self.begun if claims(self.begun) > claims(text) else text
