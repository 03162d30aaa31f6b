"""The facts: modules, versions, dependencies, deployments and where they came from."""

from lineage.models.dependency import Dependency, Requirement
from lineage.models.deployment import (
    Deployment,
    DeploymentMark,
    Environment,
    EnvironmentDeletion,
    ObservedProfile,
    ObservedVersion,
)
from lineage.models.epoch import Epoch, EpochChange
from lineage.models.ingest_run import IngestIssue, IngestRun
from lineage.models.inventory import Inventory, UnlistedDeployment, Witness
from lineage.models.job_run import JobRun
from lineage.models.module import Module
from lineage.models.source import Coverage, Source
from lineage.models.team import Team
from lineage.models.version import Deprecation, Retirement, Version

__all__ = [
    "Coverage",
    "Dependency",
    "Deployment",
    "DeploymentMark",
    "Deprecation",
    "Environment",
    "EnvironmentDeletion",
    "Epoch",
    "EpochChange",
    "IngestIssue",
    "IngestRun",
    "Inventory",
    "JobRun",
    "Module",
    "ObservedProfile",
    "ObservedVersion",
    "Requirement",
    "Retirement",
    "Source",
    "Team",
    "UnlistedDeployment",
    "Version",
    "Witness",
]
