"""The users table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class User:
    id: int
    email: str
    password_hash: str


class UserRepo:
    def __init__(self, db: Any) -> None:
        self._db = db

    async def get(self, user_id: int) -> User:
        row = await self._db.fetch_one("SELECT id, email, password_hash FROM users WHERE id = $1", user_id)
        if row is None:
            raise LookupError(user_id)
        return User(**row)

    async def set_password(self, user_id: int, password_hash: str) -> None:
        await self._db.execute("UPDATE users SET password_hash = $2 WHERE id = $1", user_id, password_hash)
