"""Providers around a provider, nested in one order: cache > resume > budget > retry > pace > the provider itself."""
