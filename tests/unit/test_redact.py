import re
import sys
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewbot.credentials import PLACEHOLDER, Detector
from reviewbot.diff import FileDiff, Hunk, LineKind, Side, Status
from reviewbot.finding import Category, Severity, State
from reviewbot.patch import parse, render
from reviewbot.review import Change, Target
from reviewbot.stages.redact import (
    MOST,
    MOST_COMPARISONS,
    MOST_HASHES,
    Redacted,
    _Allowance,
    allow_hash,
    redact,
    redact_text,
)
from tests.support.reviews import file, hunk
from tests.support.secrets import FILES, KEYS, PLACED, TOKENS, Secret, armoured, key_body
from tests.support.strategies import changes

DETECTOR = Detector()
GITHUB, OTHER = (secret.value for secret in TOKENS if secret.name in {"GitHub personal token", "GitHub OAuth token"})
CHOSEN = "Xk9mQ2v" + "Lp7"
STRIPE = next(secret.value for secret in TOKENS if secret.name == "Stripe live key")
EVERYWHERE = [(secret, name) for secret, name in product(TOKENS, FILES)]


def change(*files: FileDiff) -> Change:
    return Change(Target(None, None, "a change"), files)


def texts(made: Change) -> str:
    """All that a change says."""
    parts = [text for one in made.files for text in (one.path, one.old_path or "")]
    hunks = [part for one in made.files for part in one.hunks]
    return "\n".join([*parts, *(part.section for part in hunks), *(line.text for part in hunks for line in part.lines)])


def shape(made: Change) -> list[object]:
    """All of a change but its texts."""
    return [
        (one.status, one.binary, [(h.old_start, h.new_start, [(x.kind, x.old, x.new, x.newline) for x in h.lines])])
        for one in made.files
        for h in one.hunks
    ]


def redacted(
    *signed: str, path: str = "app.py", allowed: tuple[str, ...] = (), detector: Detector = DETECTOR
) -> Redacted:
    return redact(change(file(path, hunk(*signed))), detector=detector, allowed=allowed)


def lines(made: Redacted) -> list[str]:
    return [line.kind.value + line.text for part in made.change.files[0].hunks for line in part.lines]


def places(made: Redacted) -> list[tuple[int, int]]:
    return [(one.anchor.start, one.anchor.end) for one in made.findings]


def test_the_corpus_is_as_large_as_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    shapes = len(TOKENS) + len(PLACED) + len(KEYS)
    with capsys.disabled():
        print(f"\ncredentials: {shapes} shapes, {len(FILES)} kinds of file, {len(EVERYWHERE) + len(PLACED)} places")
    assert shapes >= 90
    assert len(FILES) >= 20
    assert len({secret.value for secret in (*TOKENS, *PLACED)}) == len(TOKENS) + len(PLACED)


@pytest.mark.parametrize("secret", TOKENS, ids=lambda secret: secret.name)
def test_every_token_is_taken_out_of_every_kind_of_file(secret: Secret) -> None:
    rows = {name: template.format(secret.value) for name, template in FILES.items()}
    whole = change(*(file(name, hunk(f"+{text}", f" {text}", f"-{text}")) for name, text in rows.items()))
    made = redact(whole, detector=DETECTOR)
    assert secret.value not in texts(made.change)
    for after in made.change.files:
        before, behind = FILES[after.path].split("{}")
        for line in after.hunks[0].lines:
            assert line.text.startswith(before), after.path
            assert line.text.endswith(behind), after.path
            assert PLACEHOLDER.fullmatch(line.text[len(before) : len(line.text) - len(behind)]), after.path
    found = [(one.anchor.path, one.anchor.start) for one in made.findings]
    assert found == [(name, 1) for name in FILES] or not secret.certain


@pytest.mark.parametrize("secret", PLACED, ids=lambda secret: secret.name)
def test_every_value_is_taken_out_of_the_place_that_tells_it(secret: Secret) -> None:
    text = (secret.line or "{}").format(secret.value)
    made = redacted(f"+{text}", f" {text}", f"-{text}")
    start = text.index(secret.value)
    assert secret.value not in texts(made.change)
    for line in lines(made):
        assert line[1 : 1 + start] == text[:start]
        assert line.endswith(text[start + len(secret.value) :])
    assert [one.anchor.start for one in made.findings] == ([1] if secret.certain else [])


AROUND = {
    "CRLF": "{}\r",
    "surrogates": "\udcff\udcfe{}\udce9",
    "a tab": "\t{}",
    "a blank": "{} ",
    "late on the line": " " * 9_000 + "{}",
    "early on the line": "{}" + " ;" * 9_000,
    "in a long line": "x = 1; " * 3_000 + "{}",
}


def may_stand(secret: Secret, around: str) -> bool:
    """Whether a line still tells the secret with something around it: some only do alone, or at the start of a line."""
    line = secret.line or ""
    if line == "{}" or line.startswith(("ENV", "  p")):
        return around == "{}\r"
    return around.startswith("{}") or not line.startswith(("ada", "root"))


@pytest.mark.parametrize(
    ("secret", "around"),
    [
        pytest.param(secret, around, id=f"{secret.name}, {name}")
        for secret, (name, around) in product([*TOKENS, *PLACED], AROUND.items())
        if may_stand(secret, around)
    ],
)
def test_what_stands_around_a_secret_stays(secret: Secret, around: str) -> None:
    inner = (secret.line or "{}").format(secret.value)
    made = redacted(" " + around.format(inner))
    (line,) = lines(made)
    assert secret.value not in line
    before, after = around.split("{}")
    assert line[1:].startswith(before)
    assert line.endswith(after)


@pytest.mark.parametrize("secret", TOKENS, ids=lambda secret: secret.name)
def test_a_token_is_taken_out_of_names_and_headings(secret: Secret) -> None:
    part = replace(hunk(" a", "+b"), section=f"def f(key='{secret.value}'):")
    before = change(file(f"old/{secret.value}.txt", part, old_path=f"older/{secret.value}/a.txt"))
    after = redact(before, detector=DETECTOR)
    assert secret.value not in texts(after.change)
    assert after.change.files[0].path.startswith("old/REDACTED_")
    assert after.change.files[0].path.endswith("_1.txt")
    assert after.findings == ()


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize(
    "written",
    ["{}", "    {}", "{}\r", '"{}\\n" +', "# {}", "        {}\\n\\"],
    ids=["plain", "indented", "CRLF", "in quotes", "commented", "continued"],
)
def test_no_line_of_a_private_key_is_left_wherever_a_hunk_cuts_it(name: str, written: str) -> None:
    whole = KEYS[name]()
    secret = set(key_body(whole))
    ends = len(whole)
    cuts = {(start, stop) for start in range(ends) for stop in (start + 1, start + 2, start + 3, ends) if stop <= ends}
    for start, stop in cuts | {(0, stop) for stop in range(1, ends)}:
        part = whole[start:stop]
        if len(part) == 1 and len(part[0]) < 40:
            continue
        made = redacted(*(" " + written.format(line) for line in part))
        left = [line for line in part if line in secret and line in texts(made.change)]
        assert not left, f"lines {start} to {stop}: {left}"


@pytest.mark.parametrize("name", KEYS)
def test_a_private_key_is_one_finding_over_its_lines(name: str) -> None:
    whole = KEYS[name]()
    made = redacted(" before", *("+" + line for line in whole), "+after")
    bodies = [number for number, line in enumerate(whole, start=2) if line in set(key_body(whole))]
    assert places(made) == [(bodies[0], bodies[-1])]
    (one,) = made.findings
    assert one.draft.title == "A private key is in the change"
    assert len(one.excerpt) == bodies[-1] - bodies[0] + 1
    assert lines(made)[0] == " before"
    assert lines(made)[-1] == "+after"


def test_a_key_that_stood_there_is_no_finding_but_the_lines_that_are_new_are() -> None:
    whole = armoured("RSA", lines=6)
    kept = redacted(*(" " + line for line in whole))
    gone = redacted(*("-" + line for line in whole))
    assert kept.findings == gone.findings == ()
    half = redacted(*(" " + line for line in whole[:3]), *("+" + line for line in whole[3:]))
    assert places(half) == [(4, 7)]
    swapped = armoured("EC", lines=6)
    both = redacted(" " + whole[0], *("-" + x for x in whole[1:-1]), *("+" + x for x in swapped[1:-1]), " " + whole[-1])
    assert not any(line in texts(both.change) for line in (*key_body(whole), *key_body(swapped)))
    assert places(both) == [(2, 7)]


def test_certificates_and_public_keys_stay() -> None:
    for kind in ("CERTIFICATE", "PUBLIC KEY", "PGP PUBLIC KEY BLOCK"):
        body = key_body(armoured("", lines=8))
        public = [f"-----BEGIN {kind}-----", *body, f"-----END {kind}-----"]
        for part in (public, public[:-1], public[1:]):
            made = redacted(*("+" + line for line in part))
            assert lines(made) == ["+" + line for line in part], kind


@pytest.mark.parametrize(
    ("before", "value"),
    [("- name: DB_PASSWORD", "  value: Xk9mQ2vLp7"), ('"name": "DB_PASSWORD",', '  "value": "Xk9mQ2vLp7"')],
    ids=["YAML", "JSON"],
)
def test_a_value_that_the_line_before_names_is_found(before: str, value: str) -> None:
    made = redacted(" " + before, "+" + value)
    assert lines(made)[1] == "+" + value.replace("Xk9mQ2vLp7", "REDACTED_PASSWORD_1")
    assert places(made) == [(2, 2)]
    assert redacted(" - name: COLOUR", "+" + value).findings == ()


def test_only_what_is_added_is_a_finding() -> None:
    text = f'token = "{GITHUB}"'
    made = redacted(f"-{text}", f" {text}", f"+{text}", f"+{text}")
    (first, second) = made.findings
    assert [one.anchor.start for one in made.findings] == [2, 3]
    assert first.anchor.side is Side.NEW
    assert first.excerpt == second.excerpt == ('token = "REDACTED_GITHUB_TOKEN_1"',)
    draft = first.draft
    assert (draft.severity, draft.category, draft.confidence) == (Severity.ERROR, Category.SECRET, 1.0)
    assert (draft.path, draft.line, draft.side, draft.quote) == ("app.py", 2, Side.NEW, first.excerpt[0])
    assert (draft.suggestion, first.state) == (None, State.NEW)
    assert draft.title == "A GitHub token is in the change"
    assert draft.body.endswith(f'If it is no secret: `allow-secrets = ["{allow_hash(GITHUB)}"]`')


def test_a_renamed_file_s_findings_name_both_its_names() -> None:
    before = file("new.py", hunk(f"+{GITHUB}"), old_path="old.py")
    (one,) = redact(change(before), detector=DETECTOR).findings
    assert (one.anchor.path, one.anchor.old_path) == ("new.py", "old.py")
    copied = replace(before, status=Status.COPIED)
    assert redact(change(copied), detector=DETECTOR).findings[0].anchor.old_path is None


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("npm_" + "aB3dE6gH9" * 4, "An npm token"),
        ("AKIA" + "Q7RT5XW2ZM4NB6VC", "An AWS key"),
        (GITHUB, "A GitHub token"),
    ],
)
def test_titles_are_english(kind: str, title: str) -> None:
    assert redacted(f"+{kind}").findings[0].draft.title == f"{title} is in the change"


def test_two_secrets_on_a_line_are_two_findings() -> None:
    made = redacted(f"+a({GITHUB}, {STRIPE})")
    assert lines(made) == ["+a(REDACTED_GITHUB_TOKEN_1, REDACTED_STRIPE_KEY_1)"]
    assert [one.draft.title for one in made.findings] == [
        "A GitHub token is in the change",
        "A Stripe key is in the change",
    ]
    twice = redacted(f"+a({GITHUB}, {GITHUB})")
    assert lines(twice) == ["+a(REDACTED_GITHUB_TOKEN_1, REDACTED_GITHUB_TOKEN_1)"]


def test_placeholders_count_the_values_of_a_kind_in_their_file() -> None:
    one = file("a.py", hunk(f"+{GITHUB}", f"-{OTHER}", f" {STRIPE}", f"+{GITHUB}"))
    two = file("b.py", hunk(f"+{OTHER}"))
    made = redact(change(one, two), detector=DETECTOR).change
    assert [line.text for line in made.files[0].hunks[0].lines] == [
        "REDACTED_GITHUB_TOKEN_1",
        "REDACTED_GITHUB_TOKEN_2",
        "REDACTED_STRIPE_KEY_1",
        "REDACTED_GITHUB_TOKEN_1",
    ]
    assert made.files[1].hunks[0].lines[0].text == "REDACTED_GITHUB_TOKEN_1"
    assert redact(change(two), detector=DETECTOR).change.files[0] == made.files[1]


def test_a_series_of_patches_counts_the_values_of_a_file_over_all_of_its_parts() -> None:
    parts = [f"+{GITHUB}", f"+{OTHER}", " REDACTED_GITHUB_TOKEN_2", f"-{GITHUB}"]
    made = redact(change(*(file("a.py", hunk(part)) for part in parts)), detector=DETECTOR).change
    ends = [one.hunks[0].lines[0].text.removeprefix("REDACTED_GITHUB_TOKEN_") for one in made.files]
    assert ends == ["1", "3", "2", "1"]


def test_a_text_that_looks_like_a_placeholder_keeps_its_name_for_itself() -> None:
    made = redacted(" see REDACTED_GITHUB_TOKEN_1", f"+{GITHUB}", f"+{OTHER}", " REDACTED_GITHUB_TOKEN_3")
    assert [line[1:] for line in lines(made)[1:3]] == ["REDACTED_GITHUB_TOKEN_2", "REDACTED_GITHUB_TOKEN_4"]


def test_two_files_never_get_one_name() -> None:
    names = [f"{GITHUB}/a", f"{OTHER}/a", "REDACTED_GITHUB_TOKEN_1/a", f"{GITHUB}/b"]
    made = redact(change(*(file(name, hunk("+x")) for name in names)), detector=DETECTOR).change
    paths = [one.path for one in made.files]
    assert len(set(paths)) == 4
    assert paths == [f"REDACTED_GITHUB_TOKEN_{end}" for end in ("2/a", "3/a", "1/a", "2/b")]


def test_a_digit_behind_a_placeholder_makes_no_other_one() -> None:
    detector = Detector(("swordfish-9x", "swordfish-9x1"))
    made = redacted("+swordfish-9x7", detector=detector)
    assert lines(made) == ["+REDACTED_ENVIRONMENT_SECRET_1_7"]


def test_the_environment_s_secrets_are_found_anywhere() -> None:
    detector = Detector(("swordfish-9x",))
    part = replace(hunk("+say swordfish-9x!", " swordfish-9x"), section="swordfish-9x")
    made = redact(change(file("a/swordfish-9x.py", part)), detector=detector)
    assert "swordfish" not in texts(made.change)
    assert [one.draft.title for one in made.findings] == ["An environment secret is in the change"]


@pytest.mark.parametrize(
    "heading",
    [
        f"token = '{GITHUB}'",
        "DB_PASSWORD=" + CHOSEN,
        key_body(armoured("RSA"))[3],
        f"{'x = 1; ' * 8} key = '{GITHUB[:22]}",
    ],
    ids=["a token", "a setting", "a line of a key", "cut"],
)
def test_a_heading_is_a_line_of_the_file(heading: str) -> None:
    made = redact(change(file("a.env", replace(hunk(" a", "+b"), section=heading))), detector=DETECTOR)
    section = made.change.files[0].hunks[0].section
    assert PLACEHOLDER.search(section)
    assert not any(secret in section for secret in (GITHUB[:22], "Xk9mQ2vLp7", key_body(armoured("RSA"))[3]))
    assert made.findings == ()


def test_text_of_two_bytes_a_character_is_read() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        raw = f'password = "{"Xk9mQ2vLp7"}"'.encode(encoding)
        made = redacted("+" + raw.decode("utf-8", "surrogateescape"))
        assert "Xk9mQ2vLp7" not in texts(made.change).replace("\0", "")
        assert places(made) == [(1, 1)]
        key = [line.encode(encoding).decode() for line in armoured("RSA", lines=5)]
        cut = redacted(*("+" + line for line in key))
        assert not any(line in texts(cut.change).replace("\0", "") for line in key_body(armoured("RSA", lines=5)))


def test_what_is_allowed_is_neither_taken_out_nor_told() -> None:
    text = f'+a = "{GITHUB}", "{STRIPE}"'
    made = redacted(text, allowed=(allow_hash(GITHUB),))
    assert lines(made) == [text.replace(STRIPE, "REDACTED_STRIPE_KEY_1")]
    assert [one.draft.title for one in made.findings] == ["A Stripe key is in the change"]
    key = armoured("RSA", lines=5)
    (told,) = redacted(*("+" + line for line in key)).findings
    allowed = re.findall("s1:[0-9a-f]{32}", told.draft.body)
    made = redacted(*("+" + line for line in key), allowed=tuple(allowed))
    assert (lines(made), made.findings) == (["+" + line for line in key], ())


def test_an_allowed_name_and_heading_stay() -> None:
    before = change(file(f"{GITHUB}.txt", replace(hunk("+x"), section=GITHUB)))
    assert redact(before, detector=DETECTOR, allowed={allow_hash(GITHUB)}) == Redacted(before, ())


def test_hashes_are_slow_to_guess_and_say_nothing_of_the_value() -> None:
    assert re.fullmatch("s1:[0-9a-f]{32}", allow_hash("x"))
    assert allow_hash("x") == allow_hash("x") != allow_hash("y")
    assert allow_hash("\udcff\ud800")


def test_a_hostile_change_costs_a_bounded_number_of_hashes() -> None:
    many = [f'+password = "Xk9mQ2vL{number:05}q"' for number in range(MOST_HASHES + 40)]
    parts = [many[start : start + 40] for start in range(0, len(many), 40)]
    whole = change(*(file(f"{number}.py", hunk(*part)) for number, part in enumerate(parts)))
    bodies = [one.draft.body for one in redact(whole, detector=DETECTOR).findings]
    assert len(bodies) == len(many)
    assert sum("s1:" in body for body in bodies) == MOST_HASHES
    assert all("by its hash" in body for body in bodies[MOST_HASHES:])


@pytest.mark.parametrize(("more", "told"), [(-1, None), (0, None), (1, "1"), (1_200, "1,200")])
def test_one_file_has_a_bounded_number_of_findings_and_the_last_tells_of_the_rest(more: int, told: str | None) -> None:
    many = [f'+password = "Xk9mQ2vL{number:05}q"' for number in range(MOST + more)]
    parts = (file("a.py", hunk(*many[:30])), file("b.py", hunk(many[0])), file("a.py", hunk(*many[30:], new=31)))
    made = redact(change(*parts), detector=DETECTOR)
    assert "Xk9mQ2vL" not in texts(made.change)
    mine = [one for one in made.findings if one.anchor.path == "a.py"]
    assert [one.anchor.start for one in mine] == list(range(1, min(MOST, MOST + more) + 1))
    assert len(made.findings) == len(mine) + 1
    ends = [one.draft.body.rpartition("]`")[2] for one in made.findings if "more secrets" in one.draft.body]
    assert ends == ([f" {told} more secrets stand in this file."] if told else [])


def test_the_work_grows_with_the_secrets_and_no_faster() -> None:
    def work(count: int) -> int:
        calls = 0

        def counted(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in {"call", "c_call"}

        many = [f'+password = "Xk9mQ2vL{number:05}q"' for number in range(count)]
        whole = change(file("a.py", hunk(*many)))
        sys.setprofile(counted)
        try:
            redact(whole, detector=DETECTOR)
        finally:
            sys.setprofile(None)
        return calls

    assert work(800) < 1.3 * 4 * work(200)


def test_a_piece_of_a_value_takes_in_what_it_overlaps_and_leaves_the_rest() -> None:
    made = redacted(" - name: DB_PASSWORD", f"+  value: {CHOSEN} {GITHUB} {OTHER}")
    assert lines(made)[1] == "+  value: REDACTED_PASSWORD_1 REDACTED_GITHUB_TOKEN_1 REDACTED_GITHUB_TOKEN_2"


def test_comparisons_with_what_is_allowed_are_bounded() -> None:
    known = {f"value {number}": "s1:" for number in range(MOST_COMPARISONS - 1)}
    allowance = _Allowance(frozenset({allow_hash("one"), allow_hash("other")}), known)
    assert [allowance.allows(value) for value in ("one", "other", "one")] == [True, False, True]


def test_prose_is_redacted_line_by_line() -> None:
    key = "\n".join(armoured("RSA", lines=4))
    text = f"Use {GITHUB}.\n\nAnd:\n{key}\nREDACTED_GITHUB_TOKEN_1 again {GITHUB}\n"
    made = redact_text(text, detector=DETECTOR)
    assert made.count("\n") == text.count("\n")
    assert made.startswith("Use REDACTED_GITHUB_TOKEN_2.\n\nAnd:\n-----BEGIN")
    assert made.endswith("REDACTED_GITHUB_TOKEN_1 again REDACTED_GITHUB_TOKEN_2\n")
    assert not any(line in made for line in key_body(armoured("RSA", lines=4)))
    assert redact_text("Nothing here.\n", detector=DETECTOR) == "Nothing here.\n"


def test_a_redacted_patch_is_still_a_patch() -> None:
    before = change(file("a.py", hunk(f"-{GITHUB}\r", "+b", f" {STRIPE}")))
    made = redact(before, detector=DETECTOR).change
    assert shape(change(*parse(render(made.files)))) == shape(made)


SECRETS = st.sampled_from([*(secret.value for secret in TOKENS), *(s.line.format(s.value) for s in PLACED if s.line)])
PLAIN = st.sampled_from(["", "x = 1", "password = get()", "\r", "\udcff", " REDACTED_PASSWORD_1", "key: 'a'", '"'])
TEXT = st.lists(SECRETS | PLAIN | st.text(max_size=12).map(lambda text: text.replace("\n", " ")), max_size=4).map(
    " ".join
)
KEY_LINES = st.sampled_from([line for make in KEYS.values() for line in make()])


@st.composite
def loaded(draw: st.DrawFn) -> Change:
    """A change full of secrets."""
    signed = draw(st.lists(st.tuples(st.sampled_from(" +-"), TEXT | KEY_LINES).map("".join), min_size=1, max_size=12))
    part: Hunk = replace(hunk(*signed), section=draw(TEXT | KEY_LINES))
    return change(file(draw(TEXT) or "a", part, old_path=draw(st.none() | TEXT)))


@settings(deadline=None, max_examples=60)
@given(loaded())
def test_lines_keep_their_numbers_and_kinds(before: Change) -> None:
    made = redact(before, detector=DETECTOR)
    assert shape(made.change) == shape(before)
    for one in made.findings:
        held = [line for part in made.change.files[0].hunks for line in part.lines if one.anchor.holds(line.new)]
        assert one.excerpt == tuple(line.text for line in held)
        assert held[0].kind is held[-1].kind is LineKind.ADDED


@settings(deadline=None, max_examples=60)
@given(loaded())
def test_what_is_redacted_holds_nothing_more_to_redact(before: Change) -> None:
    made = redact(before, detector=DETECTOR).change
    again = redact(made, detector=DETECTOR)
    assert again.change == made
    assert again.findings == ()


@settings(deadline=None)
@given(changes())
@example(change(FileDiff("a.py", Status.ADDED, (), binary=True)))
def test_a_change_without_credentials_is_returned_as_it_is(before: Change) -> None:
    made = redact(before, detector=DETECTOR)
    assert made.change is before
    assert made.findings == ()


@settings(deadline=None, max_examples=60)
@given(loaded())
def test_no_token_is_left(before: Change) -> None:
    left = texts(redact(before, detector=DETECTOR).change)
    assert not [secret.name for secret in TOKENS if secret.value in left]
