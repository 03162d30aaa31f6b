"""The emergency stop: whether it is on, and those there were."""

from lifecycle.models import EmergencyStop


def current_stop() -> EmergencyStop | None:
    """The stop that is on, None while everything may go its way."""
    return EmergencyStop.objects.filter(is_on=True).first()
