"""A chat with an endpoint, from the prompt to what came of it. Alone sees the `openai` SDK's exceptions.

The SDK makes the connection, the request and the stream; how the request and the answer look is told by a dialect.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import openai

from reviewbot._rulings import rulings
from reviewbot.catalogue import Model
from reviewbot.deadline import over
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.patience import LateError, in_time, within
from reviewbot.ports import Answering, Heard, Request, Route
from reviewbot.providers._abilities import Abilities, names
from reviewbot.providers._client import connections
from reviewbot.providers._coming import Coming, events
from reviewbot.providers._delivery import TooMuchError
from reviewbot.providers._dialect import Dialect
from reviewbot.providers._failures import broken, cause, endless, no_completion, unreachable
from reviewbot.providers._refusals import Refusal, harmless, patience, status_in, translate, without_key, written
from reviewbot.reply import is_closed
from reviewbot.review import Completion, Finish, Form, Prompt, Usage
from reviewbot.tokens import Counter, chat_tokens, counter

CONNECT_SECONDS = 10
SILENT_SECONDS = 300
"""How long nothing may come from an endpoint that has accepted a prompt."""

LONGEST_SECONDS = 3600
"""How long one answer may take, however steadily something comes."""

LONGEST_TOKEN = 32
"""Characters for each token that an answer may have: no vocabulary has so many on average."""

LEAST_LIMIT = 1_000_000
"""Characters that any answer may have: some servers take no limit."""

MOST_LESSONS = 12
"""How many fields one prompt may teach not to send: more than there are."""

_WHOLE: Mapping[Form, Callable[[str], bool]] = {
    Form.COMMENTS: is_closed,
    Form.RULINGS: lambda text: rulings(text) is not None,
}
"""What an answer looks like that is whole."""

_PAID = {ProviderErrorKind.TIMED_OUT, ProviderErrorKind.BROKEN}
"""What may end a request that was accepted, and is on the bill, before any of its answer has come."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One endpoint and one model: a `ports.Provider`.

    Attributes:
        way: to the endpoint; its URL stands in messages to people.
        client: of the SDK.
        abilities: what the endpoint understands.
        dialect: how it is spoken to.
        silent: seconds in which nothing need come, None: any.
        longest: seconds that an answer may take, None: any.
    """

    way: Route
    client: openai.OpenAI = field(repr=False)
    abilities: Abilities
    dialect: Dialect
    silent: float | None = SILENT_SECONDS
    longest: float | None = LONGEST_SECONDS

    @property
    def model(self) -> Model:
        """The model, with what is known of it by now."""
        return self.abilities.model

    @property
    def counter(self) -> Counter:
        """Of the vocabulary that the catalogue names."""
        return counter(self.model.vocabulary)

    def request(self, prompt: Prompt) -> Request:
        """What `complete` would send, made by the SDK itself."""
        caught: list[Any] = []

        def catch(request: Any) -> None:
            caught.append(request)
            raise _SeenError

        catching = connections(self.way, catch)
        with catching, suppress(_SeenError, openai.APIConnectionError):
            self._send(self._body(prompt), self.client.with_options(http_client=catching))
        (sent,) = caught
        headers = tuple((name, value) for name, value in sent.headers.items() if name != "authorization")
        return Request(str(sent.url), headers, sent.read())

    def complete(self, prompt: Prompt) -> Answering:
        """Ask once, and once more for each field that the endpoint turns out not to know; see `ports.Provider`."""
        lessons = 0
        while True:
            try:
                return (yield from self._asked(prompt, self._body(prompt)))
            except _UnknownFieldError as unknown:
                lessons += 1
                # An endpoint that refuses whatever is left out is not asked for ever.
                if lessons > MOST_LESSONS:
                    raise unknown.refusal from unknown

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        return self.dialect.body(prompt, self.model, self.abilities.left_out)

    def _send(self, body: Mapping[str, Any], connection: openai.OpenAI) -> openai.Stream[object]:
        left = self.way.deadline.left()
        known = [seconds for seconds in (self.silent, left) if seconds is not None]
        limits = openai.Timeout(min(known, default=None), connect=min([CONNECT_SECONDS, *known]))
        return connection.post(
            self.dialect.path,
            cast_to=object,
            body=body,
            options={"headers": {**self.dialect.headers}, "timeout": limits},
            stream=True,
            stream_cls=openai.Stream[object],
        )

    def _asked(self, prompt: Prompt, body: Mapping[str, Any]) -> Answering:
        """Ask once, in a thread that can be left alone."""
        things = in_time(lambda: self._exchange(body), within(self.longest, self.way.deadline))
        try:
            try:
                next(things)
            except Exception as error:
                slow = isinstance(error, LateError | openai.APITimeoutError)
                if slow and "Connect" not in type(error.__cause__).__name__:
                    # The prompt has arrived, and may well be on the bill.
                    yield self._usage(self._coming(), prompt)
                raise self._unheard(error, body, slow=slow) from cause(error, self.way.key)
            return (yield from self._heard(things, prompt, body))
        finally:
            things.close()

    def _exchange(self, body: Mapping[str, Any]) -> Generator[object, None, None]:
        """Nothing, once the endpoint has accepted a request, and then what it answers."""
        stream = self._send(body, self.client)
        try:
            yield None
            yield from events(stream)
        finally:
            stream.response.close()

    def _unheard(self, error: Exception, body: Mapping[str, Any], *, slow: bool) -> Exception:
        """What came instead of an answer."""
        if isinstance(error, openai.APIStatusError):
            return self._refused(error, body)
        if slow and self.way.deadline.left() == 0:
            return over(self.way.deadline.seconds)
        if isinstance(error, openai.APIConnectionError):
            return unreachable(self.way, error.__cause__ or error, slow=slow)
        if isinstance(error, LateError):
            return self._late("")
        # The SDK lets through what its decoders raise about a body that is no JSON.
        return no_completion(self.way, error)

    def _refused(self, error: openai.APIStatusError, body: Mapping[str, Any]) -> Exception:
        code, said = written(error.body, self.way.key)
        said = said or harmless(error.response.reason_phrase, self.way.key)
        refusal = translate(Refusal(error.status_code, code, said, patience(error.response.headers)), self.way)
        known = error.status_code not in {400, 422} or not self.abilities.learn(said, frozenset(names(body)))
        return refusal if known else _UnknownFieldError(refusal)

    def _coming(self) -> Coming:
        return Coming(lambda text: without_key(text, self.way.key))

    def _heard(self, things: Iterator[object], prompt: Prompt, body: Mapping[str, Any]) -> Answering:
        """Read an answer as it comes, and say in the end what is wrong with it."""
        coming = self._coming()
        try:
            failure = yield from self._listened(things, coming, body)
        except Exception as error:
            # The SDK lets its transport's exceptions through while an answer is read, whichever transport that is.
            failure = self._interrupted(error, coming.text)
        if failure is None or (coming.finish and failure.kind in _PAID):
            # An answer that has said its last word is whole, however the connection ends.
            failure = self._ended(coming, prompt)
        if coming.untold:
            yield coming.tell()
        if coming.text or coming.spent or failure is None or failure.kind in _PAID:
            yield self._usage(coming, prompt)
        if failure:
            raise failure
        return Completion(coming.text, Finish.LENGTH if coming.cut else Finish.STOP)

    def _listened(
        self, things: Iterator[object], coming: Coming, body: Mapping[str, Any]
    ) -> Generator[Heard, None, ProviderError | None]:
        """Take in what comes until it ends, the run is over, or it is no part of an answer."""
        most = max(LEAST_LIMIT, LONGEST_TOKEN * self.model.max_output)
        for data in things:
            piece = self.dialect.piece(data, body) if isinstance(data, Mapping) else None
            if piece is None:
                return self._no_piece(data, coming.text)
            if coming.add(piece):
                yield coming.tell()
            if coming.length > most:
                return endless(self.way, f"it has more than {most:,} characters", coming.text[:most])
            if self.way.deadline.left() == 0:
                break
        return None

    def _no_piece(self, data: object, said: str) -> ProviderError:
        code, words = written(data, self.way.key)
        refused = bool(code or words)
        if not refused:
            return no_completion(self.way)
        return translate(Refusal(status_in(code), code, words), self.way, said=said)

    def _interrupted(self, error: Exception, said: str) -> ProviderError:
        if isinstance(error, openai.APIError) and not isinstance(error, openai.APIConnectionError):
            return self._no_piece(error.body or {"message": error.message}, said)
        if isinstance(error, TooMuchError):
            return endless(self.way, str(error), said)
        if self.way.deadline.left() == 0:
            return over(self.way.deadline.seconds, said=said)
        if isinstance(error, LateError):
            return self._late(said)
        if isinstance(error, ValueError | RecursionError) and not said:
            return no_completion(self.way, error)
        return broken(self.way, said)

    def _late(self, said: str) -> ProviderError:
        return endless(self.way, f"it had not ended after {self.longest:,g} seconds", said)

    def _ended(self, coming: Coming, prompt: Prompt) -> ProviderError | None:
        """What is wrong with an answer that came to its end, or to the run's."""
        if coming.finish == "content_filter":
            return translate(Refusal(200, coming.finish, "it stopped the answer"), self.way, said=coming.text)
        if coming.ended:
            return None
        if coming.finish and any(map(_WHOLE[prompt.form], (coming.text, prompt.prefix + coming.text))):
            return None
        if self.way.deadline.left() == 0:
            return over(self.way.deadline.seconds, said=coming.text)
        return broken(self.way, coming.text) if coming.text else no_completion(self.way)

    def _usage(self, coming: Coming, prompt: Prompt) -> Usage:
        """What a request used, as the server says; as our own count says where an answer broke off before that."""
        model, spent = self.model, coming.spent
        if spent is None and model.vocabulary:
            spent = chat_tokens(self.counter, prompt.texts), self.counter.count(coming.text)
        if spent is None:
            return Usage(requests=1)
        asked, answered = spent
        cost = model.cost(input_tokens=asked, output_tokens=answered)
        return Usage(1, 0, asked, answered, cost, model.currency if cost is not None else None)


class _SeenError(Exception):
    """A request is only looked at. Some versions of the SDK take it for a broken connection."""


class _UnknownFieldError(Exception):
    """The endpoint does not know a field, which is left out from now on; `refusal` is what it would mean otherwise."""

    def __init__(self, refusal: ProviderError) -> None:
        super().__init__()
        self.refusal = refusal
