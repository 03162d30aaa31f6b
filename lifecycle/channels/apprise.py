"""Channel ``apprise``: Slack, Teams, Discord, Matrix and the rest, by the Apprise library."""

from typing import Any

from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat
from django.conf import settings

from lifecycle.channels.base import DeliveryFailed, InvalidTarget, Outgoing, Receipt
from lifecycle.outbound.guard import guarded
from lifecycle.services.webhook_calls import allowed_private

LISTED = 40  # chats cut long messages: more than this is linked to, not listed
ASSET = AppriseAsset(app_id="Sundial", app_desc="Sundial", secure_logging=True)


class AppriseChannel:
    """Its target is an Apprise URL, such as ``slack://token/channel``."""

    name = "apprise"
    label = "Chat"
    is_personal = True
    target_hint = "an Apprise URL of Slack, Teams, Discord, Matrix or another service"

    def is_available(self) -> bool:
        """Whether any service is allowed."""
        return bool(settings.APPRISE_SERVICES)

    def checked_target(self, target: str) -> str:
        """An Apprise URL of an allowed service; raises InvalidTarget."""
        service = target.partition("://")[0].lower()
        if service not in settings.APPRISE_SERVICES:
            allowed = ", ".join(settings.APPRISE_SERVICES)
            raise InvalidTarget(self.label, f"the service is none of {allowed}")
        if "\x00" in target or not Apprise(asset=ASSET).add(target):
            raise InvalidTarget(self.label, "Apprise cannot read that URL")
        return target

    def send(self, message: Outgoing) -> Receipt:
        """Hand the message to the service; what it says goes into the log."""
        self._require(message.target)
        service = Apprise(asset=ASSET)
        service.add(message.target)
        capture = LogCapture()  # type: ignore[no-untyped-call] # it says no types
        with capture as log, guarded(allowed_private()):
            is_sent = service.notify(
                title=str(message.payload["title"]),
                body=text_of(message.payload),
                body_format=NotifyFormat.TEXT,
            )
            said = log.getvalue()[:4_000]
        if not is_sent:
            raise DeliveryFailed("The service did not take it.", is_permanent=False, answer=said)
        return Receipt(None, said)

    def _require(self, target: str) -> None:
        try:
            self.checked_target(target)
        except InvalidTarget as error:
            raise DeliveryFailed(str(error), is_permanent=True) from error


def text_of(digest: dict[str, Any]) -> str:
    """A digest as the text of a chat: what it leaves out it says, with a link to all of it."""
    lines: list[str] = []
    left = LISTED
    for group in digest["groups"]:
        lines += [group["title"], *(f"• {_line(item)}" for item in group["items"][:left])]
        left = max(left - len(group["items"]), 0)
    listed = sum(len(group["items"]) for group in digest["groups"])
    more = digest["total"] - min(listed, LISTED)
    if more:
        lines.append(f"and {more:,} more, not listed here")
    return "\n".join([*lines, "", f"All of it: {digest['inbox_url']}"])


def _line(item: dict[str, Any]) -> str:
    return f"{item['label']}: {item['detail']}" if item.get("detail") else str(item["label"])


CHANNEL = AppriseChannel()
