"""Credentials that are known by their own shape. Alone knows vendors' tokens, and what `detect-secrets` knows of them.

No quantifier is without a bound but where the text before a match keeps a run from being tried again, so the time is
linear in the length of a line. The library's own patterns are held to windows of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from reviewbot._credential_values import Credential, filled, looks_random, random_beside_filler

WINDOW = 4_096
OVERLAP = 1_024
"""Characters; no shape of the library is longer than the overlap, and a token that is cut at an end is extended."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A vendor's token.

    Attributes:
        kind: in words for people.
        gate: what stands in every text, in lower case, that holds one.
        pattern: the token; its first group is the secret where there is one.
        certain: False where the same shape is often no secret.
    """

    kind: str
    gate: str
    pattern: re.Pattern[str]
    certain: bool = True


def _shape(kind: str, gate: str, pattern: str, *, certain: bool = True) -> Shape:
    return Shape(kind, gate, re.compile(pattern), certain)


_W = r"[A-Za-z0-9_-]"
SHAPES = (
    _shape("Alibaba Cloud access key id", "ltai", r"LTAI[A-Za-z0-9]{12,26}"),
    _shape("Alibaba Cloud STS token", "cais", r"CAIS[A-Za-z0-9+/=]{100,2000}"),
    _shape("AWS session token", "session", r"(?i:session_?token)\W{1,12}([A-Za-z0-9+/=]{100,3000})"),
    _shape("Anthropic key", "sk-ant-", rf"sk-ant-{_W}{{20,200}}"),
    _shape("OpenAI key", "sk-", rf"sk-(?:proj|svcacct|admin|None)-{_W}{{20,250}}"),
    _shape("API key", "sk-", r"sk-(?:or-v1-)?(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,80}"),
    _shape("Google API key", "aiza", rf"AIza{_W}{{35}}"),
    _shape("Google OAuth secret", "gocspx-", rf"GOCSPX-{_W}{{24,40}}"),
    _shape("Google OAuth token", "ya29.", rf"ya29\.{_W}{{20,500}}"),
    _shape("Google OAuth refresh token", "1//0", rf"1//0{_W}{{30,200}}"),
    _shape("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{36,255}"),
    _shape("GitHub token", "gh", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _shape(
        "GitLab token",
        "gl",
        rf"gl(?:pat|dt|ft|soat|rt|rtr|cbt|imt|ptt|agent|ffct|wt)-{_W}{{20,300}}(?:\.[a-z0-9]{{2}}\.[a-z0-9]{{9}})?",
    ),
    _shape("npm token", "npm_", r"npm_[A-Za-z0-9]{36,80}"),
    _shape("npm token", "authtoken", rf":_authToken\s{{0,3}}=\s{{0,3}}[\"']?({_W}{{20,200}})"),
    _shape("npm credential", ":_auth", r":_auth\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9+/=]{12,400})"),
    _shape("PyPI token", "pypi-age", rf"pypi-AgE{_W}{{50,600}}"),
    _shape("RubyGems key", "rubygems_", r"rubygems_[a-f0-9]{48}"),
    _shape("crates.io token", "cio", r"cio[A-Za-z0-9]{32}"),
    _shape("NuGet key", "oy2", r"oy2[a-z0-9]{43}"),
    _shape("Hugging Face token", "hf_", r"(?:hf|api_org)_[A-Za-z0-9]{30,60}"),
    _shape("Replicate token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _shape("Groq key", "gsk_", r"gsk_[A-Za-z0-9]{40,80}"),
    _shape("DigitalOcean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _shape("HashiCorp Vault token", "hv", rf"hv[sbr]\.{_W}{{20,300}}"),
    _shape("Terraform Cloud token", ".atlasv1.", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{50,100}}"),
    _shape("Databricks token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
    _shape("Docker Hub token", "dckr_", rf"dckr_(?:pat|oat)_{_W}{{27,80}}"),
    _shape("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _shape("Stripe key", "_live_", r"[srp]k_live_[A-Za-z0-9]{24,250}"),
    _shape("Stripe test key", "k_test_", r"[sr]k_test_[A-Za-z0-9]{24,250}", certain=False),
    _shape("webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,100}"),
    _shape("Slack token", "xox", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{20,300}"),
    _shape("Slack token", "xapp-", r"xapp-\d-[A-Za-z0-9-]{20,300}"),
    _shape(
        "Slack webhook", "hooks.slack", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/]{30,120})"
    ),
    _shape("Discord webhook", "webhooks/", rf"discord(?:app)?\.com/api/webhooks/([0-9]{{15,22}}/{_W}{{50,100}})"),
    _shape("Teams webhook", "webhook.office", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{60,260})"),
    _shape("Twilio key", "sk", r"(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    _shape("SendGrid key", "sg.", rf"SG\.{_W}{{16,32}}\.{_W}{{32,64}}"),
    _shape("Mailgun key", "key-", r"(?<![A-Za-z0-9])key-[a-f0-9]{32}(?![A-Za-z0-9])"),
    _shape("Brevo key", "xkeysib-", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    _shape("Square token", "sq0", rf"sq0[a-z]{{3}}-{_W}{{22,60}}"),
    _shape("Square token", "eaaa", rf"(?<![A-Za-z0-9+/])EAAA{_W}{{60}}(?![A-Za-z0-9+/])"),
    _shape("Azure SAS signature", "sig=", r"[?&;\"']sig=([A-Za-z0-9%/+]{40,120}=?)"),
    _shape("Azure client secret", "8q~", r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}"),
    _shape("New Relic key", "nr", r"NR(?:AK|JS|RA)-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}"),
    _shape("Grafana token", "gl", r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _shape("Sentry token", "sntry", r"sntry[su]_[A-Za-z0-9+/=_]{40,400}"),
    _shape("Postman key", "pmak-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _shape("Linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _shape("Notion token", "ntn_", r"ntn_[A-Za-z0-9]{40,60}"),
    _shape("Figma token", "figd_", rf"figd_{_W}{{40}}"),
    _shape("Airtable token", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _shape("Artifactory key", "akc", r"(?<![A-Za-z0-9])AKC[A-Za-z0-9]{60,80}(?![A-Za-z0-9])"),
    _shape("Atlassian token", "atatt3", rf"ATATT3{_W}{{100,300}}(?:=[A-F0-9]{{8}})?"),
    _shape("Doppler token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    _shape("Pulumi token", "pul-", r"pul-[a-f0-9]{40}"),
    _shape("Fly.io token", "fm2_", r"fm2_[A-Za-z0-9+/=]{60,800}"),
    _shape("Supabase token", "sbp_", r"sbp_[a-f0-9]{40}"),
    _shape("PlanetScale token", "pscale_", rf"pscale_(?:pw|tkn|oauth)_{_W}{{32,64}}"),
    _shape("Tailscale key", "tskey-", r"tskey-[a-z]{2,10}-[A-Za-z0-9-]{16,80}"),
    _shape("Dropbox token", "sl.", rf"(?<![\w.])sl\.(?:u\.)?{_W}{{130,1200}}"),
    _shape("Facebook token", "eaac", r"(?<![A-Za-z0-9+/])EAAC[A-Za-z0-9]{80,300}(?![A-Za-z0-9+/])"),
    _shape("age secret key", "age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _shape("JSON Web Token", "eyj", rf"(?<!{_W})eyJ{_W}{{10,10000}}\.eyJ{_W}{{8,10000}}(?:\.{_W}{{0,10000}})?"),
    _shape(
        "private key",
        "private key",
        r"-{4,5} ?BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?-{4,5}(?:\\{1,4}[rn])*"
        r"([A-Za-z0-9+/=](?:[A-Za-z0-9+/= ]|\\{1,4}[rn]){30,20000}[A-Za-z0-9+/=])",
    ),
    _shape(
        "private key",
        "ls0tls1crudjti",
        r"LS0tLS1CRUdJTi(?!BDRV|BQVUJ|BSU0EgUFVC|BQR1AgUFVC)[A-Za-z0-9+/]{20}[A-Za-z0-9+/=]{30,20000}",
    ),
)


@dataclass(frozen=True, slots=True)
class _Plugin:
    """A detector of the library.

    Attributes:
        module: where it is.
        name: of its class.
        kind: of what it finds, in words for people.
        gates: one of them stands, in lower case, in every text in which it finds something.
        grouped: True where the secret is a group of its patterns, not all of them.
        lead: what its matches begin with that is no part of the secret.
        certain: False where it also finds much that is no secret.
    """

    module: str
    name: str
    kind: str
    gates: tuple[str, ...]
    grouped: bool = False
    lead: str = ""
    certain: bool = True


_PLUGINS = (
    _Plugin("aws", "AWSKeyDetector", "AWS key", ("a3t", "abia", "acca", "akia", "asia", "aws"), grouped=True),
    _Plugin("artifactory", "ArtifactoryDetector", "Artifactory key", ("akc", "ap"), certain=False),
    _Plugin("azure_storage_key", "AzureStorageKeyDetector", "Azure storage key", ("accountkey=",), lead="AccountKey="),
    _Plugin("cloudant", "CloudantDetector", "Cloudant key", ("cloudant",), grouped=True),
    _Plugin("discord", "DiscordBotTokenDetector", "Discord bot token", (".",)),
    _Plugin("github_token", "GitHubTokenDetector", "GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    _Plugin("gitlab_token", "GitLabTokenDetector", "GitLab token", ("gl", "gr1348941")),
    _Plugin("ibm_cloud_iam", "IbmCloudIamDetector", "IBM Cloud key", ("ibm",), grouped=True),
    _Plugin("ibm_cos_hmac", "IbmCosHmacDetector", "IBM storage key", ("secret",), grouped=True),
    _Plugin("mailchimp", "MailchimpDetector", "Mailchimp key", ("-us",)),
    _Plugin("openai", "OpenAIDetector", "OpenAI key", ("t3blbkfj",)),
    _Plugin("pypi_token", "PypiTokenDetector", "PyPI token", ("pypi-age",)),
    _Plugin("sendgrid", "SendGridDetector", "SendGrid key", ("sg.",)),
    _Plugin("slack", "SlackDetector", "Slack token", ("xox", "hooks.slack"), lead="https://hooks.slack.com/services/"),
    _Plugin("softlayer", "SoftlayerDetector", "SoftLayer key", ("softlayer", "sl_", "sl-"), grouped=True),
    _Plugin("square_oauth", "SquareOAuthDetector", "Square token", ("sq0csp-",)),
    _Plugin("stripe", "StripeDetector", "Stripe key", ("k_live_",)),
    _Plugin("telegram_token", "TelegramBotTokenDetector", "Telegram bot token", (":",)),
    _Plugin("twilio", "TwilioKeyDetector", "Twilio key", ("ac", "sk"), certain=False),
)
_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=.~-]{20}")
_RUN = re.compile(r"[A-Za-z0-9_-]{0,200}")
_EDGES = " \t\r=:\"'"


def shaped(text: str) -> Iterator[Credential]:
    """The vendors' tokens of a line; the same one may come more than once."""
    if not _LONG_RUN.search(text):
        return
    lowered = text.lower()
    for shape in SHAPES:
        if shape.gate in lowered:
            for match in shape.pattern.finditer(text):
                span = match.span(match.lastindex or 0)
                yield from _vetted(text, span, shape.kind, certain=shape.certain)
    for plugin in _PLUGINS:
        if any(gate in lowered for gate in plugin.gates):
            yield from _by_library(text, plugin)


def windows(length: int) -> Iterator[tuple[int, int]]:
    """Where a long line is cut, so that each pattern of the library sees a bounded part of it."""
    start = 0
    while start + WINDOW < length:
        yield start, start + WINDOW
        start += WINDOW - OVERLAP
    yield start, length


def _by_library(text: str, plugin: _Plugin) -> Iterator[Credential]:
    for pattern in _patterns(plugin.module, plugin.name):
        group = 1 if plugin.grouped and pattern.groups else 0
        for window in windows(len(text)):
            for match in pattern.finditer(text, *window):
                start, end = match.span(group)
                value = text[start:end]
                start += len(value) - len(value.removeprefix(plugin.lead).lstrip(_EDGES))
                end -= len(value) - len(value.rstrip(_EDGES))
                if plugin.certain or looks_random(text[start:end]):
                    yield from _vetted(text, (start, end), plugin.kind, certain=plugin.certain)


@cache
def _patterns(module: str, name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a plugin, without the settings, filters and network that come with it."""
    plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
    return tuple(plugin.denylist)


def _vetted(text: str, span: tuple[int, int], kind: str, *, certain: bool) -> Iterator[Credential]:
    """A match with all of the word it stands in; inside a longer word, or with filler in it, it is only probable."""
    start, stop = span
    run = _RUN.match(text, stop)
    end = run.end() if run else stop
    empty = filled(text[start:stop])
    if empty and not random_beside_filler(text[start:stop]):
        return
    alone = not empty and end == stop and not (text[start].isalnum() and _inside_word(text, start))
    yield Credential(start, end, kind, certain and alone)


def _inside_word(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start]
    if not before or not before[-1].isalnum():
        return False
    escaped = before[-2:-1] == "\\" or before[:1] == "%"
    return not escaped
