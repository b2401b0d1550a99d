import io

from teams.export import export_members, write_csv


class FakeApi:
    def __init__(self, count):
        self.members = [
            {"id": n, "name": f" Member {n} ", "email": f"Member{n}@Example.org"} for n in range(count)
        ]

    def get(self, path, **params):
        return {"items": self.members}


def test_names_are_stripped():
    assert export_members(FakeApi(1), "t1")[0]["name"] == "Member 0"


def test_emails_are_lower_case():
    for row in export_members(FakeApi(3), "t1"):
        assert row["email"] == row["email"].lower()


def test_csv_has_a_header():
    out = io.StringIO()
    assert write_csv(FakeApi(2), "t1", out) == 2
    assert out.getvalue().splitlines()[0] == "id,name,email,role"
