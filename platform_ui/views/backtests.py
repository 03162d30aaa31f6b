"""Backtests: started, watched, and read."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import InvalidPolicy, LifecycleError, UnknownThing
from lifecycle.models import Backtest
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.registry import RULES
from lifecycle.selectors.backtests import SORTS, backtest_by_id, backtest_items, backtest_list
from lifecycle.services.backtests import DAYS, ask_backtest
from lifecycle.services.policies import check_policy
from lifecycle.tasks import run_backtests
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.charts import backtest_figure
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, number_of, page_of, size_of, text_of
from platform_ui.policy_drafts import form_of


def backtests(request: HttpRequest) -> HttpResponse:
    """What was replayed, newest first; a POST asks for another."""
    if request.method == "POST":
        return _ask(request)
    rows = backtest_list(page=page_of(request.GET), size=size_of(request.GET))
    context = {"rows": rows, "days": DAYS, "now": timezone.now()}
    return render_page(request, "policies/backtests.html", "policies/_backtests.html", context)


def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    """One backtest: how far it is, then what would have gone."""
    found = _or_404(pk)
    params = request.GET
    context: dict[str, Any] = {"backtest": found, "now": timezone.now()}
    if found.state == Backtest.State.DONE:
        result = found.result
        context |= {
            "result": result,
            "total": result["total"],
            "figure": backtest_figure(result["weeks"]),
            "words": {name: rule.word for name, rule in RULES.items()},
            "filters": _filters(result),
            "rows": backtest_items(
                found,
                used_again=bool(params.get("used")),
                rule=choice_of(params, "rule", ("", *RULES)),
                owner=text_of(params, "owner"),
                sort=choice_of(params, "sort", SORTS),
                page=page_of(params),
                size=size_of(params),
            ),
        }
    return render_page(request, "policies/backtest.html", "policies/_items.html", context)


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; when it is over the whole page comes anew."""
    found = _or_404(pk)
    response = render(
        request, "policies/_progress.html", {"backtest": found, "now": timezone.now()}
    )
    if found.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def replay_draft(request: HttpRequest) -> HttpResponse:
    """Ask for a replay of the draft in the editor's form; nothing of it is saved as a policy."""
    rule = RULES.get(text_of(request.POST, "rule"))
    if rule is None:
        raise Http404("no such rule")
    form = form_of(request.POST, rule)
    if form.errors:
        messages.error(request, "Some fields are not valid: nothing was replayed.")
        return redirect("policies")
    try:
        check_policy(form.draft)
    except InvalidPolicy as error:
        messages.error(request, " ".join(words for some in error.fields.values() for words in some))
        return redirect("policies")
    return _ask(request, form.draft)


def _ask(request: HttpRequest, draft: PolicyDraft | None = None) -> HttpResponse:
    policy_id = number_of(request.POST, "policy", 0) or None
    try:
        asked = ask_backtest(
            actor=actor_of(request),
            now=timezone.now(),
            days=number_of(request.POST, "days", DAYS),
            policy_id=policy_id,
            draft=draft,
        )
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, _words(error))
        return redirect("backtests")
    jobs.start(run_backtests)
    return redirect("backtest", asked.pk)


def _words(error: LifecycleError) -> str:
    if isinstance(error, InvalidPolicy):
        return " ".join(words for some in error.fields.values() for words in some)
    return str(error)


def _filters(result: dict[str, Any]) -> list[Filter]:
    rules = [Choice(row["rule"], RULES[row["rule"]].word, row["gone"]) for row in result["rules"]]
    owners = [Choice(row["owner"], row["owner"], row["gone"]) for row in result["owners"]]
    return [
        Filter("used", "Used again", "check"),
        Filter("rule", "Rule", choices=rules),
        Filter("owner", "Owner", choices=[one for one in owners if one.value], any_label="Anyone"),
    ]


def _or_404(pk: int) -> Backtest:
    try:
        return backtest_by_id(pk)
    except UnknownThing as error:
        raise Http404(str(error)) from error
