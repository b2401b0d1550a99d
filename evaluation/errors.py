"""What can go wrong in an evaluation, in words for the person who runs it."""


class EvaluationError(Exception):
    """A suite, a file of results or a foreign checkout cannot be used; one line says why."""
