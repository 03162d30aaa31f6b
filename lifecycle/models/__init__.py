"""The judgements: findings, sunsets, notices and the audit of it all."""

from lifecycle.models.audit import AuditEntry
from lifecycle.models.finding import Finding
from lifecycle.models.notice import Notice, NoticeMark
from lifecycle.models.sunset import Sunset, SunsetItem

__all__ = ["AuditEntry", "Finding", "Notice", "NoticeMark", "Sunset", "SunsetItem"]
