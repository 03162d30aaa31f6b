"""What the rules say of some findings at this very moment, under the policies in force."""

from collections.abc import Collection
from datetime import datetime

from lifecycle.models import Finding
from lifecycle.rules.base import Flag
from lifecycle.rules.registry import RULES
from lifecycle.rules.unused_version import NAME as UNUSED_VERSION
from lifecycle.selectors.exemptions import exempt_at
from lifecycle.selectors.facts import Knowledge
from lifecycle.selectors.policies import rulebook


def flags_now(findings: Collection[Finding], *, now: datetime) -> dict[tuple[str, str], Flag]:
    """(rule, subject) -> the flag it has now; a finding that is no longer flagged is absent.

    Only what the findings are about is read. Called under the graph lock with the
    snapshot refreshed, it is the answer of the transaction.
    """
    wanted = {(f.rule, f.subject) for f in findings if f.rule in RULES}
    if not wanted:
        return {}
    known = Knowledge(
        rulebook(),
        now=now,
        module_ids={f.module_id for f in findings},
        deployment_ids={f.deployment_id for f in findings if f.deployment_id is not None},
        exempt_lines=exempt_at(now).lines(UNUSED_VERSION),
    )
    flags = (
        flag for rule in sorted({rule for rule, _ in wanted}) for flag in known.flags(RULES[rule])
    )
    return {key: flag for flag in flags if (key := (flag.rule, flag.subject)) in wanted}
