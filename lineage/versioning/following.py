"""The release a module would publish next."""

from lineage.versioning.scheme import scheme_named


def next_release(version: str, *, scheme: str = "semver") -> str:
    """The least release after a version: of a prerelease its own, else the next patch.

    Empty where the scheme's versions have no numbers to count up. Raises InvalidVersion.
    """
    parsed = scheme_named(scheme).parse_version(version)
    if not parsed.release:
        return ""
    *left, last = parsed.release
    return ".".join(map(str, (*left, last if parsed.is_prerelease else last + 1)))
