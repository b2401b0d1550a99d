"""Code review of a git change by a language model."""

__version__ = "0.1.0"
