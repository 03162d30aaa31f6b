"""Policies: which rules hold for what, the editor, and what a draft would do now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import InvalidPolicy, Outdated, PermissionDenied, UnknownThing
from lifecycle.models import Policy
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.base import Rule
from lifecycle.rules.registry import RULES
from lifecycle.selectors.backtests import latest_backtest
from lifecycle.selectors.dry_runs import DryRun, dry_run, dry_run_default
from lifecycle.selectors.policies import defaults, draft_of, policy_by_id
from lifecycle.selectors.policy_ranks import ranked_policies
from lifecycle.services.backtests import DAYS
from lifecycle.services.policies import create_policy, delete_policy, update_policy
from platform_ui.accounts.actors import actor_of
from platform_ui.htmx import wants_fragment
from platform_ui.params import number_of, text_of
from platform_ui.policy_drafts import draft_like, form_of
from platform_ui.policy_forms import PolicyForm

SHOWN = 50


def policies(request: HttpRequest) -> HttpResponse:
    """Every rule with its policies in the order in which they are asked."""
    context = {
        "rules": ranked_policies(),
        "is_operator": actor_of(request).is_operator,
        "latest": latest_backtest(None),
        "days": DAYS,
        "now": timezone.now(),
    }
    return render(request, "policies/page.html", context)


def new_policy(request: HttpRequest) -> HttpResponse:
    """The editor of a policy to come; ``like`` names a built-in one to start from."""
    rule = RULES.get(text_of(request.GET, "rule") or text_of(request.POST, "rule"))
    like = next((p for p in defaults() if p.name == text_of(request.GET, "like")), None)
    if rule is None:
        if like is None:
            return render(request, "policies/choose.html", {"rules": list(RULES.values())})
        rule = RULES[like.rule]
    if request.method == "POST":
        return _save(request, rule, None)
    first = like or next((p for p in defaults() if p.rule == rule.name), None)
    draft = draft_like(first) if first else PolicyDraft(name="", rule=rule.name)
    return _editor(request, PolicyForm(draft), None)


def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of a policy; a POST by an operator saves it."""
    row = _or_404(pk)
    if row.rule not in RULES:
        raise Http404("a policy of a rule that is no more")
    if request.method == "POST":
        return _save(request, RULES[row.rule], row)
    return _editor(request, PolicyForm(draft_of(row)), row)


def built_in(request: HttpRequest, name: str) -> HttpResponse:
    """A built-in policy: what it says and what it does now."""
    now = timezone.now()
    found = dry_run_default(name, now=now)
    if found is None:
        raise Http404("no such built-in policy")
    context = {
        "policy": found.policy,
        "rule": RULES[found.policy.rule],
        "form": PolicyForm(draft_like(found.policy, name=name)),
        **_tried(found, now),
    }
    return render(request, "policies/built_in.html", context)


@require_POST
def try_policy(request: HttpRequest) -> HttpResponse:
    """What the draft in the form would do now; nothing is saved."""
    rule = RULES.get(text_of(request.POST, "rule"))
    if rule is None:
        raise Http404("no such rule")
    pk = number_of(request.POST, "policy", 0)
    row = _or_404(pk) if pk else None
    form = form_of(request.POST, rule)
    if wants_fragment(request):
        return render(request, "policies/_trial.html", _trial(form, row))
    return _editor(request, form, row, is_tried=True)


@require_POST
def remove_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a policy away."""
    row = _or_404(pk)
    try:
        delete_policy(
            pk,
            revision=number_of(request.POST, "revision", 0),
            actor=actor_of(request),
            reason=text_of(request.POST, "reason"),
            now=timezone.now(),
        )
    except (PermissionDenied, Outdated) as error:
        messages.error(request, str(error))
        return redirect("policy", pk)
    messages.success(request, f"{row.name} is gone. What it decided on falls to the next policy.")
    return redirect("policies")


def _save(request: HttpRequest, rule: Rule, row: Policy | None) -> HttpResponse:
    form, actor, now = form_of(request.POST, rule), actor_of(request), timezone.now()
    if form.errors:
        return _editor(request, form, row, status=422)
    try:
        if row is None:
            saved = create_policy(form.draft, actor=actor, reason=form.reason, now=now)
        else:
            saved = update_policy(
                row.pk,
                form.draft,
                revision=number_of(request.POST, "revision", 0),
                actor=actor,
                reason=form.reason,
                now=now,
            )
    except InvalidPolicy as error:
        return _editor(request, form.with_errors(error.fields), row, status=422)
    except (PermissionDenied, Outdated) as error:
        messages.error(request, str(error))
        return _editor(request, form, row, status=error.status)
    messages.success(request, f"{saved.name} is saved. The next sweep judges by it.")
    return redirect("policy", saved.pk)


def _editor(
    request: HttpRequest,
    form: PolicyForm,
    row: Policy | None,
    *,
    status: int = 200,
    is_tried: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "rule": form.rule,
        "policy": row,
        "is_operator": actor_of(request).is_operator,
        "latest": latest_backtest(row.pk) if row else None,
        "days": DAYS,
        "now": timezone.now(),
    }
    if is_tried or row is not None:
        context |= _trial(form, row)
    return render(request, "policies/editor.html", context, status=status)


def _trial(form: PolicyForm, row: Policy | None) -> dict[str, Any]:
    now = timezone.now()
    errors: Mapping[str, Sequence[str]] = form.errors
    if not errors:
        try:
            draft = replace(form.draft, name=form.draft.name or "This draft")
            found = dry_run(draft=draft, policy_id=row.pk if row else None, now=now)
            return {"form": form, **_tried(found, now)}
        except InvalidPolicy as error:
            errors = error.fields
    return {"form": form, "faults": form.with_errors(errors), "now": now}


def _tried(found: DryRun, now: datetime) -> dict[str, Any]:
    return {
        "trial": found,
        "shown": found.items[:SHOWN],
        "closed": found.closed[:SHOWN],
        "now": now,
    }


def _or_404(pk: int) -> Policy:
    try:
        return policy_by_id(pk)
    except UnknownThing as error:
        raise Http404(str(error)) from error
