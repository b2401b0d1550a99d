"""What an author says of a change, as far as it is about the change."""

import re

MOST = 50_000
"""Characters that are looked at."""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TRAILER = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+)+: |[ \t]+\S")
"""`Signed-off-by: ` and its like: who, and never what. A longer one goes on in the next line."""


def intent(title: str, description: str) -> str:
    """A title and a description without what templates, trailers and machines put there.

    Args:
        title: one line.
        description: in Markdown or plain text.

    Returns:
        Paragraphs, empty where the author says nothing.
    """
    text = _COMMENT.sub("", description[:MOST].replace("\r\n", "\n"))
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", "\n".join(map(str.rstrip, text.split("\n"))))]
    paragraphs = [part for part in paragraphs if part.strip()]
    if paragraphs and all(map(_TRAILER.match, paragraphs[-1].split("\n"))) and not paragraphs[-1][0].isspace():
        paragraphs.pop()
    return "\n\n".join([title.strip(), *paragraphs]).strip()


def shortened(text: str, most: int) -> str:
    """The beginning of a text.

    Args:
        text: with its credentials taken out: half of one looks like none.
        most: bytes and characters that it may take, at least so many tokens.
    """
    if len(text.encode("utf-8", "surrogatepass")) <= most:
        return text
    kept = text.encode("utf-8", "surrogatepass")[: max(most - 4, 0)].decode("utf-8", "ignore")
    return f"{kept.rstrip()} …" if kept.strip() else ""
