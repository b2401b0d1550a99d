"""Which texts are addresses of servers."""

from urllib.parse import urlsplit


def is_plain(url: str) -> bool:
    """Whether a text names a server over HTTP and nothing but that: no user, no query, nothing that cannot be seen."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:  # a port that is no number, half an IPv6 address, a name that no resolver takes
        return False
    # urlsplit drops line breaks and tabs in silence, who connects may not.
    plain = url.isprintable() and not set(url) & set(" ?#")
    # A user's name and password would be sent in place of the key, and shown in messages.
    named = bool(parts.hostname) and parts.username is None
    return plain and named and parts.scheme in {"http", "https"} and port != 0
