"""The models reviewbot knows, read from models.toml: limits, prices, vocabulary, sampling, hosts. Data, not code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

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
    weights: Weights | None = None
    note: str | None = None

    @property
    def input_limit(self) -> int:
        """The most tokens a prompt may have so that a whole answer still fits."""
        return min(self.max_input, self.context - self.max_output)

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
    """Where a provider listens: its URL, every host of its own, and the variable that holds its key."""

    base_url: str
    hosts: tuple[str, ...]
    key: str


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
        return Model(name, provider, UNKNOWN_CONTEXT, UNKNOWN_CONTEXT, UNKNOWN_CONTEXT // 4, self.sampling)


@cache
def load() -> Catalogue:
    """The catalogue that comes with the package."""
    return parse(Path(__file__).with_name("models.toml").read_text("utf-8"))


def parse(text: str) -> Catalogue:
    """Read a catalogue; see models.toml for its form."""
    data = tomllib.loads(text)
    sampling = Sampling(**data["defaults"]["sampling"])
    models = tuple(_model(name, row, sampling) for name, row in data["models"].items())
    endpoints = {
        name: Endpoint(row["base_url"], tuple(row["hosts"]), row["key"]) for name, row in data["providers"].items()
    }
    return Catalogue(models, endpoints, sampling)


def _model(name: str, row: Mapping[str, Any], sampling: Sampling) -> Model:
    weights = row.get("weights")
    return Model(
        name=name,
        provider=row.get("provider", "dashscope"),
        context=row["context"],
        max_input=row.get("max_input", row["context"]),
        max_output=row["max_output"],
        sampling=Sampling(**row["sampling"]) if "sampling" in row else sampling,
        vocabulary=row["vocabulary"],
        price=tuple(Tier(Decimal(t["input"]), Decimal(t["output"]), t.get("up_to")) for t in row.get("price", ())),
        currency=row.get("currency"),
        aliases=tuple(row.get("aliases", ())),
        weights=Weights(weights["sha256"], tuple(weights["packages"])) if weights else None,
        note=row.get("note"),
    )
