"""Errors of sending over HTTP; each says whether the same message may get through later."""

from lifecycle.exceptions import LifecycleError


class OutboundError(LifecycleError):
    """A message did not get through; ``status`` and ``answer`` are the receiver's, if it spoke."""

    code = "outbound_failed"
    status = 502
    is_permanent = False

    def __init__(self, message: str, *, answered: int | None = None, answer: str = "") -> None:
        self.answered = answered
        self.answer = answer
        self.retry_after: int | None = None
        super().__init__(message)


class ForbiddenTarget(OutboundError):
    """The address is one that Sundial does not talk to; nothing was sent."""

    code = "forbidden_target"
    status = 400
    is_permanent = True

    def __init__(self, target: str, reason: str) -> None:
        self.target = target
        super().__init__(f"{target} is not called: {reason}.")


class UnknownHost(OutboundError):
    """The name does not resolve now."""

    code = "unknown_host"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"The name {host} does not resolve.")


class CannotConnect(OutboundError):
    """Nobody answers at the address, or not by the name of its certificate."""

    code = "cannot_connect"


class TimedOut(OutboundError):
    """The receiver took longer than it may."""

    code = "timed_out"


class Refused(OutboundError):
    """The receiver answered, but not with success."""

    code = "refused"

    def __init__(self, answered: int, answer: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(_said(answered), answered=answered, answer=answer)
        self.retry_after = retry_after
        self.is_permanent = answered in PERMANENT or 300 <= answered < 400


class Gone(Refused):
    """The receiver wants nothing more, ever."""

    code = "gone"


# What the receiver says of the message itself; anything else may pass by waiting.
PERMANENT = frozenset({400, 410, 413, 415, 422, 501})


def _said(answered: int) -> str:
    if answered == 410:
        return "It answered 410: it wants nothing more."
    if 300 <= answered < 400:
        return f"It answered {answered}: redirects are not followed."
    return f"It answered {answered}."
