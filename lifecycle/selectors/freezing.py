"""Freezes: which findings rest on a source that is blind now."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from itertools import chain

from lifecycle.freezing import SourceState, frozen_because
from lifecycle.models import Finding
from lifecycle.rules.base import Flag, SubjectKind
from lifecycle.rules.facts import Need
from lifecycle.rules.registry import RULES
from lineage.ingest.known import batches
from lineage.models import Coverage, Deployment, DeploymentMark, Witness
from lineage.selectors.sources import source_standings


class Freezing:
    """Where every source stands at an instant, and what rests on which."""

    def __init__(self, now: datetime) -> None:
        self.sources = {
            row.source.pk: SourceState(
                row.source.pk, row.source.name, row.state, row.source.last_seen_at
            )
            for row in source_standings(now)
        }
        self._covering: dict[str, list[int]] = {}
        for ecosystem, source_id in Coverage.objects.order_by("source__name").values_list(
            "ecosystem", "source_id"
        ):
            self._covering.setdefault(ecosystem, []).append(source_id)

    def sources_of(self, flag: Flag) -> list[SourceState]:
        """The sources a flag rests on, by name.

        Of a deployment: who reports it, and, where use decides, who is blind and reported
        its use. Of anything else: who reports deployments of its ecosystem.
        """
        rule = RULES[flag.rule]
        if rule.subject is not SubjectKind.DEPLOYMENT:
            return self._states(self._covering.get(flag.ecosystem, ()))
        ids = set(flag.source_ids)
        if rule.need is Need.UNUSED:
            ids |= {pk for pk, keys in self._usage_of_blind.items() if flag.label in keys}
        return self._states(ids)

    def because_of(self, findings: Collection[Finding]) -> dict[int, str]:
        """Finding id -> why it is frozen now; those that are not are left out."""
        deployments = {f.deployment_id: f for f in findings if f.deployment_id is not None}
        reported = _reported_by(deployments)
        found = {}
        for finding in findings:
            rule = RULES.get(finding.rule)
            if finding.deployment_id is None:
                ids: Iterable[int] = self._covering.get(finding.module.ecosystem, ())
            else:
                ids = reported.get(finding.deployment_id, set())
                if rule is not None and rule.need is Need.UNUSED:
                    said = self._usage_of_blind.items()
                    ids = {*ids, *(pk for pk, keys in said if finding.label in keys)}
            because = frozen_because(self._states(ids))
            if because:
                found[finding.pk] = because
        return found

    def _states(self, ids: Iterable[int]) -> list[SourceState]:
        found = (self.sources[pk] for pk in set(ids) if pk in self.sources)
        return sorted(found, key=lambda one: one.name)

    @cached_property
    def _usage_of_blind(self) -> dict[int, set[str]]:
        """Blind source -> the deployment keys it ever reported use of."""
        marks = DeploymentMark.objects.filter(kind=DeploymentMark.Kind.USED).order_by()
        return {
            pk: set(marks.filter(source_id=pk).values_list("key", flat=True).distinct())
            for pk, source in self.sources.items()
            if source.is_blind
        }


def _reported_by(deployment_ids: Iterable[int]) -> dict[int, set[int]]:
    """Deployment -> the sources that report it."""
    found: dict[int, set[int]] = {}
    for batch in batches(sorted(deployment_ids)):
        named = Deployment.objects.filter(id__in=batch, source__isnull=False).order_by()
        further = Witness.objects.filter(deployment_id__in=batch).order_by()
        for pk, source_id in chain(
            named.values_list("id", "source_id"),
            further.values_list("deployment_id", "source_id"),
        ):
            found.setdefault(pk, set()).add(source_id)
    return found
