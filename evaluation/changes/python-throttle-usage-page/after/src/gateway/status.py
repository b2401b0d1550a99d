"""Status pages for operations; only reachable from the internal network."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from typing import Any

from gateway.throttle import Throttle

STARTED = time.time()

Page = Callable[[], dict[str, Any]]


def about() -> dict[str, Any]:
    return {
        "host": platform.node(),
        "python": platform.python_version(),
        "uptime": round(time.time() - STARTED),
    }


def throttle_page(throttle: Throttle) -> dict[str, Any]:
    return {
        "limit": throttle.limit,
        "window": throttle.window,
        "busiest": [
            {"client": u.client, "calls": u.calls, "percent": round(u.share * 100)}
            for u in throttle.busiest()
        ],
    }


def pages(throttle: Throttle | None = None) -> dict[str, Page]:
    """The status pages by path."""
    known: dict[str, Page] = {"/status": about}
    if throttle is not None:
        known["/status/throttle"] = lambda: throttle_page(throttle)
    return known


def respond(path: str, known: dict[str, Page]) -> tuple[int, str]:
    page = known.get(path)
    if page is None:
        return 404, json.dumps({"error": "no such page"})
    return 200, json.dumps(page(), indent=2, sort_keys=True)
