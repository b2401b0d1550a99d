"""Which values may be secrets. Alone knows what a placeholder, a reference, a word and a random value look like."""

import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

PLACEHOLDER = re.compile(r"REDACTED_[A-Z0-9]{1,100}(?:_[A-Z0-9]{1,100}){0,7}_[0-9]{1,9}")
"""What a credential is replaced by; such a text is no credential. A search is linear in any text."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret in a text.

    Attributes:
        start: index of its first character; quotes, the name before it and the like are no part of it.
        end: index after its last one.
        kind: in words for people, such as "GitHub token".
        certain: False where it may as well be something harmless.
    """

    start: int
    end: int
    kind: str
    certain: bool


class Grade(IntEnum):
    """How much a value looks like a secret that somebody chose or made."""

    NONE = 0
    """A placeholder, a reference, prose, a number: certainly not the secret itself."""
    PLAIN = 1
    """A word, or what everybody writes in an example: a secret at most where its name says so."""
    PASSWORD = 2
    """Mixed as people mix a password."""
    RANDOM = 3
    """No person has written this."""


_LONGEST = 10_000
_KEY_WORDS = """
    api access private secret account auth authentication encryption encrypt signing sign signature master
    service storage shared preshared license licence admin app application deploy deployment webhook client
    crypto cipher aes hmac jwt session cookie consumer subscription server rest integration management root host
    ssh rsa hash
"""
KEY_KINDS = frozenset(_KEY_WORDS.split())
"""What a key is called that is a secret."""
_STAND_IN_WORDS = """
    true false null none nil undefined void empty unset todo fixme tbd string str bytes text int integer number bool
    boolean object array list dict any optional required default auto yes no on off var env file stdin prompt ask
    password passwd passphrase pass pwd secret secrets token tokens credential
    credentials apikey auth basic bearer digest hidden masked redacted removed omitted
    placeholder example sample username user
"""
_STAND_INS = frozenset(_STAND_IN_WORDS.split())
_FORM = re.compile(
    r"\$\{|\$\(|\{\{|\}\}|<%|%>|#\{|\$\[|%\(|\.\.\.|…|\*\*\*|•|●|<[\w .:/-]*>|\{[\w.:!]*\}|%[sdrq](?!\w)|\(\)|::|->|=>"
    r"|\A[$@%&!*][A-Za-z_][\w.]*\Z|\A%[^%]*%\Z|\A\$\d|\A[<\[({=>|\\]|\A--|\A#[0-9a-fA-F]{3,8}\Z|\A__\w+__\Z"
)
_FILLER = re.compile(
    r"x{4}|X{4}|(.)\1{5}|0123456|123456789|(?i:a1b2c3|abc123)|abcdefg|(?i:example|placeholder|change[_-]?me|replace[_-]?me|dummy"
    r"|your[_-]?|insert[_-]|redacted|_here\b|-here\b|<[^>]*>)"
)
_VENDOR_FILLER = re.compile(r"x{5}|X{5}|(.)\1{7}|01234567|12345678|abcdefgh|(?i:example|placeholder|redacted|your[_-])")
_PATTERN = re.compile(r"\[[^\]]*\]|\\[dwsSWDbnt.]|\(\?|\{\d+,?\d*\}|\|.*\|")
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:|\$?\w[\w.-]*)?(?:[/\\][\w.@ +-]*)+")
_NUMBER = re.compile(r"[+-]?(?:0[xX])?[\d_.,:eE-]+%?[a-zA-Z]{0,2}")
_JOINED = re.compile(r"[A-Za-z]+\d?(?:[_.:/-][A-Za-z]+\d?)+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~!-]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{6}")
_CAMEL = re.compile(r"[A-Z]?[a-z]{3,}")
_INTEGRITY = re.compile(r"(?:sha\d+|md5|blake2b?)[-:]", re.IGNORECASE)
_MARKS = frozenset("!@#$%^&*?~+=")
_WORDS = re.compile(
    r"password|passwort|passwd|passphrase|pass|pwd|pswd|secret|token|credential|username|user|admin|root|login|auth|test"
    r"|testing|tests|tester|example|sample|demo|dummy|fake|mock|foo|bar|baz|qux|quux|spam|eggs|abc|xyz|asdf|qwerty|qwer"
    r"|zxcv|default|change|me|my|the|your|this|is|not|new|old|bad|good|wrong|right|some|other|another|invalid|valid"
    r"|super|very|key|api|app|private|public|access|client|server|service|session|data|base|db|sql|postgres|postgresql"
    r"|mysql|mariadb|mongo|mongodb|redis|rabbitmq|minio|elastic|kibana|grafana|guest|local|localhost|host|dev|develop"
    r"|development|prod|production|staging|string|value|name|hello|world|letmein|welcome|monkey|dragon|hunter"
    r"|correct|horse|battery|staple|django|insecure|temp|tmp|dont|do|use|here|in|for|with|a|an|of|to|and|or|jwt|hash|id"
    r"|one|two|three|alice|bob|eve|carol|john|jane|doe|joe|smith|lorem|ipsum"
)
_LEET = str.maketrans("013457@$!", "oieastasi")


def grade(value: str) -> Grade:
    """Judge the value that stands beside a name that speaks of a secret."""
    if _is_none(value):
        return Grade.NONE
    if _UUID.fullmatch(value) or looks_random(value):
        return Grade.RANDOM
    if _refers(value):
        return Grade.NONE
    return Grade.PASSWORD if _chosen(value) else Grade.PLAIN


def _is_none(value: str) -> bool:
    """True for what cannot be a secret, however it looks otherwise."""
    if not 4 <= len(value) <= _LONGEST or any(map(str.isspace, value)) or value.lower() in _STAND_INS:
        return True
    if _FORM.search(value) or _FILLER.search(value) or PLACEHOLDER.search(value):
        return True
    return "://" in value or bool(_INTEGRITY.match(value)) or len(set(value)) < 3


def _refers(value: str) -> bool:
    """True for names of other things: paths, identifiers of several words, numbers, patterns."""
    if _NUMBER.fullmatch(value) or _PATH.fullmatch(value) or _PATTERN.search(value):
        return True
    return bool(_JOINED.fullmatch(value)) or value[-1] in ":."


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without bytes at its ends that are no text."""
    while start < end and "\ud800" <= text[end - 1] <= "\udfff":
        end -= 1
    while start < end and "\ud800" <= text[start] <= "\udfff":
        start += 1
    return start, end


def filled(value: str) -> bool:
    """True for a token's shape that somebody filled with nothing: `xxxx`, `EXAMPLE`, `12345678`."""
    if PLACEHOLDER.search(value) or _VENDOR_FILLER.search(value):
        return True
    return len(set(value)) < min(8, len(value) // 2)


def random_beside_filler(value: str) -> bool:
    """True for such a token of which the rest still looks as if no person has written it."""
    if PLACEHOLDER.search(value) or len(set(value)) < 8:
        return False
    return looks_random(_VENDOR_FILLER.sub("", value))


def looks_random(value: str, *, least: int = 16) -> bool:
    """True for at least so many letters and digits that change their kind as no word does."""
    if len(value) < least or not _TOKEN.fullmatch(value):
        return False
    if _HEX.fullmatch(value):
        return len(set(value)) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return _irregular(value, least)


def _irregular(value: str, least: int) -> bool:
    kinds = [_kind(char) for char in value if char.isalnum()]
    if len(kinds) < least - 2 or len(kinds) < 0.75 * len(value):
        return False
    if len(set(kinds)) == 1:
        return kinds[0] == "a" and bool(_CONSONANTS.search(value))
    changes = sum(one != other for one, other in pairwise(kinds))
    camel = {"a", "A"} <= set(kinds)
    words = 0.5 if "0" in kinds else 0.3
    mixed = len(_CAMEL.sub("", value)) >= (1 - words) * len(value) if camel else kinds.count("0") >= 3
    return mixed and changes >= 0.25 * len(kinds)


def _kind(char: str) -> str:
    if char.isdigit():
        return "0"
    return "A" if char.isupper() else "a"


def tame(value: str) -> bool:
    """True for what is made of words that everybody uses for a password that is none."""
    plain = value.lower()
    if len(_left(plain)) < 4:
        return True
    return len(_left(plain.translate(_LEET))) < 3


def _left(value: str) -> str:
    """The letters and digits that remain without common words and the digits at the end."""
    return re.sub(r"[\W_]", "", re.sub(r"\d+[\W_]*\Z", "", _WORDS.sub("", value)))


def _chosen(value: str) -> bool:
    if len(value) < 8 or tame(value):
        return False
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    marks = not _MARKS.isdisjoint(value)
    cases = value != value.lower() and value != value.upper()
    return letters and ((digits and (marks or cases or _mixed(value))) or (marks and cases))


def _mixed(value: str) -> bool:
    """True where digits stand between letters, not only at an end as in a name's number."""
    return bool(re.search(r"[A-Za-z][\W_]*\d+[\W_]*[A-Za-z]", value)) and sum(map(str.isdigit, value)) >= 2
