"""Login sessions, kept in the shared cache."""

from __future__ import annotations

import secrets

from accounts.cache import Cache

LIFETIME = 14 * 24 * 3600


class SessionStore:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def create(self, user_id: int) -> str:
        token = secrets.token_urlsafe(32)
        await self._cache.set(f"session:{token}", str(user_id), ttl=LIFETIME)
        await self._cache.add_to_set(f"user-sessions:{user_id}", token)
        return token

    async def user_of(self, token: str) -> int | None:
        value = await self._cache.get(f"session:{token}")
        return int(value) if value is not None else None

    async def drop_all(self, user_id: int) -> int:
        """End all sessions of a user; the number of sessions ended."""
        key = f"user-sessions:{user_id}"
        tokens = await self._cache.members(key)
        for token in tokens:
            await self._cache.delete(f"session:{token}")
        await self._cache.delete(key)
        return len(tokens)
