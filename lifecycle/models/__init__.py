"""The judgements: findings, policies, sunsets, campaigns, notices and the audit of it all."""

from lifecycle.models.audit import AuditEntry, AuditHead
from lifecycle.models.backtest import Backtest, BacktestItem
from lifecycle.models.campaign import Campaign, CampaignReading
from lifecycle.models.delivery import Delivery, DeliveryAttempt, DeliveryItem
from lifecycle.models.emergency_stop import EmergencyStop
from lifecycle.models.event import Event, StandingCondition
from lifecycle.models.executor_call import ExecutorCall
from lifecycle.models.exemption import Exemption
from lifecycle.models.finding import Finding
from lifecycle.models.notice import Notice, NoticeMark
from lifecycle.models.policy import Policy
from lifecycle.models.subscription import Preference, Subscription
from lifecycle.models.sunset import Sunset, SunsetItem
from lifecycle.models.upgrade_request import UpgradeRequest
from lifecycle.models.upgrade_snooze import UpgradeSnooze
from lifecycle.models.webhook import Webhook

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Backtest",
    "BacktestItem",
    "Campaign",
    "CampaignReading",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryItem",
    "EmergencyStop",
    "Event",
    "ExecutorCall",
    "Exemption",
    "Finding",
    "Notice",
    "NoticeMark",
    "Policy",
    "Preference",
    "StandingCondition",
    "Subscription",
    "Sunset",
    "SunsetItem",
    "UpgradeRequest",
    "UpgradeSnooze",
    "Webhook",
]
