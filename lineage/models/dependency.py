"""Requirements and dependencies: who declares what on whom."""

from django.db import models

from lineage.models.module import Module
from lineage.models.version import Version


class Requirement(models.Model):
    """A distinct (module, range) pair and what it resolves to by strategy ``newest``.

    A locked requirement states an exact resolved version (from an SBOM); its
    ``range`` is that version's text and was never declared by anybody.
    """

    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="requirements", db_index=False
    )
    range = models.CharField(max_length=1024)
    is_locked = models.BooleanField(default=False)
    resolved_version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="requirements"
    )
    # The oldest that satisfies; a line that holds both is the only one that can.
    lowest_version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["module_id", "range", "is_locked"]
        constraints = [
            models.UniqueConstraint(
                fields=["module", "range", "is_locked"], name="requirement_identity_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.range}"


class Dependency(models.Model):
    """An edge from a version to a requirement; append only.

    ``lock_root`` is the version whose SBOM stated a locked edge: the edge holds
    inside that version's tree and nowhere else.
    """

    class Scope(models.IntegerChoices):
        RUNTIME = 0, "runtime"
        OPTIONAL = 1, "optional"
        DEVELOPMENT = 2, "development"

    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="dependencies", db_index=False
    )
    requirement = models.ForeignKey(
        Requirement, on_delete=models.PROTECT, related_name="dependencies", db_index=False
    )
    scope = models.PositiveSmallIntegerField(choices=Scope.choices, default=Scope.RUNTIME)
    lock_root = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="locked_edges", db_index=False
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "requirement", "scope"],
                condition=models.Q(lock_root__isnull=True),
                name="dependency_declared_unique",
            ),
            models.UniqueConstraint(
                fields=["lock_root", "version", "requirement", "scope"],
                condition=models.Q(lock_root__isnull=False),
                name="dependency_locked_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} -> {self.requirement_id}"
