"""What holds where nobody says otherwise."""

MODEL = "qwen-coder-plus"

CHUNK_TOKENS = 3_000
"""Target size of what one prompt shows of the diff: docs/decisions/0004 has the reasoning."""

INTENT = "on"
"""Whether the model is shown what the author says of the change."""

CONTEXT = 1.0
"""Tokens of code that is shown beside the diff, for each of the diff's."""

MOST_CONTEXT = 4.0
"""The most that may be asked for."""

LONGEST_INSTRUCTION = 2_000
"""Characters."""

JOBS = 4
"""Prompts under way at once."""

SAMPLES = 1
"""How often each part of a change is looked at."""

MOST_SAMPLES = 9
"""More of them cost much and change little: each further vote weighs less."""

BASELINE = ".reviewbot-baseline.json"
"""At the top of a repository."""
