"""A simulated platform as records: seeded, so the same arguments give the same bytes (pure)."""

from lineage.simulation.platform import Scale, simulate

__all__ = ["Scale", "simulate"]
