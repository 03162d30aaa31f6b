"""Campaigns: draining a line that is still in use, until its sunset."""

from lifecycle.services.campaigns.control import cancel_campaign, remind_owners, start_campaign
from lifecycle.services.campaigns.driving import drive_campaigns

__all__ = ["cancel_campaign", "drive_campaigns", "remind_owners", "start_campaign"]
