"""Errors of the lifecycle side; each carries its data and builds its message from it."""

from collections.abc import Mapping, Sequence


class LifecycleError(Exception):
    """Base of every error a caller of lifecycle may want to catch."""

    code = "lifecycle_error"
    status = 400


class PermissionDenied(LifecycleError):
    """The actor may not do this."""

    code = "permission_denied"
    status = 403

    def __init__(self, actor: str, action: str) -> None:
        self.actor = actor
        self.action = action
        super().__init__(f"{actor or 'Nobody'} may not {action}.")


class NothingToSunset(LifecycleError):
    """The plan lists nothing."""

    code = "nothing_to_sunset"
    status = 409

    def __init__(self) -> None:
        super().__init__("There is nothing left to sunset here.")


class PlanChanged(LifecycleError):
    """The data changed since the plan was made; make it again."""

    code = "plan_changed"
    status = 409

    def __init__(self, blockers: Sequence[str]) -> None:
        self.blockers = list(blockers)
        because = f" In the way: {'; '.join(self.blockers[:10])}." if self.blockers else ""
        super().__init__(f"The plan no longer holds and nothing was sunset.{because}")


class Blocked(LifecycleError):
    """Something named stands in the way; nothing was sunset."""

    code = "blocked"
    status = 409

    def __init__(self, blockers: Sequence[str]) -> None:
        self.blockers = list(blockers)
        super().__init__(f"Nothing was sunset. In the way: {'; '.join(self.blockers[:10])}.")


class CannotExtend(LifecycleError):
    """None of the deployments can be given more time."""

    code = "cannot_extend"
    status = 409

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(f"Nothing was extended: {'; '.join(self.reasons[:10])}.")


class CannotCampaign(LifecycleError):
    """This can not be done with the campaign."""

    code = "cannot_campaign"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"That cannot be done: {reason}.")


class CannotRestore(LifecycleError):
    """The sunset is not one that can be restored now."""

    code = "cannot_restore"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This sunset cannot be restored: {reason}.")


class CannotAsk(LifecycleError):
    """The upgrade cannot be asked for, acknowledged or taken back as things are."""

    code = "cannot_ask"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class CannotGoTogether(LifecycleError):
    """The policies of some findings contradict each other: they need plans of their own."""

    code = "cannot_go_together"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"These cannot go in one plan: {reason}.")


class InvalidPolicy(LifecycleError):
    """A policy cannot be saved as it is; ``fields`` says what is wrong with each."""

    code = "invalid"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(words) for name, words in fields.items()}
        super().__init__("Some fields are not valid.")


class Outdated(LifecycleError):
    """Somebody changed the thing meanwhile; read it again."""

    code = "outdated"
    status = 409

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"Somebody changed the {what} meanwhile; look at it again.")


class CannotExempt(LifecycleError):
    """The exemption cannot be asked for, answered or ended so."""

    code = "cannot_exempt"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This exemption cannot be: {reason}.")


class UnknownThing(LifecycleError):
    """There is no such finding, sunset or notice."""

    code = "not_found"
    status = 404

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"There is no such {what}.")


class UnknownExecutor(LifecycleError):
    """A policy or sunset names an executor that is not there."""

    code = "unknown_executor"

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        super().__init__(f"Executor {name}: {reason}.")


class LooserPolicy(LifecycleError):
    """A request to the gate asked for less than its policy does."""

    code = "looser_policy"
    status = 400

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"The gate's policy can only be made stricter: {reason}.")


class Waiting(LifecycleError):
    """Nothing stands in the way but time, or a notice that is on its way."""

    code = "waiting"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Not yet: {reason}.")


class NotInState(LifecycleError):
    """The sunset is in a state from which this cannot be done."""

    code = "not_in_state"
    status = 409

    def __init__(self, action: str, state: str) -> None:
        self.action = action
        self.state = state
        super().__init__(f"It cannot be {action}: it is {state}.")


class Stopped(LifecycleError):
    """The emergency stop is on."""

    code = "stopped"
    status = 409

    def __init__(self, by: str, reason: str) -> None:
        self.by = by
        self.reason = reason
        super().__init__(f"Everything is stopped by {by}: {reason}")


class BadForce(LifecycleError):
    """Forcing needs a reason and the name typed as it is written."""

    code = "bad_force"
    status = 400

    def __init__(self, problem: str) -> None:
        super().__init__(f"To force it, {problem}.")


class BadGrace(LifecycleError):
    """The grace asked for is shorter than the policy's."""

    code = "bad_grace"
    status = 400

    def __init__(self, least_days: int) -> None:
        self.least_days = least_days
        super().__init__(f"The policy gives owners at least {least_days} days.")


class NotSigned(LifecycleError):
    """An answer does not come from the executor that was asked."""

    code = "not_signed"
    status = 401

    def __init__(self) -> None:
        super().__init__("This is not signed by the executor that such a call was sent to.")


class CallGivenUp(LifecycleError):
    """An executor acknowledges what was given up and taken back meanwhile."""

    code = "call_given_up"
    status = 409

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(f"This was given up and {label} counts as live; an operator decides.")


class CannotSnooze(LifecycleError):
    """The upgrade cannot be put aside like that."""

    code = "cannot_snooze"
    status = 400

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This cannot be snoozed: {reason}.")


class TooManyBacktests(LifecycleError):
    """Enough backtests wait already."""

    code = "too_many_backtests"
    status = 409

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} backtests are waiting already; ask again when some are done.")
