"""What an executor is told: one operation on one item, in words a program can act on."""

import json
from typing import Any

from lifecycle.executors import Message
from lifecycle.models import ExecutorCall, SunsetItem
from lineage.models import Deployment, Version
from lineage.purls import purl_of

# What a message needs; select it with the call, threads cannot ask for it later.
NEEDED = (
    "item__sunset",
    "item__version__module__owner",
    "item__deployment__version__module__owner",
    "item__deployment__environment",
)


def message_of(call: ExecutorCall) -> Message:
    """The message of a call; the same bytes at every attempt."""
    item = call.item
    body = {
        "type": f"executor.{call.operation}",
        "timestamp": call.created_at.isoformat(),
        "data": {
            "key": str(call.key),
            "sequence": call.pk,
            "operation": call.operation,
            "item": _item(item),
            "sunset": {
                "id": item.sunset.pk,
                "title": item.sunset.title,
                "reason": item.sunset.reason,
                "made_by": item.sunset.made_by,
            },
        },
    }
    return Message(str(call.key), json.dumps(body, ensure_ascii=False).encode())


def _item(item: SunsetItem) -> dict[str, Any]:
    if item.version is not None:
        return {"kind": "version", "label": item.label, **_version(item.version)}
    assert item.deployment is not None  # noqa: S101 - a constraint says one of the two
    return {"kind": "deployment", "label": item.label, **_deployment(item.deployment)}


def _version(version: Version) -> dict[str, Any]:
    module = version.module
    return {
        "ecosystem": module.ecosystem,
        "module": module.name,
        "version": version.version,
        "purl": purl_of(module.ecosystem, module.name, version.version),
        "digest": version.digest,
        "owner": module.owner.name if module.owner else None,
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    return {
        **_version(deployment.version),
        "deployment": deployment.key,
        "environment": deployment.environment.name,
        "tier": deployment.environment.tier,
        "region": deployment.region,
        "route": deployment.route,
        "started_at": deployment.started_at.isoformat(),
    }
