"""Which executor a name means."""

from lifecycle.exceptions import UnknownExecutor
from lifecycle.executors.base import Executor
from lifecycle.executors.record import RECORD, RecordExecutor
from lifecycle.executors.webhook import WEBHOOK, WebhookExecutor
from lifecycle.models import Webhook


def executor_named(name: str) -> Executor:
    """The executor of a name: ``record``, ``webhook:NAME``, or ``webhook`` for the only one.

    Raises UnknownExecutor.
    """
    if name == RECORD:
        return RecordExecutor()
    kind, _, wanted = name.partition(":")
    if kind != WEBHOOK:
        raise UnknownExecutor(name, "there is no such executor")
    hooks = _webhooks()
    if wanted:
        hooks = [hook for hook in hooks if hook.name == wanted]
    if len(hooks) > 1:
        names = ", ".join(f"{WEBHOOK}:{hook.name}" for hook in hooks)
        raise UnknownExecutor(name, f"there are several, say which: {names}")
    if not hooks:
        raise UnknownExecutor(name, "there is no such webhook for executing")
    return WebhookExecutor(hooks[0])


def executor_names() -> list[str]:
    """Every name a policy may choose now."""
    hooks = _webhooks()
    alone = [WEBHOOK] if len(hooks) == 1 else []
    return [RECORD, *alone, *(f"{WEBHOOK}:{hook.name}" for hook in hooks)]


def _webhooks() -> list[Webhook]:
    """Those that execute; only operators may have such."""
    return list(
        Webhook.objects.filter(purpose=Webhook.Purpose.EXECUTOR, team=None).order_by("name")
    )
