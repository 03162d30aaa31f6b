"""Ranges to write instead of a declared one, so that they take a given version."""

from lineage.versioning.errors import VersioningError
from lineage.versioning.intervals import ParsedVersion
from lineage.versioning.scheme import scheme_named

OPERATORS = {
    "semver": ("^", "~"),
    "cargo": ("^", "~"),
    "gem": ("~>",),
    "pep440": ("~=",),
}
USUAL = {"semver": "^{}", "cargo": "{}", "gem": "~> {}", "pep440": "~={}"}
EXACT = {
    "cargo": "={}", "gem": "= {}", "pep440": "=={}", "maven": "[{}]", "nuget": "[{}]",
}  # fmt: skip


def ranges_taking(version: str, declared: str, *, scheme: str = "semver") -> list[str]:
    """Ranges that admit the version, those most like the declared one first.

    The declared range itself where it admits it, then one of the same operator, the
    usual one of the scheme, and the version alone. An exact range stays exact. Empty
    where the scheme reads none of them.
    """
    try:
        parsed = scheme_named(scheme).parse_version(version)
    except VersioningError:
        return []
    ideas = [declared.strip(), *_ideas(version, declared.strip(), scheme)]
    return [text for text in dict.fromkeys(ideas) if text and _admits(text, parsed, scheme)]


def _ideas(version: str, declared: str, scheme: str) -> list[str]:
    exact = EXACT.get(scheme, "{}").format(version)
    operator = next((op for op in OPERATORS.get(scheme, ()) if declared.startswith(op)), "")
    if operator:
        return [f"{operator}{' ' * (operator == '~>')}{version}", exact]
    if _is_pin(declared, scheme):
        equals = len(declared) - len(declared.lstrip("="))
        return [f"{declared[:equals]}{version}", exact]
    usual = [USUAL[scheme].format(version)] if scheme in USUAL else []
    return [*usual, version, exact]


def _is_pin(declared: str, scheme: str) -> bool:
    try:
        return scheme_named(scheme).parse_range(declared).pin is not None
    except VersioningError:
        return False


def _admits(text: str, version: ParsedVersion, scheme: str) -> bool:
    try:
        return scheme_named(scheme).parse_range(text).contains(version)
    except VersioningError:
        return False
