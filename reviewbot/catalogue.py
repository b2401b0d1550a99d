"""The models reviewbot knows, read from models.toml: limits, prices, vocabulary, sampling, hosts. Data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from reviewbot.errors import ConfigError

UNKNOWN_CONTEXT = 8_192
"""Tokens assumed of a model that neither the catalogue nor its server says anything about."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of 1,000 tokens, for requests of up to so many input tokens (None: any number)."""

    input: Decimal
    output: Decimal
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model picks its words."""

    temperature: float
    seed: int
    repetition_penalty: float


@dataclass(frozen=True, slots=True)
class Weights:
    """A model file carried in parts by installed packages: its SHA-256 and the packages in order."""

    sha256: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of one model.

    Attributes:
        name: as its endpoint wants it.
        provider: the provider that serves it unless another is chosen.
        context: tokens of prompt and answer together.
        max_input: tokens of a prompt that the endpoint accepts, template included.
        max_output: tokens of an answer, kept free in every prompt.
        sampling: how it is asked to pick words.
        vocabulary: whose tokens are counted; None: bytes are counted instead.
        price: tiers in rising order; empty where no price is known.
        currency: ISO 4217.
        aliases: other names of the same model.
        partial: True where it goes on with an answer that is begun for it.
        response_format: the form of answer it can be held to.
        limit_field: how a request names the limit of its answer.
        rpm: requests that a paid account may make in a minute, None: not known.
        tpm: tokens of prompts and answers in a minute, None: not known.
        weights: where its file comes from, for an embedded one.
        note: what else a user should know.
    """

    name: str
    provider: str
    context: int
    max_input: int
    max_output: int
    sampling: Sampling
    vocabulary: str | None = None
    price: tuple[Tier, ...] = ()
    currency: str | None = None
    aliases: tuple[str, ...] = ()
    partial: bool = False
    response_format: Literal["json_object", "json_schema"] | None = None
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    rpm: int | None = None
    tpm: int | None = None
    weights: Weights | None = None
    note: str | None = None

    @property
    def input_limit(self) -> int:
        """The most tokens a prompt may have so that a whole answer still fits."""
        return min(self.max_input, self.context - self.max_output)

    @property
    def begun(self) -> bool:
        """True where its answers are begun for it. One that is held to a form begins right and takes no beginning."""
        return self.partial and not self.response_format

    def cost(self, *, input_tokens: int, output_tokens: int) -> Decimal | None:
        """The price of one request in `currency`, or None where it is not known."""
        for tier in self.price:
            if tier.up_to is None or input_tokens <= tier.up_to:
                return (tier.input * input_tokens + tier.output * output_tokens) / 1000
        return None

    def limited(self, *, context: int | None = None, max_input: int | None = None) -> "Model":
        """The same model within a smaller or better known window.

        Args:
            context: tokens of prompt and answer together; a quarter at most is kept for the answer.
            max_input: tokens of a prompt.
        """
        model = self
        if context is not None:
            model = replace(model, context=context, max_input=context, max_output=min(model.max_output, context // 4))
        if max_input is not None:
            model = replace(model, max_input=max_input, context=max(model.context, max_input + model.max_output))
        return model


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider listens: its URL, every host of its own, the variables that hold its key and its workspace."""

    base_url: str
    hosts: tuple[str, ...]
    key: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models and the endpoints of the providers that need a key."""

    models: tuple[Model, ...]
    endpoints: Mapping[str, Endpoint]
    sampling: Sampling

    def find(self, name: str) -> Model | None:
        """The model of that name or alias, under the name it was asked by."""
        for model in self.models:
            if name == model.name or name in model.aliases:
                return replace(model, name=name)
        return None

    def get(self, name: str) -> Model:
        """The model of that name or alias.

        Raises:
            ConfigError: no model has it; the hint lists near names.
        """
        model = self.find(name)
        if model:
            return model
        import difflib

        known = [known for model in self.models for known in (model.name, *model.aliases)]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        raise ConfigError(
            f"unknown model: {name}",
            hint=(f"did you mean {' or '.join(near)}? " if near else "")
            + "A model of another endpoint needs --base-url, a model file ends in .gguf.",
            slug="unknown-model",
        )

    def unknown(self, name: str, *, provider: str) -> Model:
        """A model the catalogue does not know: a small window, bytes counted, no price."""
        # Most servers can hold an answer to a form; one that cannot says so.
        form: Literal["json_schema"] | None = "json_schema" if provider in {"openai", "local"} else None
        size = UNKNOWN_CONTEXT
        return Model(name, provider, size, size, size // 4, self.sampling, response_format=form)


@cache
def load() -> Catalogue:
    """The catalogue that comes with the package."""
    return parse(Path(__file__).with_name("models.toml").read_text("utf-8"))


def parse(text: str) -> Catalogue:
    """Read a catalogue; see models.toml for its form."""
    data = tomllib.loads(text)
    sampling = Sampling(**data["defaults"]["sampling"])
    providers = data["providers"]
    models = tuple(_model(name, row, sampling, providers) for name, row in data["models"].items())
    endpoints = {
        name: Endpoint(row["base_url"], tuple(row["hosts"]), row["key"], row["workspace"])
        for name, row in providers.items()
    }
    return Catalogue(models, endpoints, sampling)


def _model(name: str, row: Mapping[str, Any], sampling: Sampling, providers: Mapping[str, Any]) -> Model:
    provider = row.get("provider", "dashscope")
    # What holds for all models of a provider stands there.
    row = {**{key: providers.get(provider, {}).get(key) for key in ("partial", "rpm", "tpm")}, **row}
    weights = row.get("weights")
    return Model(
        name=name,
        provider=provider,
        context=row["context"],
        max_input=row.get("max_input", row["context"]),
        max_output=row["max_output"],
        sampling=Sampling(**row["sampling"]) if "sampling" in row else sampling,
        vocabulary=row["vocabulary"],
        price=tuple(Tier(Decimal(t["input"]), Decimal(t["output"]), t.get("up_to")) for t in row.get("price", ())),
        currency=row.get("currency"),
        aliases=tuple(row.get("aliases", ())),
        partial=bool(row["partial"]),
        response_format=row.get("response_format"),
        rpm=row["rpm"],
        tpm=row["tpm"],
        weights=Weights(weights["sha256"], tuple(weights["packages"])) if weights else None,
        note=row.get("note"),
    )
