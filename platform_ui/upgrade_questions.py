"""What the upgrades page and its downloads are asked, read from the address once."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from lifecycle.selectors.upgrades import SNOOZED
from lineage.exceptions import UnknownDeployment
from lineage.models import Deployment, Module, Team
from lineage.selectors.deployments import live_deployment
from lineage.selectors.upgrades import MOVES, STATUSES, UpgradeFilter
from platform_ui.accounts.actors import actor_of
from platform_ui.params import choice_of, text_of
from platform_ui.views.modules import named_or_404


@dataclass(frozen=True, slots=True)
class Question:
    """A filter, what to do with snoozed rows, and whose rows they are, in words of the page."""

    filter: UpgradeFilter
    snoozed: str
    moves: str
    module: Module | None
    deployment: Deployment | None
    team: Team | None
    is_mine: bool


def question_of(request: HttpRequest) -> Question:
    """What the address asks for; raises Http404 where it names what is not there."""
    params = request.GET
    owner, status = text_of(params, "owner"), text_of(params, "status")
    moves = choice_of(params, "moves", ("", *MOVES[:-1]))
    module = deployment = None
    if key := text_of(params, "deployment"):
        deployment = deployment_or_404(key)
    if name := text_of(params, "module"):
        module = named_or_404(text_of(params, "ecosystem") or "platform", name)
    team = Team.objects.filter(name=owner).first() if owner else None
    mine = actor_of(request).team_ids
    one = module is not None or deployment is not None or team is not None
    owners = mine if mine and not one and owner != "*" else None
    filter = UpgradeFilter(
        module=module,
        deployment=deployment,
        owners=[team.pk] if team else owners,
        q=text_of(params, "q"),
        statuses=(status,) if status in STATUSES else STATUSES,
        # What is up to date is shown only where it is asked for.
        moves=(moves,) if moves else MOVES if status in STATUSES else MOVES[:-1],
    )
    snoozed = choice_of(params, "snoozed", SNOOZED)
    return Question(filter, snoozed, moves, module, deployment, team, owners is not None)


def deployment_or_404(key: str) -> Deployment:
    """The live deployment, or the page that says there is none."""
    try:
        return live_deployment(key)
    except UnknownDeployment as error:
        raise Http404(str(error)) from error
