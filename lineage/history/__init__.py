"""What was so at every instant, replayed from the instants that records carry (pure)."""
