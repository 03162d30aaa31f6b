"""Backtests: what policies would have taken away, and what of that was used again (pure)."""
