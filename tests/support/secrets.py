"""Made-up credentials in every usual shape, and the kinds of file in which they stand.

Nothing here is anybody's: each value is drawn from a seeded generator, and what vendors' tokens begin with is put
together from parts, so that nobody's scanner takes this file for a leak.
"""

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = string.ascii_letters + DIGITS
HEX = "0123456789abcdef"
BASE64 = ALNUM + "+/"
URLSAFE = ALNUM + "-_"


@dataclass(frozen=True, slots=True)
class Secret:
    """A made-up credential.

    Attributes:
        name: of its shape.
        value: what has to stay secret.
        line: a template of a line it stands in whatever the file, or None where it stands in every kind of file.
        known: True where its own shape tells it, without any name beside it.
        certain: True where it is a finding.
    """

    name: str
    value: str
    line: str | None = None
    known: bool = True
    certain: bool = True


def _draw(name: str, alphabet: str, count: int) -> str:
    """As many characters, always the same for a name, of every kind that the alphabet has."""
    source = random.Random(name)
    kinds = [kind for kind in (LOWER, UPPER, DIGITS) if len(set(kind) & set(alphabet)) > 3]
    while True:
        text = "".join(source.choices(alphabet, k=count))
        if all(set(kind) & set(text) for kind in kinds) and text[-1].isalnum() and text[0].isalnum():
            return text


def _token(name: str, prefix: str, alphabet: str, count: int, suffix: str = "", *, certain: bool = True) -> Secret:
    return Secret(name, prefix + _draw(name, alphabet, count) + suffix, certain=certain)


def _named(name: str, line: str, alphabet: str, count: int, suffix: str = "", *, certain: bool = True) -> Secret:
    return Secret(name, _draw(name, alphabet, count) + suffix, line, known=False, certain=certain)


def _b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _jwt() -> str:
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}))
    body = _b64(json.dumps({"sub": _draw("jwt", DIGITS, 10), "iat": 1516239022}))
    return f"{head}.{body}.{_draw('jwt signature', URLSAFE, 43)}"


TOKENS = (
    _token("AWS access key id", "AK" + "IA", UPPER + "234567", 16),
    _token("AWS temporary key id", "AS" + "IA", UPPER + "234567", 16),
    _token("Alibaba access key id", "LT" + "AI5t", ALNUM, 20),
    _token("Alibaba STS token", "CA" + "IS", BASE64, 400),
    _token("Google API key", "AI" + "zaSy", URLSAFE, 33),
    _token("Google OAuth secret", "GOC" + "SPX-", URLSAFE, 28),
    _token("Google access token", "ya" + "29.", URLSAFE, 120),
    _token("Google refresh token", "1/" + "/0g", URLSAFE, 60),
    _token("Anthropic key", "sk-" + "ant-api03-", URLSAFE, 93, "AA"),
    _token("OpenAI project key", "sk-" + "proj-", URLSAFE, 140),
    Secret("OpenAI key", "sk-" + _draw("o1", ALNUM, 20) + "T3Blb" + "kFJ" + _draw("o2", ALNUM, 20)),
    _token("model vendor's key", "s" + "k-", HEX, 32),
    _token("GitHub personal token", "gh" + "p_", ALNUM, 36),
    _token("GitHub OAuth token", "gh" + "o_", ALNUM, 36),
    _token("GitHub user token", "gh" + "u_", ALNUM, 36),
    _token("GitHub server token", "gh" + "s_", ALNUM, 36),
    _token("GitHub refresh token", "gh" + "r_", ALNUM, 76),
    Secret("GitHub fine-grained token", "github" + "_pat_" + _draw("f1", ALNUM, 22) + "_" + _draw("f2", ALNUM, 59)),
    _token("GitLab personal token", "gl" + "pat-", URLSAFE, 20),
    _token("GitLab deploy token", "gl" + "dt-", URLSAFE, 20),
    _token("GitLab runner token", "gl" + "rt-", URLSAFE, 20),
    _token("GitLab trigger token", "gl" + "ptt-", HEX, 40),
    _token("GitLab registration token", "GR" + "1348941", URLSAFE, 20),
    _token("npm token", "np" + "m_", ALNUM, 36),
    _token("PyPI token", "pyp" + "i-AgEIcHlwaS5vcmc", URLSAFE, 150),
    _token("RubyGems key", "ruby" + "gems_", HEX, 48),
    _token("crates.io token", "ci" + "o", ALNUM, 32),
    _token("NuGet key", "oy" + "2", LOWER + DIGITS, 43),
    _token("Hugging Face token", "h" + "f_", string.ascii_letters, 34),
    _token("Replicate token", "r" + "8_", ALNUM, 37),
    _token("Groq key", "gs" + "k_", ALNUM, 52),
    _token("DigitalOcean token", "do" + "p_v1_", HEX, 64),
    _token("DigitalOcean OAuth token", "do" + "o_v1_", HEX, 64),
    _token("Vault service token", "hv" + "s.", URLSAFE, 90),
    _token("Vault batch token", "hv" + "b.", URLSAFE, 140),
    Secret("Terraform Cloud token", _draw("t1", ALNUM, 14) + ".atlas" + "v1." + _draw("t2", URLSAFE, 67)),
    _token("Databricks token", "da" + "pi", HEX, 32),
    _token("Docker Hub token", "dckr" + "_pat_", URLSAFE, 27),
    _token("Shopify token", "shp" + "at_", HEX, 32),
    _token("Shopify app secret", "shp" + "ss_", HEX, 32),
    _token("Stripe live key", "sk" + "_live_", ALNUM, 24),
    _token("Stripe restricted key", "rk" + "_live_", ALNUM, 99),
    _token("Stripe test key", "sk" + "_test_", ALNUM, 24, certain=False),
    _token("Stripe webhook secret", "wh" + "sec_", ALNUM, 32),
    Secret("Slack bot token", "xo" + "xb-" + _draw("s1", DIGITS, 12) + "-1" + _draw("s2", ALNUM, 24)),
    Secret("Slack app token", "xa" + "pp-1-A" + _draw("s3", UPPER + DIGITS, 10) + "-" + _draw("s4", HEX, 64)),
    Secret(
        "Discord bot token",
        "M" + _draw("d1", ALNUM, 23) + "." + _draw("d2", ALNUM, 6) + "." + _draw("d3", URLSAFE, 27),
    ),
    Secret("Telegram bot token", "7" + _draw("g1", DIGITS, 9) + ":AA" + _draw("g2", URLSAFE, 33)),
    _token("Twilio key", "S" + "K", HEX, 32),
    Secret("SendGrid key", "S" + "G." + _draw("g3", URLSAFE, 22) + "." + _draw("g4", URLSAFE, 43)),
    _token("Mailgun key", "ke" + "y-", HEX, 32),
    _token("Mailchimp key", "", HEX, 32, "-us" + "12"),
    Secret("Brevo key", "xkey" + "sib-" + _draw("b1", HEX, 64) + "-" + _draw("b2", ALNUM, 16)),
    _token("Square token", "sq0" + "atp-", URLSAFE, 22),
    _token("Square OAuth secret", "sq0" + "csp-", URLSAFE, 43),
    Secret("Azure client secret", _draw("z1", ALNUM, 3) + "8Q" + "~" + _draw("z2", ALNUM, 34)),
    _token("New Relic key", "NR" + "AK-", UPPER + DIGITS, 27),
    Secret("Grafana token", "gl" + "sa_" + _draw("r1", ALNUM, 32) + "_" + _draw("r2", HEX, 8)),
    Secret("Postman key", "PM" + "AK-" + _draw("p1", HEX, 24) + "-" + _draw("p2", HEX, 34)),
    _token("Linear key", "lin" + "_api_", ALNUM, 40),
    Secret("Airtable token", "pa" + "t" + _draw("a1", ALNUM, 14) + "." + _draw("a2", HEX, 64)),
    _token("Atlassian token", "ATA" + "TT3", URLSAFE, 180, "=1A2B" + "3C4D"),
    _token("Doppler token", "dp" + ".pt.", ALNUM, 43),
    _token("Pulumi token", "pu" + "l-", HEX, 40),
    _token("Supabase token", "sb" + "p_", HEX, 40),
    _token("PlanetScale password", "psc" + "ale_pw_", URLSAFE, 43),
    _token("Tailscale key", "ts" + "key-auth-", ALNUM, 32),
    _token("Artifactory key", "AK" + "C", ALNUM, 70),
    _token("age secret key", "AGE-SEC" + "RET-KEY-1", UPPER + DIGITS, 58),
    Secret("JSON Web Token", _jwt()),
)
"""Tokens that their own shape tells, wherever they stand."""

_DOCKER_AUTH = base64.b64encode(f"robot:{_draw('docker', ALNUM, 20)}".encode()).decode()
_SLACK_HOOK = f"T{_draw('k1', UPPER, 10)}/B{_draw('k2', UPPER, 10)}/{_draw('k3', ALNUM, 24)}"
_DISCORD_HOOK = f"{_draw('k4', DIGITS, 18)}/{_draw('k5', URLSAFE, 68)}"
_BASIC = base64.b64encode(f"ada:{_draw('basic', ALNUM, 14)}".encode()).decode()

PLACED = (
    _named("AWS secret key", 'aws_secret_access_key = "{}"', BASE64, 40),
    _named("AWS session token", "AWS_SESSION_TOKEN={}", BASE64, 300),
    _named("Alibaba access key secret", 'access_key_secret: "{}"', ALNUM, 30),
    _named("Azure storage key", "AccountName=a;AccountKey={};EndpointSuffix=core.windows.net", BASE64, 86, "=="),
    _named("Azure SAS signature", "https://a.blob.core.windows.net/b?sv=2022-11-02&sp=r&sig={}", ALNUM, 43, "%3D"),
    Secret("Slack webhook", _SLACK_HOOK, "https://hooks.sl" + "ack.com/services/{}", known=False),
    Secret("Discord webhook", _DISCORD_HOOK, "https://discord.com/api/webhooks/{}", known=False),
    _named("Cloudant key", 'cloudant_apikey: "{}"', HEX, 64),
    _named("SoftLayer key", 'softlayer_api_key = "{}"', HEX, 64),
    _named("IBM Cloud key", 'ibm_cloud_api_key = "{}"', URLSAFE, 44),
    _named("IBM storage key", "cos_hmac_secret_access_key={}", HEX, 48),
    _named("password in a database URL", "postgres://app:{}@db.internal:5432/app", ALNUM, 14),
    _named("password in a web address", "git clone https://ada:{}@git.internal/a/b.git", ALNUM, 16),
    _named("password of Redis", "redis://:{}@cache.internal:6379/0", ALNUM, 12),
    _named("bearer header", 'curl -H "Authorization: Bearer {}" https://api.internal', ALNUM, 40),
    Secret("basic header", _BASIC, "Authorization: Basic {}", known=False),
    _named("password of curl", "curl -u ada:{} https://api.internal", ALNUM, 14),
    _named("password of MySQL", "mysql -h db -u root -p{} app", ALNUM, 14),
    _named("password flag", "deploy --user ada --password {} --now", ALNUM, 14),
    _named("password flag with a sign", "deploy --password={} --now", ALNUM, 14),
    _named("netrc on a line", "machine api.internal login ada password {}", ALNUM, 14),
    _named("netrc on its own line", "  password {}", ALNUM, 18),
    _named("npmrc token", "//npm.internal/:_authToken={}", HEX + "-", 36),
    _named("npmrc password", "//npm.internal/:_password={}", ALNUM, 24),
    _named("pypirc password", "password = {}", ALNUM, 18),
    Secret("Docker's auth", _DOCKER_AUTH, '      "auth": "{}"', known=False),
    _named("kubeconfig key", "    client-key-data: {}", BASE64, 400),
    _named("kubeconfig token", "    token: {}", ALNUM, 48),
    Secret("htpasswd apr1", f"$apr1${_draw('h1', ALNUM, 8)}${_draw('h2', ALNUM, 22)}", "ada:{}", known=False),
    Secret("htpasswd bcrypt", f"$2y$10${_draw('h3', ALNUM, 53)}", "ada:{}", known=False),
    Secret(
        "shadow", f"$6${_draw('h4', ALNUM, 12)}${_draw('h5', ALNUM, 86)}", "root:{}:19000:0:99999:7:::", known=False
    ),
    _named("Rails master key", "{}", HEX, 32, certain=False),
    _named("WireGuard key", "PrivateKey = {}", BASE64, 43, "="),
    _named("connection string", "Server=db;Database=app;User Id=sa;Password={};Encrypt=True", ALNUM + "!*", 14),
    _named("Terraform variable", 'db_password = "{}"', ALNUM + "!*", 14),
    Secret(
        "Django key",
        "django-" + "insecure-" + _draw("dj", LOWER + DIGITS + "!@#", 50),
        'SECRET_KEY = "{}"',
        known=False,
    ),
    _named("SQL user", "CREATE USER ada IDENTIFIED BY '{}';", ALNUM, 14),
    _named("password with marks", 'PASSWORD = "{}"', ALNUM + "!@#%^*?", 13),
    _named("client secret", '"client_secret": "{}"', ALNUM, 40),
    _named("encryption key", "encryption_key: {}", HEX, 64),
    _named("Kubernetes variable", '{{"name": "DB_PASSWORD", "value": "{}"}}', ALNUM, 16),
    _named("settings in XML", '<add key="ApiKey" value="{}"/>', ALNUM, 32),
    _named("Dockerfile with a blank", "ENV API_TOKEN {}", ALNUM, 32),
    _named("function's argument", 'client.set_token("{}")', ALNUM, 32),
    _named("comparison", 'if password == "{}":', ALNUM, 14),
)
"""Values that only their place tells."""

FILES: dict[str, str] = {
    "app.py": 'API_TOKEN = "{}"',
    "app.js": "const apiToken = '{}';",
    "app.ts": "const apiToken: string = `{}`;",
    "main.go": '\tapiToken := "{}"',
    "App.java": '    private static final String API_TOKEN = "{}";',
    "App.cs": '    string apiToken = @"{}";',
    "main.c": 'static const char api_token[] = "{}";',
    "app.rb": "config.api_token = '{}'",
    "app.php": "$config['api_token'] = '{}';",
    "values.yaml": "  api_token: {}",
    "settings.toml": 'api_token = "{}"',
    "settings.ini": "api_token = {}",
    "app.properties": "service.api.token={}",
    "setup.cfg": "api_token: {}",
    ".env": "API_TOKEN={}",
    "config.json": '  "api_token": "{}",',
    "web.xml": "    <apiToken>{}</apiToken>",
    "run.sh": 'export API_TOKEN="{}"',
    "Dockerfile": "ENV API_TOKEN={}",
    "main.tf": '  api_token = "{}"',
    ".netrc": "machine api.internal login ada password {}",
    ".npmrc": "//npm.internal/:_authToken={}",
    "README.md": "Call it with `--api-token {}` once.",
    "notes.txt": "the token is {}",
    "ci.yml": "      - run: deploy --api-token={}",
}
"""A line with a token, as each kind of file writes it."""


def armoured(kind: str, *, lines: int = 25, width: int = 64, last: int = 44) -> tuple[str, ...]:
    """A made-up private key as a file holds it: first line, body, last line."""
    body = [_draw(f"{kind}{number}", BASE64, width) for number in range(lines - 1)]
    name = f"{kind} PRIVATE" if kind else "PRIVATE"
    end = " BLOCK" if kind == "PGP" else ""
    return (
        f"-----BEGIN {name} KEY{end}-----",
        *(("", *body) if kind == "PGP" else body),
        _draw(f"{kind} last", BASE64, last - 2) + "==",
        f"-----END {name} KEY{end}-----",
    )


def putty() -> tuple[str, ...]:
    """A made-up key as PuTTY keeps it."""
    return (
        "PuTTY-User-Key-File-3: ssh-rsa",
        "Encryption: none",
        "Comment: ada",
        "Private-Lines: 14",
        *(_draw(f"ppk{number}", BASE64, 64) for number in range(13)),
        _draw("ppk last", BASE64, 44),
        f"Private-MAC: {_draw('ppk mac', HEX, 64)}",
    )


KEYS: dict[str, Callable[[], tuple[str, ...]]] = {
    "RSA": lambda: armoured("RSA"),
    "EC": lambda: armoured("EC", lines=3, last=40),
    "DSA": lambda: armoured("DSA", lines=10),
    "PKCS 8": lambda: armoured(""),
    "encrypted PKCS 8": lambda: armoured("ENCRYPTED"),
    "OpenSSH": lambda: armoured("OPENSSH", lines=6, width=70, last=28),
    "PGP": lambda: armoured("PGP", lines=30, last=52),
    "PuTTY": putty,
}
"""Private keys, line by line."""


def key_body(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a key that have to stay secret."""
    text = [line for line in lines if line and not line.startswith("-----") and ":" not in line]
    return tuple(text)
