"""Export of a team's members for the spreadsheet people."""

from __future__ import annotations

import csv
from typing import Any, Protocol, TextIO

COLUMNS = ("id", "name", "email", "role")


class Api(Protocol):
    def get(self, path: str, **params: Any) -> dict[str, Any]: ...


def _row(member: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": member["id"],
        "name": member["name"].strip(),
        "email": member["email"].lower(),
        "role": member.get("role", "member"),
    }


def export_members(api: Api, team: str) -> list[dict[str, Any]]:
    """One row per member, in the order of the API."""
    answer = api.get(f"/teams/{team}/members")
    return [_row(member) for member in answer["items"]]


def write_csv(api: Api, team: str, out: TextIO) -> int:
    """Write all members to `out`; the number of rows."""
    rows = export_members(api, team)
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return len(rows)
