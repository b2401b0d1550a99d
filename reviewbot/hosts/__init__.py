"""Where pull requests live: one module each, with `connect(way) -> Host`; names that begin with _ are shared."""
