"""Which texts are licence identifiers of the SPDX list, by CycloneDX's own library."""

from cyclonedx.spdx import fixup_id, is_supported_id

MAX_ID = 64


def is_spdx_id(text: str) -> bool:
    """Whether the text is a licence or exception of the SPDX list, in its exact spelling."""
    return len(text) <= MAX_ID and is_supported_id(text)


def spelled(text: str) -> str:
    """How the SPDX list spells an identifier whatever its case; empty if it has none such."""
    return fixup_id(text) or "" if len(text) <= MAX_ID else ""
