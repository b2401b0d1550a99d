"""What every prompt has around untrusted text. Alone knows which marks such a text cannot end."""

import hashlib

DIGITS = 12
"""Hexadecimal digits of a mark."""

EXAMPLE = "0" * DIGITS
"""The mark of an example, as long as any other."""

AGAIN = "\nThe last answer held no JSON object. Begin with {"
"""What is added where an answer held nothing that can be used."""


def mark(text: str) -> str:
    """A mark that a text does not hold, taken from the text itself, so that the same text has the same one."""
    return unused(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), text)


def unused(digest: str, text: str) -> str:
    """The first part of a digest, as long as a mark, that a text does not hold.

    A text that holds the first part of its own digest can be searched for in hours, one that holds every part never.
    """
    parts = (digest[start : start + DIGITS] for start in range(len(digest) - DIGITS + 1))
    return next(part for part in parts if part not in text)
