"""A review as a file of Markdown."""

from hypothesis import given

from reviewbot.digest import digest
from reviewbot.formats import markdown
from reviewbot.ports import View
from reviewbot.review import Review
from tests.support.reviews import draft, file, finding, hunk, review, reviews

APP = file("src/app.py", hunk("+paid = 1"))


def test_a_file_holds_the_prose_of_every_finding_and_no_link() -> None:
    text = markdown.render(review([APP], [finding(APP, 1)]), View())
    assert "| warning | `src/app.py:1` | The total ignores refunds |" in text
    assert "\n\nA refund is not subtracted.\n\n" in text
    assert "](" not in text


@given(reviews())
def test_a_file_is_the_whole_digest_for_every_view(result: Review) -> None:
    whole = digest(result, inline=result.findings).text() + "\n"
    assert markdown.render(result, View()) == markdown.render(result, View(1, colour=True, verbosity=-1)) == whole


def test_a_file_never_has_more_bytes_than_a_summary_may_have() -> None:
    long = file("a.py", hunk(*["+x"] * 300))
    findings = [finding(long, number, claim=draft("漢" * 200, "漢字 " * 3000)) for number in range(1, 301)]
    text = markdown.render(review([long], findings), View())
    assert 900_000 < len(text.encode()) <= markdown.MOST
    assert text.startswith("### Review: 300 warnings\n\n| severity ")
    assert "Not all of it fits here" in text
    assert text.endswith("3.2 s</sub>\n")
