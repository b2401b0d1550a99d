"""Export of a team's members for the spreadsheet people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Protocol, TextIO

COLUMNS = ("id", "name", "email", "role")
PAGE_SIZE = 500


class Api(Protocol):
    def get(self, path: str, **params: Any) -> dict[str, Any]: ...


def _row(member: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": member["id"],
        "name": member["name"].strip(),
        "email": member["email"].lower(),
        "role": member.get("role", "member"),
    }


def export_members(api: Api, team: str, page_size: int = PAGE_SIZE) -> Iterator[dict[str, Any]]:
    """One row per member, in the order of the API, fetched as they are used."""
    total = api.get(f"/teams/{team}")["member_count"]
    offset = 0
    while offset + page_size <= total:
        answer = api.get(f"/teams/{team}/members", offset=offset, limit=page_size)
        for member in answer["items"]:
            yield _row(member)
        offset += page_size


def write_csv(api: Api, team: str, out: TextIO) -> int:
    """Write all members to `out`; the number of rows."""
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    count = 0
    for row in export_members(api, team):
        writer.writerow(row)
        count += 1
    return count
