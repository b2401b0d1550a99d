"""Fans out feed messages to the connected browsers.

A Hub belongs to one event loop. Everything in it runs on the loop's thread;
other threads come in through publish_threadsafe() only.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import Any

log = logging.getLogger(__name__)

BACKLOG = 100


class Subscription:
    """The messages one browser has still to be sent."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=BACKLOG)
        self.dropped = 0


class Hub:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._by_topic: defaultdict[str, set[Subscription]] = defaultdict(set)

    async def subscribe(self, topic: str) -> Subscription:
        sub = Subscription(topic)
        self._by_topic[topic].add(sub)
        log.debug("%s: subscribed", topic)
        return sub

    async def unsubscribe(self, sub: Subscription) -> None:
        subs = self._by_topic[sub.topic]
        subs.discard(sub)
        if not subs:
            del self._by_topic[sub.topic]
        if sub.dropped:
            log.info("%s: %d messages were dropped", sub.topic, sub.dropped)

    def publish_threadsafe(self, topic: str, message: Any) -> None:
        """Publish from any thread."""
        self._loop.call_soon_threadsafe(self._publish, topic, message)

    async def publish(self, topic: str, message: Any) -> None:
        self._publish(topic, message)

    def _publish(self, topic: str, message: Any) -> None:
        """Never blocks: a browser that does not keep up loses messages."""
        for sub in self._by_topic.get(topic, ()):
            try:
                sub.queue.put_nowait(message)
            except asyncio.QueueFull:
                sub.dropped += 1

    async def topics(self) -> dict[str, int]:
        """Number of subscriptions per topic, for the status page."""
        return {topic: len(subs) for topic, subs in self._by_topic.items()}
