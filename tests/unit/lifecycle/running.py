"""A live deployment as the rules are told of it."""

from lifecycle.rules.facts import DeploymentFacts
from tests.unit.lifecycle.line_facts import ago

RUNNING = DeploymentFacts(
    id=5,
    key="tv-home/prod",
    ecosystem="platform",
    module_id=7,
    module="tv-home",
    owner_id=3,
    version_id=70,
    version="4.2.0",
    environment="prod",
    tier="prod",
    region="",
    started_at=ago(days=20),
)
