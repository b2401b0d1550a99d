"""The steps of a review, each of which knows nothing of the others."""
