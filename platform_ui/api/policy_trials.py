"""What a policy would do, and would have done: dry runs and backtests over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Backtest
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.registry import RULES
from lifecycle.selectors.backtests import (
    SORTS,
    backtest_by_id,
    backtest_items,
    backtest_list,
    latest_backtest,
)
from lifecycle.selectors.dry_runs import DryRun, dry_run
from lifecycle.selectors.policies import policy_by_id
from lifecycle.services.backtests import ask_backtest
from lifecycle.services.policies import check_policy
from lifecycle.tasks import run_backtests
from lineage.selectors.paging import slice_of
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import READ
from platform_ui.api import policy_trial_shapes as shapes
from platform_ui.api.pages import PageQuery, asked, page_of, page_response, stated
from platform_ui.api.policy_shapes import draft_from

DRY_RUN: dict[str, Any] = {
    "totals": shapes.DryRunTotalsShape(),
    "owners": shapes.OwnerShareShape(many=True),
    "closed": shapes.ClosedShape(many=True),
}
MOST_CLOSED = 200
DRY_RUN_PAGE = page_of(shapes.DryRunItemShape, **DRY_RUN)


class DryRunDraftView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Try a draft of a policy",
        operation_id="policy_dry_run_draft",
        parameters=[PageQuery],
        request=shapes.DryRunOfDraftShape,
        responses=DRY_RUN_PAGE,
    )
    def post(self, request: Request) -> Response:
        """What it would flag and sunset now, were it saved; nothing is written."""
        values = _body(request, shapes.DryRunOfDraftShape)
        found = dry_run(draft=draft_from(values), policy_id=values["policy"], now=timezone.now())
        return _answer(request, found)


class DryRunView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Try a policy",
        operation_id="policy_dry_run",
        parameters=[PageQuery],
        request=None,
        responses=DRY_RUN_PAGE,
    )
    def post(self, request: Request, pk: int) -> Response:
        """What a saved policy would flag and sunset now, also one that is off."""
        return _answer(request, dry_run(policy_id=pk, now=timezone.now()))


def _body(request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The body, checked; the page is in the address."""
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _answer(request: Request, found: DryRun) -> Response:
    page = slice_of(found.items, **asked(request, PageQuery))
    return page_response(
        request,
        page,
        shapes.DryRunItemShape,
        totals=shapes.DryRunTotalsShape(found).data,
        owners=shapes.OwnerShareShape(found.owners, many=True).data,
        closed=shapes.ClosedShape(found.closed[:MOST_CLOSED], many=True).data,
    )


BACKTEST_PAGE = page_of(shapes.BacktestItemShape, backtest=shapes.BacktestShape())


class BacktestItemQuery(PageQuery):
    used_again = serializers.BooleanField(default=False)
    rule = serializers.ChoiceField(choices=["", *RULES], default="")
    owner = serializers.CharField(default="", max_length=128)
    sort = serializers.ChoiceField(choices=SORTS, default="gone")


class PolicyBacktestView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="A policy's newest backtest",
        operation_id="policy_backtest",
        parameters=[BacktestItemQuery],
        responses=BACKTEST_PAGE,
    )
    def get(self, request: Request, pk: int) -> Response:
        """What would have gone had it been on, and what of that was used again. 404: none yet."""
        found = latest_backtest(policy_by_id(pk).pk)
        if found is None:
            raise UnknownThing("backtest")
        return _items(request, found)

    @extend_schema(
        summary="Start a backtest of a policy",
        operation_id="policy_backtest_start",
        request=shapes.AskBacktestShape,
        responses={202: shapes.BacktestShape},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Replay the days; what is asked already and not done yet is not asked twice."""
        days = stated(request, shapes.AskBacktestShape)["days"]
        return _started(request, policy_id=pk, days=days)


class BacktestsView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Backtests",
        operation_id="backtests",
        parameters=[PageQuery],
        responses=page_of(shapes.BacktestShape),
    )
    def get(self, request: Request) -> Response:
        """What was replayed, newest first."""
        return page_response(
            request, backtest_list(**asked(request, PageQuery)), shapes.BacktestShape
        )

    @extend_schema(
        summary="Start a backtest",
        operation_id="backtest_start",
        request=shapes.AskAnyBacktestShape,
        responses={202: shapes.BacktestShape},
    )
    def post(self, request: Request) -> Response:
        """Replay all policies in force; with a draft, what it would have done among them."""
        values = stated(request, shapes.AskAnyBacktestShape)
        typed = values["draft"]
        if typed is None:
            return _started(request, days=values["days"])
        draft = draft_from(typed)
        check_policy(draft)
        return _started(request, draft=draft, policy_id=typed["policy"], days=values["days"])


class BacktestView(APIView):
    @extend_schema(
        summary="A backtest",
        operation_id="backtest",
        parameters=[BacktestItemQuery],
        responses=BACKTEST_PAGE,
    )
    def get(self, request: Request, pk: int) -> Response:
        """How far it is; once done, what would have gone and what was used again."""
        return _items(request, backtest_by_id(pk))


def _items(request: Request, backtest: Backtest) -> Response:
    page = backtest_items(backtest, **asked(request, BacktestItemQuery))
    return page_response(
        request,
        page,
        shapes.BacktestItemShape,
        backtest=shapes.BacktestShape(backtest).data,
    )


def _started(
    request: Request,
    *,
    days: int,
    policy_id: int | None = None,
    draft: PolicyDraft | None = None,
) -> Response:
    found = ask_backtest(
        actor=caller_of(request), now=timezone.now(), days=days, policy_id=policy_id, draft=draft
    )
    jobs.start(run_backtests)
    return Response(shapes.BacktestShape(found).data, status=status.HTTP_202_ACCEPTED)
