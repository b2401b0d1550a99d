"""Changing and resetting passwords."""

from __future__ import annotations

import logging

from accounts.hashing import hash_password, verify_password
from accounts.sessions import SessionStore
from accounts.users import UserRepo

log = logging.getLogger(__name__)

MIN_LENGTH = 12


class WrongPassword(Exception):
    pass


class PasswordService:
    def __init__(self, users: UserRepo, sessions: SessionStore) -> None:
        self._users = users
        self._sessions = sessions

    async def change(self, user_id: int, old: str, new: str) -> None:
        """Set a new password; the old one must be given."""
        user = await self._users.get(user_id)
        if not verify_password(old, user.password_hash):
            raise WrongPassword
        self._check(new)
        await self._users.set_password(user_id, hash_password(new))
        log.info("user %d changed the password", user_id)

    @staticmethod
    def _check(password: str) -> None:
        if len(password) < MIN_LENGTH:
            raise ValueError(f"a password needs {MIN_LENGTH} characters")
