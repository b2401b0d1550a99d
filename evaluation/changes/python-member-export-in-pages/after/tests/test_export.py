import io

from teams.export import export_members, write_csv


class FakeApi:
    def __init__(self, count):
        self.members = [
            {"id": n, "name": f" Member {n} ", "email": f"Member{n}@Example.org"} for n in range(count)
        ]

    def get(self, path, **params):
        if not path.endswith("/members"):
            return {"member_count": len(self.members)}
        start = params["offset"]
        return {"items": self.members[start : start + params["limit"]]}


def test_names_are_stripped():
    rows = list(export_members(FakeApi(4), "t1", page_size=2))
    assert [row["name"] for row in rows] == ["Member 0", "Member 1", "Member 2", "Member 3"]


def test_emails_are_lower_case():
    rows = export_members(FakeApi(4), "t1", page_size=2)
    assert len(list(rows)) == 4
    for row in rows:
        assert row["email"] == row["email"].lower()


def test_empty_team():
    assert list(export_members(FakeApi(0), "t1")) == []


def test_csv_has_a_header():
    out = io.StringIO()
    assert write_csv(FakeApi(500), "t1", out) == 500
    assert out.getvalue().splitlines()[0] == "id,name,email,role"
