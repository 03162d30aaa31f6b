"""Starts jobs from a request: a broker that is down must not undo what is already written."""

import logging

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def start(job: "Task[..., object]") -> None:
    """Send the job to its queue; without a broker beat starts it when there is one again."""
    try:
        job.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("could not start %s: %s", job.name, error)
