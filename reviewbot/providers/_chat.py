"""A chat with an endpoint, from the prompt to what came of it. Alone sees the `openai` SDK's exceptions.

The SDK makes the connection, the request and the stream; how the request and the answer look is told by a dialect.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import openai

from reviewbot.catalogue import Model
from reviewbot.deadline import over
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering, Request, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._client import connections
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


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a stream, or a whole body, says.

    Attributes:
        more: text that follows what came before.
        finish: why the answer ended, None: it has not.
        spent: tokens of prompt and answer so far, None: not told.
    """

    more: str = ""
    finish: str | None = None
    spent: tuple[int, int] | None = None


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
                yield self._usage(_Coming(), prompt)
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
        coming = _Coming()
        failure: ProviderError | None = None
        try:
            for data in _events(stream):
                piece = self.dialect.piece(data, coming.text, body) if isinstance(data, Mapping) else None
                if piece is None:
                    failure = self._no_piece(data, coming.text)
                    break
                if coming.add(piece):
                    yield coming.text
                if self.way.deadline.left() == 0:
                    break
        except Exception as error:
            # The SDK lets its transport's exceptions through while an answer is read, whichever transport that is.
            failure = self._interrupted(error, coming.text)
        finally:
            stream.response.close()
        failure = failure or self._ended(coming)
        if coming.text or coming.spent or failure is None or failure.kind in _PAID:
            yield self._usage(coming, prompt)
        if failure:
            raise failure
        return Completion(coming.text, Finish.LENGTH if coming.finish == "length" else Finish.STOP)

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

    def _ended(self, coming: "_Coming") -> ProviderError | None:
        """What is wrong with an answer that came to its end, or to the run's."""
        if coming.finish == "content_filter":
            return translate(Refusal(200, coming.finish, "it stopped the answer"), self.way, said=coming.text)
        if coming.finish:
            return None
        if self.way.deadline.left() == 0:
            return over(self.way.deadline.seconds, said=coming.text)
        return broken(self.way, coming.text) if coming.text else no_completion(self.way)

    def _usage(self, coming: "_Coming", prompt: Prompt) -> Usage:
        """What a request used, as the server says; as our own count says where an answer broke off before that."""
        model, spent = self.model, coming.spent
        if spent is None and model.vocabulary:
            spent = chat_tokens(self.counter, prompt.texts), self.counter.count(coming.text)
        if spent is None:
            return Usage(requests=1)
        asked, answered = spent
        cost = model.cost(input_tokens=asked, output_tokens=answered)
        return Usage(1, 0, asked, answered, cost, model.currency if cost is not None else None)


def _events(stream: openai.Stream[object]) -> Iterator[object]:
    """The events of a stream; the body where the endpoint does not stream."""
    if "text/event-stream" in stream.response.headers.get("content-type", ""):
        yield from stream
    else:
        yield json.loads(stream.response.read())


def _names(body: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a request, at whatever depth, but for the texts."""
    for name, value in body.items():
        yield name
        if isinstance(value, Mapping):
            yield from _names(value)
        elif name == "messages" and "partial" in value[-1]:
            yield "partial"


@dataclass
class _Coming:
    """What has come of an answer."""

    text: str = ""
    finish: str | None = None
    spent: tuple[int, int] | None = None

    def add(self, piece: Piece) -> bool:
        """Take in a piece; True where there is more text."""
        self.text += piece.more
        self.finish = piece.finish or self.finish
        self.spent = piece.spent or self.spent
        return bool(piece.more)


class _SeenError(Exception):
    """A request is only looked at. Some versions of the SDK take it for a broken connection."""


class _UnknownFieldError(Exception):
    """The endpoint does not know a field, which is left out from now on; `refusal` is what it would mean otherwise."""

    def __init__(self, refusal: ProviderError) -> None:
        super().__init__()
        self.refusal = refusal
