"""The epoch: a counter bumped by every transaction that changes the graph."""

import uuid

from django.db import models


class Epoch(models.Model):
    """The single row (id 1) that counts changes of the graph.

    ``database_id`` tells this database from any other whose snapshots may lie in
    the same folder, a restored backup included.
    """

    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    database_id = models.UUIDField(default=uuid.uuid4)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="epoch_single_row")]

    def __str__(self) -> str:
        return str(self.number)


class EpochChange(models.Model):
    """What one epoch changed: the modules whose versions or requirements are not as before.

    ``modules`` is null where too many changed to be listed, or nobody said which.
    ``changed_at`` is the epoch's own, so that an epoch of another history of the same
    number is not taken for it.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    changed_at = models.DateTimeField()
    modules = models.JSONField(null=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return str(self.number)
