"""Where a change comes from: one module each."""
