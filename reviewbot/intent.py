"""What an author says of a change, as far as it is about the change."""

import re

MOST = 4_000
"""Characters that are shown; longer ones are lists and logs."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TRAILER = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+)+: ")
"""`Signed-off-by: ` and its like: who, and never what."""


def intent(title: str, description: str) -> str:
    """A title and a description without what templates, trailers and machines put there.

    Args:
        title: one line.
        description: in Markdown or plain text.

    Returns:
        Paragraphs, empty where the author says nothing.
    """
    text = _COMMENT.sub("", description.replace("\r\n", "\n"))
    kept = [line.rstrip() for line in text.split("\n") if not _TRAILER.match(line)]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return f"{title.strip()}\n\n{body}"[:MOST].strip()
