"""Findings that only repeat what another tool says. Alone knows when two texts speak of the same matter.

What both speak of has to show in the words of the tool itself. Names and texts that a message takes out of the code do
not count: who writes the code could choose one that silences a finding.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from reviewbot.diff import Side
from reviewbot.finding import Category, Draft, Dropped, DropReason, Finding
from reviewbot.hints import Hint
from reviewbot.review import Change

NEAR = 1
"""Lines between a finding and a hint that count as the same place."""
_WIDEST = 50
"""Lines of a hint that speaks of a place; one of more is about a file or a class, and says little of each line."""
_MOST = 50
"""Hints that are read of one place: more of them are a mistake, or an attempt to keep us busy."""
_COMMON_WORDS = 2
"""Words that both have to share where they share no matter that has a name."""
_WEIGHT = 2
"""Words that a matter counts for: most of its names have as many."""

_GRAVE = {
    "shell": r"shell ?= ?true|shell[-_ ]true|(?:shell|command)[- ]injection|(?:shell|os|system) commands?"
    r"|command execution|(?:through|via|in) (?:a|the) shell|命令注入|(?:执行|任意)命令",
    "code": r"\b(?:literal_)?eval\b|\bexec\b|(?:arbitrary )?code[- ](?:execution|injection)"
    r"|arbitrary (?:\w+ )?(?:code|expressions?)|template[- ](?:injection|expansion)"
    r"|任意代码(?:执行)?|代码注入|代码执行",
    "sql": r"sql[ -]?injection|sql (?:query|queries|statements?|expressions?|string)|\bsqli\b|sql ?注入",
    "markup": r"\bxss\b|cross[- ]site[- ]scripting|(?:html|script) injection|跨站|脚本注入",
    "traversal": r"(?:path|directory)[ -]traversal|zip[- ]?slip|extractall|(?:路径|目录)(?:遍历|穿越)",
    "objects": r"\b(?:un)?pickl(?:e|ed|es|ing)\b|deseriali[sz]\w*|yaml\.(?:unsafe_)?load|unsafe load|反序列化",
    "hash": r"\b(?:md5|sha-?1)\b|(?:weak|insecure|broken) (?:hash\w*|crypto\w*|ciphers?)|弱(?:哈希|加密)",
    "random": r"pseudo-?random|(?:predictable|insecure|weak|guessable) (?:random\w*|tokens?)"
    r"|(?:not|for) cryptographic\w*|可预测|伪随机",
    "credential": r"hard-?coded (?:\w+ ){0,2}(?:password|secret|token|key|credential)s?"
    r"|(?:password|secret|key|credential)s? in (?:the )?(?:source|code)|硬编码|明文密码",
    "certificate": r"certificates?|\b(?:tls|ssl)\b|verify ?= ?false|证书",
    "requests": r"\bssrf\b|server[- ]side[- ]request[- ]forgery|请求伪造",
    "pinned": r"(?:un|not )pinned|pinned to|mutable (?:tag|ref\w*)|未固定",
    "permissions": r"(?:broad|excessive|permissive)[ -](?:\w+ )?permissions?|world[- ](?:writ|read)able|权限过",
}
"""Matters of security, and how people and tools speak of them."""

_PLAIN = {
    "unused": r"unused|(?:never|not|nowhere) (?:\w+ )?(?:used|accessed|read|referenced)|not accessed"
    r"|ineffectual assignment|未(?:被)?(?:使用|引用)|没有(?:被)?使用",
    "undefined": r"undefined|undeclared|not (?:defined|declared)|unresolved|未定义|未声明",
    "unreachable": r"unreachable|never (?:runs?|reached|executed)|dead code|不可达|执行不到",
    "redefined": r"redefin\w*|redeclar\w*|shadow(?:s|ed|ing)?\b|重复定义|遮蔽",
    "default": r"mutable (?:default|data structure)s?(?: (?:argument|value|list|dict)s?)?|可变默认(?:参数|值)?"
    r"|defaults? (?:arguments?|values?|lists?|dicts?)? ?(?:is|are) shared",
    "swallowed": r"bare[- ]?except\w*|\bbare\b|(?:blind|broad)[- ]except\w*|blind exception|try\W+except\W+pass"
    r"|(?:swallow|hid|suppress|catch|ignor)(?:e?s|ed|ing)? (?:all |every |any )?(?:errors?|exceptions?)"
    r"|catches everything|吞掉(?:所有)?(?:异常|错误)?|裸 ?except|忽略(?:所有)?(?:异常|错误)",
    "timeout": r"time-?outs?|超时",
    "unclosed": r"(?:never|not|without) (?:being )?clos(?:ed|ing)|context (?:manager|handler)|leak(?:s|ed)?\b"
    r"|未关闭|泄[漏露]",
    "empty": r"null[- ](?:pointer|dereference)|(?:may|can|could|might|possibly) (?:be )?(?:none|null|nil)\b"
    r"|空指针|可能为空",
    "syntax": r"syntax[- ]?errors?|invalid-syntax|does not parse|cannot be parsed|语法错误",
    "assert": r"\bassert(?:s|ed|ions?)?\b|断言",
}
_MATTERS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in {**_GRAVE, **_PLAIN}.items()}

_SECURITY = re.compile(
    r"\b(?:in)?secur\w*|\bunsafe|vulnerab|injection|attack|malicious|exploit|untrusted|user[- ]controlled",
    re.IGNORECASE,
)
"""How a tool says that a rule is one of security."""

_KEYWORDS = frozenset(("assert", "catch", "default", "except", "finally", "import", "none", "null", "pass", "try"))
"""What no author can call something else."""
_CALLS = frozenset(
    ("eval", "exec", "false", "literal_eval", "load", "md5", "pickle", "sha1", "shell", "true", "verify", "yaml")
)
"""What names a matter where the tool itself speaks of security."""

_NAME = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]{2,}")
_ENDING = re.compile(r"(?<=[^\W\d_]{4})(?:ing|ed|es|s|e)$")

_EVERYWHERE = (
    "the an and or of to in on at by for from with without through is are be been was were will can may might could"
    " should must it its this that these those there here not no but if when then than as so do does has have get"
    " gets set one all any some into out up via use used uses using allow cause lead make mean possible potential"
    " issue problem bug error warning detected found identified consider please add remove instead rather change"
    " code line value function method class module variable local argument parameter call file user input"
    " untrusted attacker remote request data execute run exception handler risk security insecure unsafe"
    " vulnerable vulnerability dangerous result 的 了 在 是 被 和 与 或 会 能 可 以 有 个 这 该 中 将 代 码 函 数"
    " 变 量 用 户 输 入 攻 击 者 导 致 问 题"
)
"""Words that stand in any comment."""
_SAYING_NOTHING = frozenset(_ENDING.sub("", word) for word in _EVERYWHERE.split())


@dataclass(frozen=True, slots=True)
class Passed:
    """What goes on, and what a tool said before.

    Attributes:
        findings: the others, in the order they came.
        dropped: what only repeats a hint; each notes the tool and what it says.
    """

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text speaks of: matters by their names, and all other words that say something."""

    matters: frozenset[str]
    words: frozenset[str]


def known(findings: Sequence[Finding], hints: Iterable[Hint], *, change: Change) -> Passed:
    """Drop the findings that say no more than a hint on their lines, or next to them.

    A finding that was told before stays, and so does one that is worse than the hint: the verdict would lose it.

    Args:
        findings: of a model, in the order of the change.
        hints: all that is known.
        change: all of it.
    """
    told: defaultdict[str, list[Hint]] = defaultdict(list)
    for hint in hints:
        told[hint.path].append(hint)
    lines: defaultdict[tuple[str, int | None], list[str]] = defaultdict(list)
    for file in (file for file in change.files if file.path in told):
        for line in (line for hunk in file.hunks for line in hunk.lines):
            lines[file.path, line.new].append(line.text)
    kept: list[Finding] = []
    dropped: list[Dropped] = []
    for finding in findings:
        near = islice((hint for hint in told[finding.anchor.path] if _near(finding, hint)), _MOST)
        notes = (f"{hint.tool}: {hint.text}" for hint in near if _repeats(finding, hint, lines))
        note = next(notes, None)
        if note is None:
            kept.append(finding)
        else:
            dropped.append(Dropped("filter", DropReason.KNOWN, finding.draft, finding, note))
    return Passed(tuple(kept), tuple(dropped))


def _near(finding: Finding, hint: Hint) -> bool:
    """Whether a hint says as much against the same lines, and people have not read the finding before."""
    anchor = finding.anchor
    gap = max(anchor.start, hint.start) - min(anchor.end, hint.end)
    heard = anchor.side is Side.NEW and not finding.told_as
    return heard and gap <= NEAR and hint.end - hint.start < _WIDEST and hint.severity.at_least(finding.draft.severity)


def _repeats(finding: Finding, hint: Hint, lines: Mapping[tuple[str, int | None], Sequence[str]]) -> bool:
    draft = finding.draft
    below = [text for line in range(hint.start, hint.end + 1) for text in lines.get((hint.path, line), ())]
    code = " ".join((*finding.excerpt, *below, *_QUOTED.findall(hint.text)))
    names = frozenset(name for name in _NAME.findall(code) if name.lower() not in _KEYWORDS)
    if _of_others(draft, hint, names):
        return False
    own = f"{hint.tool} {_without(hint.text, names)}"
    if hint.security or _SECURITY.search(own) or _said(own).matters & _GRAVE.keys():
        own = f"{hint.tool} {_without(hint.text, {name for name in names if name.lower() not in _CALLS})}"
    elif draft.category is Category.SECURITY:
        return False
    title, body, told = _said(draft.title or draft.body), _said(draft.body), _said(own)
    most = len(_words(_without(hint.text, names)))
    return _same(title, told, body, names=_words(" ".join(names)), most=most)


def _of_others(draft: Draft, hint: Hint, names: Collection[str]) -> bool:
    """Whether both name something of the code, and nothing that both name; a hole is no matter of one name."""
    title = draft.title or draft.body
    said, told = ({name for name in _NAME.findall(text) if name in names} for text in (title, hint.text))
    return bool(said and told and said.isdisjoint(told)) and not _said(title).matters & _GRAVE.keys()


def _without(text: str, names: Collection[str]) -> str:
    return _NAME.sub(lambda found: "" if found[0] in names else found[0], text)


def _same(title: _Said, hint: _Said, body: _Said, *, names: frozenset[str], most: int) -> bool:
    """Whether a finding says no more than a hint: it has more in common with it and its lines than is new in it.

    Where no matter has a name, it has to have more in common with the `most` words of the hint than they say beside it.
    """
    more = title.matters | (body.matters & _GRAVE.keys())
    if not more <= hint.matters:
        return False
    shared = title.matters & hint.matters
    old = title.words & (hint.words | names)
    if not shared and (hint.matters or len(old - names) < max(_COMMON_WORDS, most // 2 + 1)):
        return False
    return len(title.words - old) < max(1, _WEIGHT * len(shared) + len(old))


def _said(text: str) -> _Said:
    matters = set()
    for name, pattern in _MATTERS.items():
        text, count = pattern.subn(" ", text)
        if count:
            matters.add(name)
    return _Said(frozenset(matters), _words(text))


def _words(text: str) -> frozenset[str]:
    """The words of a text without their endings."""
    words = _WORD.findall(_HUMP.sub(" ", text).lower())
    return frozenset(_ENDING.sub("", word) for word in words) - _SAYING_NOTHING
