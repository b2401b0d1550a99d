"""How much a response may deliver. Alone knows where the SDK takes its bytes from, and in which codings they may come.

The SDK reads a response of any size. It takes every byte, of a stream, of a whole body and of a refusal, through the
response's own two iterators: these are replaced before it begins.
"""

from collections.abc import Callable, Iterator
from typing import Any

STREAM = "text/event-stream"

MOST_STREAM = 64 << 20
"""Bytes of all events together: over a hundred times the longest answer with its events around it."""

MOST_BODY = 8 << 20
"""Bytes of one event, and of a body in one piece. As JSON they may take fifty times as much memory."""

MOST_REFUSAL = 1 << 20
"""Bytes that are read of a refusal; its status says most."""

CODINGS = "gzip, deflate"
"""What is asked for; these unfold to a thousand times their size at most, others to millions."""

_PLAIN = {"", "identity", *CODINGS.split(", ")}


class TooMuchError(Exception):
    """A response delivers more than any answer has, or in a coding nobody asked for."""


def bound(response: Any) -> None:
    """Let a response deliver so much and no more.

    What is too much of a refusal is left out. Of anything else it raises `TooMuchError` where the SDK reads it.

    Args:
        response: of the SDK's transport; nothing of it has been read.
    """
    # Else the server picks the codec: Python has some that unfold text too, and some that are none for text.
    response.encoding = "utf-8"
    refused = response.status_code >= 300
    streams = not refused and STREAM in response.headers.get("content-type", "")
    most = MOST_REFUSAL if refused else MOST_STREAM if streams else MOST_BODY
    # What unfolds to nothing comes without end all the same, so it is counted before and after.
    response.iter_raw = _bounded(response, response.iter_raw, most=most, events=False, cut=refused)
    response.iter_bytes = _bounded(response, response.iter_bytes, most=most, events=streams, cut=refused)


Reading = Callable[[int | None], Iterator[bytes]]


def _bounded(response: Any, read: Reading, *, most: int, events: bool, cut: bool) -> Reading:
    """One of the iterators of a response, bounded.

    Args:
        response: it.
        read: the iterator.
        most: bytes that it may give.
        events: whether they are events, each with its own bound.
        cut: whether more than that is left out.
    """

    def bounded(chunk_size: int | None = None) -> Iterator[bytes]:
        try:
            _check_coding(response)
            total = event = 0
            last = b""
            for chunk in read(chunk_size):
                total += len(chunk)
                _check(total, most)
                if events:
                    event = _since_blank_line(last + chunk, event)
                    _check(event, MOST_BODY)
                    last = chunk[-2:]
                yield chunk
        except TooMuchError:
            response.close()
            if not cut:
                raise

    return bounded


def _check_coding(response: Any) -> None:
    if response.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
        raise TooMuchError("it is coded in a way that nobody asked for")


def _check(count: int, most: int) -> None:
    if count > most:
        raise TooMuchError(f"it sent more than {most >> 20} MB")


def _since_blank_line(chunk: bytes, before: int) -> int:
    """About how many bytes came since the last blank line, which ends an event."""
    end = max(chunk.rfind(blank) for blank in (b"\n\n", b"\n\r\n", b"\r\r"))
    return before + len(chunk) if end < 0 else len(chunk) - end
