"""Cuts GitHub's own descriptions of its APIs down to what a review bot asks for, and tightens what it may send.

Usage: python cut.py REST_JSON GRAPHQL_SCHEMA, as README.md tells; writes rest.json and schema.graphql beside itself.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ScalarTypeDefinitionNode,
    parse,
    print_ast,
)

_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{pull_number}"
_REVIEW = _PULL + "/reviews/{review_id}"
_REVIEW_COMMENT = _REPO + "/pulls/comments/{comment_id}"
_ISSUE_COMMENT = _REPO + "/issues/comments/{comment_id}"

OPERATIONS = {
    "/user": ("get",),
    _REPO: ("get",),
    _REPO + "/collaborators/{username}/permission": ("get",),
    _REPO + "/commits/{ref}": ("get",),
    _REPO + "/compare/{basehead}": ("get",),
    _REPO + "/contents/{path}": ("get",),
    _REPO + "/git/blobs/{file_sha}": ("get",),
    _PULL: ("get",),
    _PULL + "/files": ("get",),
    _PULL + "/commits": ("get",),
    _PULL + "/comments": ("get", "post"),
    _PULL + "/comments/{comment_id}/replies": ("post",),
    _REVIEW_COMMENT: ("get", "patch", "delete"),
    _PULL + "/reviews": ("get", "post"),
    _REVIEW: ("get", "put", "delete"),
    _REVIEW + "/comments": ("get",),
    _REVIEW + "/events": ("post",),
    _REVIEW + "/dismissals": ("put",),
    _REPO + "/issues/{issue_number}/comments": ("get", "post"),
    _ISSUE_COMMENT: ("get", "patch", "delete"),
}
"""What is kept of the REST description: path to methods."""

TYPES = {
    "Query": "id repository node viewer",
    "Mutation": "resolveReviewThread unresolveReviewThread minimizeComment unminimizeComment",
    "Repository": "id name nameWithOwner pullRequest",
    "PullRequest": "id number title body headRefOid reviewThreads",
    "PullRequestReviewThreadConnection": "nodes edges pageInfo totalCount",
    "PullRequestReviewThreadEdge": "cursor node",
    "PullRequestReviewThread": (
        "id isResolved isOutdated isCollapsed path line startLine originalLine originalStartLine diffSide startDiffSide"
        " subjectType comments resolvedBy viewerCanResolve viewerCanUnresolve viewerCanReply"
    ),
    "PullRequestReviewCommentConnection": "nodes edges pageInfo totalCount",
    "PullRequestReviewCommentEdge": "cursor node",
    "PullRequestReviewComment": (
        "id databaseId fullDatabaseId body author path line startLine outdated url"
        " isMinimized minimizedReason createdAt"
    ),
    "IssueComment": "id databaseId fullDatabaseId body author url isMinimized minimizedReason createdAt",
    "PullRequestReview": "id databaseId fullDatabaseId body author url isMinimized minimizedReason createdAt",
    "PageInfo": "startCursor endCursor hasNextPage hasPreviousPage",
    "User": "id login databaseId",
    "Bot": "id login databaseId",
    "Actor": "login",
    "Node": "id",
    "Minimizable": "isMinimized minimizedReason",
    "ResolveReviewThreadInput": "threadId clientMutationId",
    "ResolveReviewThreadPayload": "thread clientMutationId",
    "UnresolveReviewThreadInput": "threadId clientMutationId",
    "UnresolveReviewThreadPayload": "thread clientMutationId",
    "MinimizeCommentInput": "subjectId classifier clientMutationId",
    "MinimizeCommentPayload": "minimizedComment clientMutationId",
    "UnminimizeCommentInput": "subjectId clientMutationId",
    "UnminimizeCommentPayload": "unminimizedComment clientMutationId",
    "ReportedContentClassifiers": "",
    "DiffSide": "",
    "PullRequestReviewThreadSubjectType": "",
    "DateTime": "",
    "URI": "",
    "BigInt": "",
    "GitObjectID": "",
}
"""What is kept of the GraphQL schema: type to fields; an enum or a scalar is kept whole."""

_UNKNOWN_ARGUMENTS = {"before", "last", "skip"}
_PROSE = {
    "description",
    "summary",
    "examples",
    "example",
    "externalDocs",
    "tags",
    "operationId",
    "deprecated",
    "headers",
}
_SIDES = ["LEFT", "RIGHT"]
_ERRORS = {"basic-error", "validation-error", "validation-error-simple"}
"""They are sent with a `status` that is not described everywhere."""


def cut_rest(whole: dict[str, Any]) -> dict[str, Any]:
    """The kept operations and all they refer to, without prose, as OpenAPI 3.1, requests tightened."""
    paths = {path: _operations(whole["paths"][path], methods) for path, methods in OPERATIONS.items()}
    components: dict[str, dict[str, Any]] = {}
    left = [paths]
    while left:
        for kind, name in _references(left.pop()):
            if name not in components.setdefault(kind, {}):
                components[kind][name] = whole["components"][kind][name]
                left.append(components[kind][name])
    info = {"title": whole["info"]["title"] + ", cut and tightened", "version": whole["info"]["version"]}
    cut: dict[str, Any] = _plain({"paths": paths, "components": components})
    _tighten(cut["paths"], cut["components"]["schemas"])
    _loosen(cut["components"]["schemas"])
    return {"openapi": "3.1.0", "info": {**info, "license": whole["info"]["license"]}, **cut}


def _operations(item: dict[str, Any], methods: tuple[str, ...]) -> dict[str, Any]:
    return {method: item[method] for method in methods}


def _references(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            _, _, kind, name = part["$ref"].split("/", 3)
            yield kind, name
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _plain(part: Any, *, names: bool = False) -> Any:
    """A part without prose; `names`: its keys are names of fields, not words of the description."""
    if isinstance(part, list):
        return [_plain(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    made = {
        key: _plain(value, names=key in {"properties", "schemas", "parameters", "responses"} and not names)
        for key, value in part.items()
        if names or not (key in _PROSE or key.startswith("x-"))
    }
    return made if names else _nullable(made)


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 says nullable, JSON Schema has a type for it."""
    if not schema.pop("nullable", False):
        return schema
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _tighten(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Nothing may be said that is not described, and a request says where a comment belongs."""
    for name, schema in schemas.items():
        if name not in _ERRORS:
            _close(schema)
    for item in paths.values():
        for operation in item.values():
            if "requestBody" in operation:
                _body(operation)["additionalProperties"] = False
    comment = _body(paths[_PULL + "/reviews"]["post"])["properties"]["comments"]["items"]
    comment["additionalProperties"] = False
    comment["properties"]["side"]["enum"] = comment["properties"]["start_side"]["enum"] = _SIDES
    single = _body(paths[_PULL + "/comments"]["post"])
    single["properties"]["start_side"]["enum"] = _SIDES
    whole_file = {"properties": {"subject_type": {"const": "file"}}, "required": ["subject_type"]}
    comment["anyOf"] = [{"required": ["line"]}, {"required": ["position"]}]
    single["anyOf"] = [*comment["anyOf"], {"required": ["in_reply_to"]}, whole_file]
    for described in (comment, single):
        described["dependentRequired"] = {"start_line": ["line"], "start_side": ["start_line"], "side": ["line"]}
        for number in ("line", "start_line", "position"):
            described["properties"][number]["minimum"] = 1


def _loosen(schemas: dict[str, Any]) -> None:
    """GitHub sends null for the line of an outdated comment, of which its description does not know."""
    fields = schemas["pull-request-review-comment"]["properties"]
    for name in ("line", "original_line", "position"):
        fields[name] = {"type": ["integer", "null"]}


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for inner in schema:
            _close(inner)
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and not {"allOf", "anyOf", "oneOf"} & {*schema}:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _cut_type(node: Any) -> Any:
    """A kept type with its kept fields, without prose and directives."""
    bare = replace(node, description=None, directives=())
    if isinstance(node, ScalarTypeDefinitionNode):
        return bare
    if isinstance(node, EnumTypeDefinitionNode):
        return replace(
            bare, values=tuple(replace(value, description=None, directives=()) for value in node.values or ())
        )
    wanted = TYPES[node.name.value].split()
    fields = tuple(_cut_field(field) for field in node.fields if field.name.value in wanted)
    assert len(fields) == len(wanted), {*wanted} - {field.name.value for field in fields}
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(bare, fields=fields)
    interfaces = tuple(inner for inner in node.interfaces or () if inner.name.value in TYPES)
    return replace(bare, fields=fields, interfaces=interfaces)


def _cut_field(field: Any) -> Any:
    bare = replace(field, description=None, directives=())
    if isinstance(field, InputValueDefinitionNode):
        return bare
    arguments = tuple(_cut_field(argument) for argument in field.arguments or () if _is_kept(argument))
    return replace(bare, arguments=arguments)


def _is_kept(argument: Any) -> bool:
    if argument.name.value in _UNKNOWN_ARGUMENTS:
        return False
    kind = argument.type
    while hasattr(kind, "type"):
        kind = kind.type
    return kind.name.value in {"String", "Int", "ID", "Boolean", *TYPES}


def cut_graphql(text: str) -> str:
    """The kept types and fields of a schema."""
    kept = [node for node in parse(text, no_location=True).definitions if _name(node) in TYPES]
    assert len(kept) == len(TYPES), {*TYPES} - {_name(node) for node in kept}
    return print_ast(DocumentNode(definitions=tuple(map(_cut_type, kept)))) + "\n"


def _name(node: Any) -> str | None:
    return node.name.value if getattr(node, "name", None) and not node.kind.startswith("directive") else None


def main() -> None:
    """Write both cuts."""
    rest, graphql = map(Path, sys.argv[1:3])
    here = Path(__file__).parent
    cut = json.dumps(cut_rest(json.loads(rest.read_text("utf-8"))), indent=1, sort_keys=True)
    here.joinpath("rest.json").write_text(cut + "\n", "utf-8")
    here.joinpath("schema.graphql").write_text(cut_graphql(graphql.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
