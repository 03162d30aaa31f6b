"""The facts the rules decide on, read from the graph and the rows, each once a run."""

from lifecycle.selectors.facts.knowledge import Knowledge

__all__ = ["Knowledge"]
