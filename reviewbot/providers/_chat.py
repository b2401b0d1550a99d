"""A chat with an endpoint, from the prompt to what came of it. Alone sees the `openai` SDK's exceptions.

The SDK makes the connection, the request and the stream; how the request and the answer look is told by a dialect.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import openai

from reviewbot.catalogue import Model
from reviewbot.deadline import over
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering, Heard, Request, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._client import connections
from reviewbot.providers._coming import Coming, Piece, events
from reviewbot.providers._refusals import (
    Refusal,
    broken,
    no_completion,
    patience,
    printable,
    status_in,
    translate,
    unreachable,
    written,
)
from reviewbot.reply import is_closed
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import Counter, chat_tokens, counter

CONNECT_SECONDS = 10
SILENT_SECONDS = 300
"""How long nothing may come from an endpoint that has accepted a prompt."""

MOST_LESSONS = 12
"""How many fields one prompt may teach not to send: more than there are."""

_PAID = {ProviderErrorKind.TIMED_OUT, ProviderErrorKind.BROKEN}
"""What may end a request that was accepted, and is on the bill, before any of its answer has come."""

RETRY_WARMTH = 0.3
"""Added to the temperature of another attempt: at 0 the same answer would come again."""


class Dialect(Protocol):
    """How one vendor's protocol looks."""

    @property
    def path(self) -> str:
        """Below the endpoint's URL."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent with every request."""
        ...

    def body(self, prompt: Prompt, model: Model, left_out: frozenset[str]) -> dict[str, Any]:
        """The request, without the fields that the endpoint does not know."""
        ...

    def piece(self, data: Mapping[str, Any], said: str, body: Mapping[str, Any]) -> Piece | None:
        """What an event says beyond what was said before; None where it is no part of an answer.

        Args:
            data: the event, or the whole body.
            said: what was answered before.
            body: the request.
        """
        ...


@dataclass(frozen=True, slots=True)
class Chat:
    """One endpoint and one model: a `ports.Provider`.

    Attributes:
        way: to the endpoint; its URL stands in messages to people.
        client: of the SDK.
        abilities: what the endpoint understands.
        dialect: how it is spoken to.
        silent: seconds in which nothing need come, None: any.
    """

    way: Route
    client: openai.OpenAI = field(repr=False)
    abilities: Abilities
    dialect: Dialect
    silent: float | None = SILENT_SECONDS

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
        try:
            stream = self._send(body, self.client)
        except openai.APIStatusError as error:
            raise self._refused(error, body) from error
        except openai.APIConnectionError as error:
            slow = isinstance(error, openai.APITimeoutError)
            if slow and "Connect" not in type(error.__cause__).__name__:
                # The prompt has arrived, and may well be on the bill.
                yield self._usage(Coming(), prompt)
            if self.way.deadline.left() == 0:
                raise over(self.way.deadline.seconds) from error
            raise unreachable(self.way, error.__cause__ or error, slow=slow) from error
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            # The SDK lets through what its decoders raise about a body that is no JSON.
            raise no_completion(self.way, error) from error
        return (yield from self._heard(stream, prompt, body))

    def _refused(self, error: openai.APIStatusError, body: Mapping[str, Any]) -> Exception:
        code, said = written(error.body, self.way.key)
        said = said or printable(error.response.reason_phrase)
        refusal = translate(Refusal(error.status_code, code, said, patience(error.response.headers)), self.way)
        known = error.status_code not in {400, 422} or not self.abilities.learn(said, frozenset(_names(body)))
        return refusal if known else _UnknownFieldError(refusal)

    def _heard(self, stream: openai.Stream[object], prompt: Prompt, body: Mapping[str, Any]) -> Answering:
        """Read an answer as it comes, and say in the end what is wrong with it."""
        coming = Coming()
        try:
            failure = yield from self._listened(stream, coming, body)
        except Exception as error:
            # The SDK lets its transport's exceptions through while an answer is read, whichever transport that is.
            failure = self._interrupted(error, coming.text)
        finally:
            stream.response.close()
        if failure is None or (coming.finish and failure.kind in _PAID):
            # An answer that has said its last word is whole, however the connection ends.
            failure = self._ended(coming, prompt)
        if coming.text or coming.spent or failure is None or failure.kind in _PAID:
            yield self._usage(coming, prompt)
        if failure:
            raise failure
        return Completion(coming.text, Finish.LENGTH if coming.cut else Finish.STOP)

    def _listened(
        self, stream: openai.Stream[object], coming: Coming, body: Mapping[str, Any]
    ) -> Generator[Heard, None, ProviderError | None]:
        """Take in what comes until it ends, the run is over, or it is no part of an answer."""
        for data in events(stream):
            piece = self.dialect.piece(data, coming.text, body) if isinstance(data, Mapping) else None
            if piece is None:
                return self._no_piece(data, coming.text)
            if coming.add(piece):
                yield coming.text
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
        if self.way.deadline.left() == 0:
            return over(self.way.deadline.seconds, said=said)
        if isinstance(error, ValueError | RecursionError) and not said:
            return no_completion(self.way, error)
        return broken(self.way, said)

    def _ended(self, coming: Coming, prompt: Prompt) -> ProviderError | None:
        """What is wrong with an answer that came to its end, or to the run's."""
        if coming.finish == "content_filter":
            return translate(Refusal(200, coming.finish, "it stopped the answer"), self.way, said=coming.text)
        if coming.ended:
            return None
        if coming.finish and (is_closed(coming.text) or is_closed(prompt.prefix + coming.text)):
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


def _names(body: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a request, at whatever depth, but for the texts."""
    for name, value in body.items():
        yield name
        if isinstance(value, Mapping):
            yield from _names(value)
        elif name == "messages" and "partial" in value[-1]:
            yield "partial"


class _SeenError(Exception):
    """A request is only looked at. Some versions of the SDK take it for a broken connection."""


class _UnknownFieldError(Exception):
    """The endpoint does not know a field, which is left out from now on; `refusal` is what it would mean otherwise."""

    def __init__(self, refusal: ProviderError) -> None:
        super().__init__()
        self.refusal = refusal
