"""GitHub's description of its REST API, cut: alone knows how an operation is found and a body held against it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parent / "github_openapi"
_DESCRIPTION: dict[str, Any] = json.loads((FOLDER / "rest.json").read_text("utf-8"))
_NAME = "rest.json"
_REGISTRY: Registry[Any] = Registry().with_resource(_NAME, Resource.from_contents(_DESCRIPTION, DRAFT202012))
_JSON = "application/json"
_WITH_SLASHES = {"path": ".*", "ref": ".+", "basehead": ".+"}
_ERROR = "#/components/schemas/basic-error"

_formats = FormatChecker(())


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        method: in upper case.
        template: the path with the names of its parameters in braces.
        described: the operation's object of the description.
    """

    method: str
    template: str
    described: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Method and template, as the tables of the server have it."""
        return f"{self.method} {self.template}"

    def unknown(self, query: Mapping[str, str]) -> tuple[str, ...]:
        """What of a query the operation does not take or takes in another form, in words."""
        taken = {
            one["name"]: one["schema"] for one in map(_resolved, self.described["parameters"]) if one["in"] == "query"
        }
        wrong = []
        for name, value in query.items():
            if name not in taken:
                wrong.append(f"{self.name} takes no {name}")
            elif taken[name].get("type") == "integer" and not value.isdecimal():
                wrong.append(f"{self.name}: {name} is no number: {value}")
            elif value not in taken[name].get("enum", [value]):
                wrong.append(f"{self.name}: {name} cannot be {value}")
        return tuple(wrong)

    def malformed(self, body: Any) -> str | None:
        """Why GitHub does not take a body, in its way of saying so; None where it does.

        Args:
            body: read as JSON; None where none was sent.
        """
        if "requestBody" not in self.described:
            return None if body is None else "Invalid request.\n\nThis operation takes no body."
        if body is None and not self.described["requestBody"].get("required"):
            return None
        error = _worst(_pointer("paths", self.template, self.method.lower(), "requestBody", *_schema(_JSON)), body)
        return f"Invalid request.\n\n{_told(error)}" if error else None

    def broken(self, status: int, body: Any, *, media: str = _JSON) -> str | None:
        """How an answer strays from the description; None where it does not.

        Args:
            status: of the answer.
            body: read as JSON, the text where `media` is none, None where nothing is sent.
            media: the media type that was asked for.
        """
        responses = self.described["responses"]
        if str(status) not in responses:
            error = _worst(_ERROR, body) if status >= 400 else None
            return error.message if error else None if status >= 400 else f"{self.name} never answers {status}"
        response = _resolved(responses[str(status)])
        content = response.get("content", {})
        if not content:
            return None if body is None else f"{self.name} answers {status} without a body"
        if media != _JSON:
            return None if isinstance(body, str) else f"{self.name} answers {media} with a text"
        if "$ref" in responses[str(status)]:
            place = responses[str(status)]["$ref"] + "/" + "/".join(map(_escaped, _schema(_JSON)))
        else:
            place = _pointer("paths", self.template, self.method.lower(), "responses", str(status), *_schema(_JSON))
        error = _worst(place, body)
        if error is None:
            return None
        return f"{self.name} {status}: {'/'.join(map(str, error.absolute_path))}: {error.message}"


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request means and the values in its path; None where the cut has no such path and method."""
    for operation, form in _operations():
        found = form.fullmatch(path)
        if found and operation.method == method:
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


def names() -> frozenset[str]:
    """Every operation of the cut."""
    return frozenset(operation.name for operation, _ in _operations())


@cache
def _operations() -> tuple[tuple[Operation, re.Pattern[str]], ...]:
    return tuple(
        (Operation(method.upper(), template, described), _form(template, described))
        for template, item in _DESCRIPTION["paths"].items()
        for method, described in item.items()
    )


def _form(template: str, described: Mapping[str, Any]) -> re.Pattern[str]:
    kinds = {one["name"]: one["schema"].get("type") for one in map(_resolved, described["parameters"])}

    def part(found: re.Match[str]) -> str:
        name = found[1]
        inner = "[0-9]+" if kinds.get(name) == "integer" else _WITH_SLASHES.get(name, "[^/]+")
        return f"(?P<{name}>{inner})"

    return re.compile(re.sub(r"\{(\w+)\}", part, template))


def _resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/", 3)
    found: Mapping[str, Any] = _DESCRIPTION["components"][kind][name]
    return found


def _schema(media: str) -> tuple[str, ...]:
    return ("content", media, "schema")


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _pointer(*parts: str) -> str:
    return "#/" + "/".join(map(_escaped, parts))


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": _NAME + pointer}, registry=_REGISTRY, format_checker=_formats)


@cache
def _lists(pointer: str) -> bool:
    """Whether it describes a list, row by row."""
    schema: Any = _DESCRIPTION
    for part in pointer.removeprefix("#/").split("/"):
        schema = schema[unquote(part).replace("~1", "/").replace("~0", "~")]
    return isinstance(schema.get("items"), dict)


@lru_cache(maxsize=2_000)
def _accepted(pointer: str, row: str) -> bool:
    """Whether a row is as described; the same rows come again and again."""
    accepted: bool = _validator(pointer).is_valid(json.loads(row))
    return accepted


def _worst(pointer: str, body: Any) -> ValidationError | None:
    if (
        isinstance(body, list)
        and _lists(pointer)
        and all(_accepted(f"{pointer}/items", json.dumps(row)) for row in body)
    ):
        return None
    worst: ValidationError | None = best_match(_validator(pointer).iter_errors(body))
    return worst


def _told(error: ValidationError) -> str:
    where = "/".join(map(str, error.absolute_path))
    return f"For '{where}', {error.message}." if where else f"{error.message}."


@_formats.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and parts.netloc)
