"""The benchmark: the main figures, each beside its target and a limit measured in the same run."""
