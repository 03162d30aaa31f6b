"""Errors of accounts."""


class AccountError(Exception):
    """Base of every error a caller of accounts may want to catch."""

    code = "account_error"


class ScopeNotHeld(AccountError):
    """A token was asked for with scopes its owner does not have."""

    code = "scope_not_held"

    def __init__(self, scopes: frozenset[str]) -> None:
        self.scopes = scopes
        super().__init__(f"You cannot give what you do not have: {', '.join(sorted(scopes))}.")
