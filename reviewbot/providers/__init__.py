"""Who answers prompts: one module each, named as its option value."""
