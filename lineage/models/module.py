"""Modules: anything published under a name."""

from django.db import models

from lineage.models.team import Team
from lineage.purls import purl_of
from lineage.versioning import Scheme, scheme_for


class Module(models.Model):
    """A library, script or service; identity is (ecosystem, name).

    ``kind`` and ``owner`` are derived from the newest version that states them,
    so the order of arrival does not matter.
    """

    class Kind(models.TextChoices):
        LIBRARY = "library"
        SCRIPT = "script"
        SERVICE = "service"

    ecosystem = models.CharField(max_length=32, default="platform")
    name = models.CharField(max_length=256)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.LIBRARY)
    owner = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="modules"
    )
    # Named by somebody's dependency, never published as far as we know.
    is_placeholder = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "ecosystem"]
        constraints = [
            models.UniqueConstraint(fields=["ecosystem", "name"], name="module_identity_unique")
        ]
        indexes = [models.Index(fields=["name"], name="module_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def purl(self) -> str:
        """The package URL of the module, without a version."""
        return purl_of(self.ecosystem, self.name)

    @property
    def scheme(self) -> Scheme:
        """How its versions are ordered and its ranges matched."""
        return scheme_for(self.ecosystem)
