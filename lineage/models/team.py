"""Teams: the owners of modules."""

from django.db import models


class Team(models.Model):
    """A group of people who own modules; named by records, joined by people."""

    name = models.CharField(max_length=128)
    email = models.EmailField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="team_name_unique")]

    def __str__(self) -> str:
        return self.name
