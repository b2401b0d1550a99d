"""The results of a SARIF document. Alone knows its form, and how tools stray from it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from reviewbot.finding import Severity

VERSION = "2.1.0"

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.INFO, "none": Severity.INFO}
_NO_FAULT = {"pass", "notApplicable"}
_DOUBTED = {"underReview", "rejected"}
_TOP = {"srcroot", "rootpath", "reporoot", "projectroot", "executionroot"}
"""What tools call the folder at the top. What it was on their machine is no matter here."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([0-9]{1,3})\}")
_LINK = re.compile(r"\[([^\[\]]*)\]\([0-9]+\)")
_LARGEST = 2**31 - 1
_DEEPEST = 8
"""Bases that stand on bases."""

# Far more than any tool writes: what reads a file must not be kept busy by it.
_FEW, _RUNS, _RULES, _RESULTS = 100, 1_000, 20_000, 300_000
_LONG = 4_000
"""Characters of a text that are read."""


class NoSarifError(Exception):
    """A document is no SARIF that is read here; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a JSON document. What is missing or of another type is empty, however deep it is asked for."""

    value: object = None

    def __getitem__(self, key: str | int) -> "Node":
        if isinstance(key, str):
            return Node(self.value.get(key) if isinstance(self.value, dict) else None)
        held = self.value if isinstance(self.value, list) else []
        return Node(held[key] if 0 <= key < len(held) else None)

    def items(self, most: int = _FEW) -> Iterator["Node"]:
        """The first elements of a list."""
        return map(Node, islice(self.value, most) if isinstance(self.value, list) else ())

    @property
    def text(self) -> str:
        """A text; of one that is too long the words that are whole."""
        text = self.value if isinstance(self.value, str) else ""
        # Half a credential looks like none.
        return text if len(text) <= _LONG else text[:_LONG].rpartition(" ")[0]

    @property
    def number(self) -> int:
        """A whole number from 0, -1: there is none, or a larger one than any line has."""
        return self.value if type(self.value) is int and 0 <= self.value <= _LARGEST else -1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result stands.

    Attributes:
        addresses: URIs or paths of the file, absolute or from the top; the first one that is known is meant.
        start: first line, from 1.
        end: last line.
    """

    addresses: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool says.

    Attributes:
        tool: its name and that of its rule.
        message: in its words.
        severity: as it says, of the result or of the rule.
        security: whether the rule calls itself one of security.
    """

    tool: str
    message: str
    severity: Severity
    security: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A result of a tool.

    Attributes:
        places: where, as far as a file and a line are named.
        said: reads what the tool says there; most results are about other lines.
    """

    places: tuple[Place, ...]
    said: Callable[[], Said]


def results(document: object) -> Iterator[Result]:
    """What tools say in a document, but for what they only checked, what is gone, and what people suppressed.

    A suppression can be a part of the change; a model may still speak of what it hides.

    Args:
        document: as JSON gives it.

    Raises:
        NoSarifError: it is none, or of another version.
    """
    root = Node(document)
    if not isinstance(root["runs"].value, list):
        raise NoSarifError("it is no SARIF")
    if root["version"].text != VERSION:
        raise NoSarifError(f"it is not of version {VERSION}")
    return islice(_results(root), _RESULTS)


def _results(root: Node) -> Iterator[Result]:
    for run in root["runs"].items(_RUNS):
        read = _Run(run)
        yield from (read.result(one) for one in run["results"].items(_RESULTS) if _stands(one))


def _stands(result: Node) -> bool:
    states = [one["status"].text for one in result["suppressions"].items()]
    suppressed = bool(states) and _DOUBTED.isdisjoint(states)
    gone = result["baselineState"].text == "absent"
    return not (suppressed or gone or result["kind"].text in _NO_FAULT)


@dataclass(slots=True)
class _Run:
    """A run: what its results refer to."""

    run: Node
    rules: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tool = self.run["tool"]
        for component in (tool["driver"], *tool["extensions"].items()):
            for rule in component["rules"].items(_RULES):
                self.rules.setdefault(rule["id"].text, rule)

    def result(self, result: Node) -> Result:
        """A result of the run."""
        places = tuple(place for one in result["locations"].items() for place in self._place(one))
        return Result(places, partial(self._said, result))

    def _said(self, result: Node) -> Said:
        component, rule = self._rule(result)
        name = result["ruleId"].text or result["rule"]["id"].text or rule["id"].text
        level = result["level"].text or rule["defaultConfiguration"]["level"].text
        return Said(
            tool=f"{self.run['tool']['driver']['name'].text or 'a tool'} {name}",
            message=_message(result, rule, component),
            severity=_SEVERITIES.get(level, Severity.WARNING),
            security=any(map(_of_security, (rule["properties"], result["properties"]))),
        )

    def _rule(self, result: Node) -> tuple[Node, Node]:
        """The component of a tool that a rule is of, and the rule."""
        reference, tool = result["rule"], self.run["tool"]
        extension = reference["toolComponent"]["index"].number
        component = tool["driver"] if extension < 0 else tool["extensions"][extension]
        index = max(reference["index"].number, result["ruleIndex"].number)
        rule = component["rules"][index]
        if rule.value is None:
            rule = self.rules.get(result["ruleId"].text or reference["id"].text, Node())
        return component, rule

    def _place(self, location: Node) -> Iterator[Place]:
        physical = location["physicalLocation"]
        region, addresses = physical["region"], self._addresses(physical["artifactLocation"])
        start, end = region["startLine"].number, region["endLine"].number
        # Before the first column of a line nothing of it is meant.
        end -= end > start and region["endColumn"].number == 1
        if addresses and start > 0:
            yield Place(addresses, start, max(start, end))

    def _addresses(self, location: Node) -> tuple[str, ...]:
        index = location["index"].number
        if not location["uri"].text and index >= 0:
            location = self.run["artifacts"][index]["location"]
        own, base = location["uri"].text, location["uriBaseId"].text
        if not own:
            return ()
        whole = self._based(own, base)
        named = re.sub(r"[^a-z]+", "", base.lower()) in _TOP
        # A tool that ran elsewhere names another top.
        return (whole, own) if named and whole != own else (whole,)

    def _based(self, address: str, base: str) -> str:
        """An address behind the bases it stands on, as far as they are told."""
        for _ in range(_DEEPEST):
            if not base or address.startswith("/") or _SCHEME.match(address):
                break
            told = self.run["originalUriBaseIds"][base]
            before = told["uri"].text
            address = before + "/" * (before != "" and not before.endswith("/")) + address
            base = told["uriBaseId"].text
        return address


def _of_security(properties: Node) -> bool:
    return properties["security-severity"].value is not None or any(
        tag.text.lower() == "security" for tag in properties["tags"].items()
    )


def _message(result: Node, rule: Node, component: Node) -> str:
    said = result["message"]
    name = said["id"].text
    known = (rule["messageStrings"][name]["text"].text, component["globalMessageStrings"][name]["text"].text)
    about = (rule["shortDescription"]["text"].text, rule["fullDescription"]["text"].text)
    text = next(filter(None, (said["text"].text, *known, said["markdown"].text, *about)), "")
    values = tuple(said["arguments"].items())
    if values:
        # Only then: many tools do not double the braces of other messages.
        text = _PLACEHOLDER.sub(lambda found: _filled(found, values), text)
    return _LINK.sub(r"\1", text)


def _filled(found: re.Match[str], values: tuple[Node, ...]) -> str:
    if not found[1]:
        return found[0][0]
    at = int(found[1])
    return values[at].text if at < len(values) else found[0]
