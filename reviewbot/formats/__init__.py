"""How a review is written down: one module each, named as its option value."""
