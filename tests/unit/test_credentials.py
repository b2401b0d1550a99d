import base64
import sys
import sysconfig
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot._credential_names import named
from reviewbot._credential_places import placed
from reviewbot._credential_shapes import OVERLAP, SHAPES, WINDOW, shaped, windows
from reviewbot.credentials import PLACEHOLDER, Block, Credential, Detector, secret_values, worth_a_look
from tests.support.secrets import FILES, PLACED, TOKENS, Secret, armoured, key_body

DETECTOR = Detector()
TOKEN = next(secret.value for secret in TOKENS if secret.name == "GitHub personal token")
HEX = next(secret.value for secret in PLACED if secret.name == "Rails master key")
WHEREVER = [(secret, FILES[name].format(secret.value)) for secret, name in product(TOKENS, FILES)]
WHEREVER += [(secret, (secret.line or "{}").format(secret.value)) for secret in PLACED]
SURE, PROBABLE = True, False
CHOSEN = "Xk9mQ2v" + "Lp7"


def values(text: str, detector: Detector = DETECTOR) -> list[tuple[str, bool]]:
    """What is found in a line, and whether it surely is a credential."""
    return [(text[one.start : one.end], one.certain) for one in detector.find(text)]


def test_nothing_that_is_found_is_passed_over_for_speed() -> None:
    for secret, text in WHEREVER:
        if any((*shaped(text), *placed(text), *named(text))):
            assert worth_a_look(text), f"{secret.name}: {text}"


@settings(deadline=None)
@given(st.sampled_from(WHEREVER), st.text(max_size=8), st.text(max_size=8))
def test_nothing_is_passed_over_whatever_stands_around_it(row: tuple[Secret, str], before: str, after: str) -> None:
    text = before + row[1] + after
    assert worth_a_look(text)


@pytest.mark.parametrize("secret", [*TOKENS, *PLACED], ids=lambda secret: secret.name)
def test_the_span_is_the_value_alone(secret: Secret) -> None:
    text = (secret.line or "it is '{}'.").format(secret.value)
    (found,) = DETECTOR.find(text)
    assert text[found.start : found.end] == secret.value
    assert found.certain is secret.certain
    assert found.kind
    assert "REDACTED" not in found.kind


SETTINGS = [
    "db_password: '{}'",
    '"password": "{}",',
    'self.password = u"{}"',
    "os.environ['DB_PASSWORD'] = '{}'",
    "PASSWORD={}",
    "  password: {}",
    "spring.datasource.password={}",
    "$env:DB_PASSWORD = '{}'",
    "PGPASSWORD={} psql",
    "<password>{}</password>",
    '<property name="db.password" value="{}"/>',
    "set DB_PASSWORD={}",
    "x?password={}",
    'String password = "{}";',
    'var dbPassword string = "{}"',
    '#define DB_PASSWORD "{}"',
    'char pass[] = "{}";',
    "process.env.DB_PASSWORD || '{}'",
    "conn(host='db', password='{}')",
    '\\"password\\": \\"{}\\"',
    "-e PASS={} \\",
    "password := `{}`",
    "'db_password' => '{}',",
    "password ?? '{}'",
    '@Value(password="{}")',
    "dbPasswd='{}'",
]


@pytest.mark.parametrize("line", SETTINGS)
def test_a_password_is_found_beside_its_name_in_every_syntax(line: str) -> None:
    assert values(line.format("Xk9mQ2vLp7")) == [("Xk9mQ2vLp7", SURE)]


PASSWORDS = [
    "t4kk5mw9zr",
    "Tr0ub4dor&3",
    "S3cureP@ss!2024",
    "Xk9$mQ2!vLp",
    "Winter2024!",
    "P@ssw0rd123!Xy",
    "qu1ck-br0wn-f0x9",
]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("line", ['password = "{}"', "DB_PASSWORD={}"])
def test_passwords_as_people_make_them_are_findings(password: str, line: str) -> None:
    assert values(line.format(password)) == [(password, SURE)]


@pytest.mark.parametrize(
    "text",
    [
        'password = "hunter"',
        "password: 'letmein99'",
        'secret="supersecretpassword"',
        "PASSWORD=postgres",
        "x(pass='user1')",
    ],
)
def test_words_that_everybody_uses_are_taken_out_and_nobody_is_accused(text: str) -> None:
    assert [sure for _, sure in values(text)] == [PROBABLE]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        (f'api_key = "{HEX}"', SURE),
        (f'"apiKey": "{HEX}"', SURE),
        (f"X-Api-Key: {HEX}", SURE),
        (f"access_token={HEX}", SURE),
        (f"set_token('{HEX}')", SURE),
        (f"setdefault('DB_PASSWORD', '{HEX}')", SURE),
        ("setdefault('DB_PASSWORD', 'Xk9mQ2vLp7')", PROBABLE),
        ("getenv('DB_PASSWORD', 'Xk9mQ2vLp7')", PROBABLE),
        ("api_key = 'Xk9mQ2vLp7'", PROBABLE),
        (f"key = '{HEX}'", PROBABLE),
        (f"csrf_token = '{HEX}'", PROBABLE),
        (f"password_hash = '{HEX}'", PROBABLE),
        (f"token_type = '{HEX}'", PROBABLE),
        (f"auth = '{HEX}'", PROBABLE),
        ("client_secret = '0f8fad5b-d9cb-469f-a165-70867728950e'", PROBABLE),
        ('auth=("ada", "Xk9mQ2vLp7")', PROBABLE),
        (f'auth=("ada", "{HEX}")', SURE),
        ("https://ada:tulip@example.com", PROBABLE),
        ("Authorization: Token " + HEX, SURE),
        ("Authorization: Bearer Xk9mQ2vLp7aa", PROBABLE),
        ("$6$rounds=5000$saltsalt$" + TOKEN[4:], PROBABLE),
        ("pbkdf2_sha256$600000$" + TOKEN[4:], PROBABLE),
        ("ada:{SHA}" + "Nt5f8d7Qk2" * 3, SURE),
        ("Authorization: Basic " + base64.b64encode(b"ada:tulip").decode(), PROBABLE),
    ],
)
def test_what_may_be_harmless_is_only_taken_out(text: str, sure: object) -> None:
    assert [one for _, one in values(text)] == [sure]


HARMLESS = [
    '"arn:aws:secretsmanager:*:*:secret:Team-a1c3f5b7"',
    f'"AWS::IAM::AccessKey": "{HEX}"',
    "def f(private_key: x25519.X25519PrivateKey, password: str)",
    "api_key: ApiGatewayApiKey",
    "password: str",
    "password: str | None = None",
    "password = get_password()",
    'password = os.environ["DB_PASSWORD"]',
    "password=${DB_PASSWORD}",
    "password: $DB_PASSWORD",
    'password: "{{ db_password }}"',
    'password = "<password>"',
    'password = "changeme"',
    'password = "********"',
    "password=password",
    'password = "xxxxxxxx"',
    'password = ""',
    "token = tokens[3]",
    'key = "user_id"',
    "assert token == expected_token",
    "primary_key=True",
    "password = self.password",
    'cache_key = f"user:{id}"',
    'password_field = "id_password"',
    '"Enter your password:"',
    'password = "It is wrong."',
    "max_tokens: 4096",
    'api_key: "YOUR_API_KEY_HERE"',
    'token = request.headers.get("X-Token")',
    "pwd=$(pwd)",
    "const token = await getToken({req})",
    "secretKeyRef: {name: my-secret, key: password}",
    "password = sys.argv[1]",
    'token_url = "https://example.com/oauth/token"',
    "auth = HTTPBasicAuth(user, pw)",
    "keyCode = 0x1F4A9",
    "aws_access_key_id = AKIA" + "IOSFODNN7EXAMPLE",
    'color: "#a1b2c3"',
    "token := lexer.NextToken()",
    "password: !vault |",
    "if (token.type === TokenType.Identifier2) {",
    "GITHUB_TOKEN: ${{ github.token }}",
    "secret = b64decode(data)",
    "PublicKeyToken=b77a5c561934e089",
    '"integrity": "sha512-' + "Nt5f8d7Qk2" * 8 + '=="',
    "password = /etc/app/password",
    f'commit = "{HEX}00aa11bb"',
    "Password:",
    "password",
    "the password is checked by check_password",
    "password = 12",
    "https://user@example.com/a:b",
    "https://example.com:8080/a@b",
    "http://[::1]:80/",
    "mailto:a@b.example",
    "Bearer token",
    "Authorization: Basic realm",
    "Basic authentication",
    "curl -u $USER:$PASS https://x",
    "ghp_" + "x" * 36,
    "Bearer " + "x" * 30,
    "AIza" + "0" * 35,
    "sk-ant-api03-your-key-here-your-key-here",
    "password = __PASSWORD__",
    "password=%s",
    "--password <secret>",
    '("password", "value")',
    'define("password", name)',
    "--password file",
    "ENV PASSWORD_FILE /run/secrets/password",
    "</password>",
    "a > password > b",
    "password -> b",
    'password = "[a-z]{8,}"',
    "token: ../token",
    "it's (password",
    "x.password.y",
    f'public_key = "{HEX}"',
    'token_count = "12345678"',
    "password = validators.password",
    'auth="basic"',
    'secret = "a.b.c"',
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert values(text) == []


def test_the_surest_name_is_given_to_what_several_ways_find() -> None:
    (one,) = DETECTOR.find(f'password = "{TOKEN}"')
    assert one.kind == "GitHub token"
    text = f'token = "v1:{TOKEN}:x"'
    (one,) = DETECTOR.find(text)
    assert (text[one.start : one.end], one.kind, one.certain) == (f"v1:{TOKEN}:x", "GitHub token", True)


@pytest.mark.parametrize(
    "text",
    ["sk-ant-" + "api03-AbCdEf0123ghIJkl4567mnop_example", TOKEN + "EXAMPLE", "ghp_" + "x" * 8 + TOKEN[4:]],
    ids=["an example", "capitals", "a run"],
)
def test_a_random_token_with_filler_in_it_is_only_taken_out(text: str) -> None:
    assert values(text) == [(text, PROBABLE)]


@pytest.mark.parametrize(
    "text",
    [
        "ghp_REDACTED_GITHUB_TOKEN_1" + TOKEN[4:].replace("_", ""),
        "sk-ant-REDACTED_KEY_1" + TOKEN[4:],
        "ghp_" + "a1" * 18,
    ],
    ids=["a placeholder", "another one", "few characters"],
)
def test_a_shape_that_is_filled_is_no_token(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize("before", ["\\n", "%3D", "(", "=", "-", "_"])
def test_a_token_begins_behind_what_is_no_part_of_a_word(before: str) -> None:
    assert (TOKEN, SURE) in values(before + TOKEN)


@pytest.mark.parametrize("text", ["x" + TOKEN, TOKEN + "Q"])
def test_a_token_in_a_longer_word_is_only_probable(text: str) -> None:
    ((found, sure),) = values(text)
    assert text.endswith(found)
    assert sure is (found == TOKEN + "Q")


def test_a_token_in_an_endless_word_ends_somewhere() -> None:
    # Else each of many tokens in such a word would be searched for to its end.
    (found,) = DETECTOR.find(TOKEN + "-" + "Qq7" * 5_000)
    assert found.end < 500


def test_the_library_s_detectors_count_where_their_gates_say() -> None:
    assert {shape.gate == shape.gate.lower() for shape in SHAPES} == {True}
    assert values("app AP6Xk9mQ2vLp7Zz4Wq8r") == [("AP6Xk9mQ2vLp7Zz4Wq8r", PROBABLE)]
    assert values("app APACHELICENSEHEADERS") == []


def test_long_lines_are_cut_so_that_nothing_at_a_cut_is_lost() -> None:
    for at in range(WINDOW - len(TOKEN) - 2, WINDOW + 2):
        assert values(" " * at + TOKEN + " " * WINDOW) == [(TOKEN, SURE)]
    library = "Q" * 3 + " " + next(secret.value for secret in TOKENS if secret.name == "Discord bot token")
    for at in range(WINDOW - len(library) - 2, WINDOW + 2, 7):
        assert values(" " * at + library + " " * WINDOW) == [(library[4:], SURE)]


@pytest.mark.parametrize("length", [0, 1, WINDOW, WINDOW + 1, 10 * WINDOW])
def test_windows_overlap_and_cover_a_line(length: int) -> None:
    cuts = list(windows(length))
    assert cuts[0][0] == 0
    assert cuts[-1][1] == length
    assert all(stop - start <= WINDOW for start, stop in cuts)
    assert all(one[1] - other[0] == OVERLAP for one, other in pairwise(cuts))


UNITS = [
    "a",
    "=",
    '"',
    "'",
    "password",
    "password=",
    'password="',
    "eyJ",
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "\\",
    "key: ",
    "$apr1$",
    "http -u ",
    'auth"a",',
    "token=x1,",
    "Bearer ",
    "user a password ",
    "sl_key=",
    "LTAI",
    "1",
    "AC ",
    "aws key '",
    f"{TOKEN} ",
    "password=password:",
    "secret(",
    "{",
    "value=",
    "Xk9mQ2vLp7",
    "password = pass ",
    "=" * 40 + "password",
]


def _calls(search: Callable[[], object]) -> int:
    """How many calls a search takes, of Python's functions and of those in C."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        search()
    finally:
        sys.setprofile(None)
    return calls


def _work(text: str) -> int:
    detector = Detector(("swordfish-9x",))
    return _calls(lambda: detector.find(text))


@pytest.mark.parametrize("unit", UNITS)
def test_the_work_grows_with_the_length_of_a_line_and_no_faster(unit: str) -> None:
    small, large = 12_000, 48_000
    _work(unit * (small // len(unit)))
    ratio = _work(unit * (large // len(unit))) / _work(unit * (small // len(unit)))
    assert ratio < 1.3 * large / small


@pytest.mark.parametrize("unit", [*UNITS, "swordfish-9x", base64.b64encode(b"swordfish-9x").decode()])
def test_a_hostile_line_of_200_000_characters_comes_to_an_end(unit: str) -> None:
    detector = Detector(("swordfish-9x",))
    text = unit * (200_000 // len(unit))
    found = detector.find(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    detector.find_blocks((text,))


class Walked(str):
    """Text that counts how often all of its characters are gone through."""

    __slots__ = ("walks",)

    def __init__(self, _text: str) -> None:
        self.walks = 0

    def __iter__(self) -> Iterator[str]:
        self.walks += 1
        return super().__iter__()


def test_a_line_with_a_nul_is_gone_through_once_for_all_that_is_found_in_it() -> None:
    tokens = 50
    line = Walked("\0" + f"{TOKEN} " * tokens)
    assert len(DETECTOR.find(line)) == tokens
    assert line.walks == 1
    value = Walked("  value: \0" + f"password={CHOSEN} " * tokens)
    assert DETECTOR.find_blocks(("- name: DB_PASSWORD", value))
    assert value.walks == 1


def test_the_line_before_names_one_value_of_a_line() -> None:
    line = "  value: " + f"password={CHOSEN} " * 3
    assert len(DETECTOR.find(line)) == 3
    assert len(DETECTOR.find_blocks(("- name: DB_PASSWORD", line))) == 1


HEADERS = [
    "Comment: -----BEGIN PRIVATE KEY-----",
    "Comment: -----BEGIN CERTIFICATE-----",
    "Private-Lines: 12",
    "Public-Lines: 12",
]


@pytest.mark.parametrize("header", HEADERS)
def test_the_work_grows_with_the_first_lines_of_keys_and_no_faster(header: str) -> None:
    def work(count: int) -> int:
        lines = (*[header] * count, "A" * 20)
        return _calls(lambda: DETECTOR.find_blocks(lines))

    assert work(400) < 1.3 * 4 * work(100)


def test_a_run_of_lines_of_a_key_is_made_into_a_block_once() -> None:
    body = key_body(armoured("RSA", lines=200))[:-1]
    made: list[object] = []

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and isinstance(frame.f_locals.get("self"), Block) and frame.f_code.co_name == "__init__":
            made.append(None)

    sys.setprofile(count)
    try:
        (block,) = DETECTOR.find_blocks(body)
    finally:
        sys.setprofile(None)
    assert len(block.pieces) == len(body)
    assert len(made) <= 2


def test_a_search_for_placeholders_is_bounded() -> None:
    # Else each of many beginnings would be followed to the end of the text.
    assert PLACEHOLDER.search("REDACTED_" + "A_" * 500 + "1") is None
    assert PLACEHOLDER.search("REDACTED_" + "A" * 500 + "_1") is None
    assert all(PLACEHOLDER.search(f"x REDACTED_{shape.kind.upper().replace(' ', '_')}_1") for shape in SHAPES[:10])


def test_bytes_that_are_no_text_are_no_part_of_a_value() -> None:
    assert values('password = "\udcffXk9mQ2vLp7\udce9"') == [("Xk9mQ2vLp7", SURE)]
    assert values('password = "\udcff"') == []


def test_an_empty_value_is_none_and_a_long_one_is() -> None:
    assert values('basic_auth(user, password or "")(response.request)') == []
    assert values(f'password = """{CHOSEN}"""') == [(CHOSEN, SURE)]


def test_names_are_searched_for_shapes_only() -> None:
    assert DETECTOR.find_in_name(f"password={CHOSEN}/a.txt") == ()
    assert [one.kind for one in DETECTOR.find_in_name(f"a/{TOKEN}/b")] == ["GitHub token"]


def test_a_detector_tells_nothing_of_what_it_knows() -> None:
    assert "swordfish" not in repr(Detector(("swordfish-9x",)))


def test_keys_are_found_on_one_line() -> None:
    lines = armoured("RSA", lines=6)
    for joined in ("\\n".join(lines), "\\\\n".join(lines), "\\r\\n".join(lines)):
        text = f'"private_key": "{joined}\\n",'
        (one,) = DETECTOR.find(text)
        assert (one.kind, one.certain) == ("private key", True)
        assert text[: one.start].endswith(("KEY-----\\n", "KEY-----\\\\n", "KEY-----\\r\\n"))
        assert not any(line in text[: one.start] + text[one.end :] for line in key_body(lines))
    coded = base64.b64encode("\n".join(lines).encode()).decode()
    assert values(f"tls.key: {coded}") == [(coded, SURE)]
    public = base64.b64encode(b"-----BEGIN CERTIFICATE-----" + bytes(60)).decode()
    assert values(f"tls.crt: {public}") == []


SECRET_NAMES = [
    "GITHUB_TOKEN",
    "DASHSCOPE_API_KEY",
    "DB_PASSWORD",
    "MYSQL_PWD",
    "CLIENT_SECRET",
    "AWS_CREDENTIALS",
    "NPM_AUTH",
    "my_pass",
    "dbPassword",
    "PGPASSWORD",
    "GITHUB_PAT",
    "TOKEN2",
    "TF_TOKEN_app_terraform_io",
    "AWS_SECRET_ACCESS_KEY",
    "STORAGE_CONNECTION_STRING",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_the_values_of_variables_that_speak_of_secrets_are_read(name: str) -> None:
    assert secret_values({name: "swordfish-9x"}) == ("swordfish-9x",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "swordfish-9x"),
        ("KEYBOARD", "swordfish-9x"),
        ("GIT_AUTHOR_NAME", "swordfish-9x"),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("SSH_AUTH_SOCK", "/run/user/1000/keyring/ssh"),
        ("PWD", "/home/ada/swordfish"),
        ("GIT_ASKPASS", "swordfish-9x"),
        ("DB_PASSWORD_FILE", "swordfish-9x"),
        ("API_TOKEN", "short-9"),
        ("API_TOKEN", ""),
        ("API_TOKEN", "1234567890"),
        ("API_TOKEN", "disabled"),
        ("TOKEN_URL", "https://example.com/oauth/token"),
        ("KEY_PATH", "swordfish-9x"),
        ("SIGNING_KEY", "~/keys/signing.pem"),
        ("DB_PASSWORD", "postgres"),
        ("DB_PASSWORD", "changeme"),
        ("TOKENIZER_NAME", "bert-base-uncased"),
        ("CACHE_KEY", "node-modules"),
        ("AUTH_BACKEND", "django.contrib.auth.backends.ModelBackend"),
        ("KEYCLOAK_REALM", "customer-portal"),
        ("OAUTH_PROVIDER", "keycloak"),
        ("AUTH_METHOD", "certificate"),
        ("SIGNATURE_ALGORITHM", "RSASSA-PSS"),
        ("SORT_KEY", "created_at"),
        ("SSH_KEY_TYPE", "ed25519-sk"),
        ("PIP_KEYRING_PROVIDER", "subprocess"),
        ("COMPASS_MODE", "northwards"),
        ("PASS_THROUGH", "everything"),
        ("SECRET_NAME", "prod/db-credentials"),
        ("TOKENIZERS_PARALLELISM", "sometimes"),
        ("KEYCHAIN", "login.keychain-db"),
        ("AWS_ACCESS_KEY_ID", "AKIA" + "Q7RT5XW2ZM4NB6VC"),
        ("TOKEN_URL", "https://ada@example.com/oauth?realm=customers"),
        ("HTTP_PROXY", "http://ada@proxy.example:8080"),
        ("APP_PASSWORD", "two word"),
    ],
)
def test_what_is_no_secret_of_the_environment_is_not_read(name: str, value: str) -> None:
    assert secret_values({name: value}) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CACHE_KEY", HEX),
        ("SIGNATURE", "Xk9$mQ2!vLp"),
        ("APP_PASSWORD", "correct horse battery staple 9"),
        ("GIT_URL", f"https://{TOKEN}@example.com/a.git"),
    ],
)
def test_what_looks_like_a_secret_is_read_behind_names_that_may_mean_one(name: str, value: str) -> None:
    assert secret_values({name: value}) == (value,)


@pytest.mark.parametrize(
    ("value", "sure"),
    [
        ("customer-portal", PROBABLE),
        ("django.contrib.auth", PROBABLE),
        ("postgres://ada:tulip-garden@db.internal/app", PROBABLE),
        ("no token needed", PROBABLE),
        ("swordfish-9x", SURE),
        ("postgres://ada:swordfish-9x@db.internal/app", SURE),
        ("correct horse battery staple", SURE),
        ("swordfish 9 lives", SURE),
        ("xkcdqrstvbnmwplz", SURE),
    ],
)
def test_a_known_value_that_is_made_of_words_accuses_nobody(value: str, sure: object) -> None:
    detector = Detector((value,))
    assert [one.certain for one in detector.find(f"say {value} twice")] == [sure]
    coded = base64.b64encode(value.encode()).decode()
    assert [one.kind for one in detector.find(coded)] == ["environment secret"]
    assert [one.certain for one in detector.find_in_name(coded)] == [sure]


def test_an_address_and_a_key_of_several_lines_are_read_in_parts() -> None:
    url = "postgres://ada:swordfish-9x@db.internal/app"
    assert secret_values({"DATABASE_URL": url}) == (url, "swordfish-9x")
    key = armoured("RSA", lines=4)
    assert set(secret_values({"DEPLOY_KEY": "\n".join(key)})) == set(key_body(key))
    assert secret_values({"A_TOKEN": "swordfish-9x", "B_TOKEN": "swordfish-9x"}) == ("swordfish-9x",)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in an address": lambda value: quote(value, safe=""),
    "in base64": lambda value: base64.b64encode(value.encode()).decode(),
    "in base64 for addresses": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "in base64 behind a name": lambda value: base64.b64encode(f"ada:{value}".encode()).decode(),
    "in base64 behind a longer name": lambda value: base64.b64encode(f"robot:{value}".encode()).decode(),
    "in base64 before more": lambda value: base64.b64encode(f"{value}:more".encode()).decode(),
    "in JSON": lambda value: value.replace('"', '\\"'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", ['sword"fish-9x', "swordfish?>9x+/", "swordfish~é?ÿ"])
def test_known_values_are_found_in_every_form(form: str, value: str) -> None:
    written = FORMS[form](value)
    for around in ("{}", "say{}now" if form in {"as it is", "in an address"} else "say {} now", '"{}"'):
        text = around.format(written)
        detector = Detector(("another-9", value))
        (one,) = detector.find(text)
        assert (one.kind, one.certain) == ("environment secret", True)
        assert text[: one.start] + text[one.end :] == around.format("") or written.endswith("=")
        assert detector.find_in_name(text) == (one,)


def test_a_heading_that_may_be_cut_is_searched_for_a_part_of_a_value() -> None:
    long = "x = 1; " * 9
    cut = f'{long}api_key = "{TOKEN[:18]}'
    assert DETECTOR.find_in_heading(cut)[-1].end == len(cut)
    assert DETECTOR.find_in_heading(f"{long}{TOKEN}")[-1] == Credential(
        len(long), len(long + TOKEN), "GitHub token", certain=True
    )
    assert DETECTOR.find_in_heading(f"{long}{TOKEN[4:20]}")[-1].kind == "key"
    assert DETECTOR.find_in_heading(f"{long}def get_absolute_url_of") == ()
    assert DETECTOR.find_in_heading(TOKEN[4:20]) == ()


@pytest.mark.parametrize("before", ["\u8fd9\u662f" * 9, "\u043a\u043b\u044e\u0447 " * 6, "\udce9" * 45])
def test_a_heading_is_cut_by_its_bytes(before: str) -> None:
    cut = f"{before} {TOKEN[:20]}"
    assert len(cut) < 70
    assert [cut[one.start : one.end] for one in DETECTOR.find_in_heading(cut)] == [TOKEN[:20]]


def test_ordinary_source_raises_hardly_an_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    lines = [
        line
        for name in ("email", "http", "urllib", "asyncio", "json", "logging", "unittest", "xml", "wsgiref", "importlib")
        for path in sorted((folder / name).rglob("*.py"))
        for line in path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    ]
    found = [one for line in lines for one in DETECTOR.find(line)]
    sure = sum(one.certain for one in found)
    with capsys.disabled():
        print(f"\n{len(lines):,} lines of the standard library: {sure} findings, {len(found)} taken out")
    assert len(lines) > 30_000
    assert sure <= len(lines) // 20_000
    assert len(found) <= len(lines) // 2_000
