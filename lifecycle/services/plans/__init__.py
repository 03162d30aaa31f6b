"""Plans: what would go, item by item, what stands in its way, and the hash that binds it."""

from lifecycle.services.plans.build import draft_for, findings_of, plan_for
from lifecycle.services.plans.model import (
    PAUSES,
    UNFORCEABLE,
    WAITS,
    Draft,
    Plan,
    PlanBlocker,
    PlanItem,
    PlanRequest,
)

__all__ = [
    "PAUSES",
    "UNFORCEABLE",
    "WAITS",
    "Draft",
    "Plan",
    "PlanBlocker",
    "PlanItem",
    "PlanRequest",
    "draft_for",
    "findings_of",
    "plan_for",
]
