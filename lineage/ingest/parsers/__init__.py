"""Parsers, one module per format; a new format of whole documents is named here once."""

from lineage.ingest.parsers.base import DocumentParser
from lineage.ingest.parsers.cyclonedx import CycloneDxParser
from lineage.ingest.parsers.spdx import SpdxParser

DOCUMENT_PARSERS: tuple[DocumentParser, ...] = (CycloneDxParser(), SpdxParser())

__all__ = ["DOCUMENT_PARSERS"]
