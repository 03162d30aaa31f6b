"""A simulated platform as records: seeded, so the same arguments give the same bytes (pure)."""

from collections.abc import Iterator

import msgspec

from lineage.simulation.platform import SOURCE, Scale, simulate

__all__ = ["SOURCE", "Scale", "simulate", "simulated_lines"]


def simulated_lines(scale: Scale) -> Iterator[bytes]:
    """The platform's records as lines of native NDJSON."""
    encoder = msgspec.json.Encoder()
    return (encoder.encode(record) + b"\n" for record in simulate(scale))
