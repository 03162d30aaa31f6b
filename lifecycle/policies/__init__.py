"""Policies as the rules and the sunsets need them: selection, precedence, terms (pure)."""
