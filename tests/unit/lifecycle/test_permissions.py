"""Who may sunset what: the one rule behind every door."""

import pytest

from lifecycle.exceptions import PermissionDenied
from lifecycle.permissions import Actor, require_sunset, system_actor

LIFECYCLE = frozenset({"read", "lifecycle"})
OWNERS, OTHERS = 1, 2


@pytest.mark.parametrize(
    ("actor", "owner_id", "may"),
    [
        (Actor("member", team_ids=frozenset({OWNERS}), scopes=LIFECYCLE), OWNERS, True),
        (Actor("outsider", team_ids=frozenset({OTHERS}), scopes=LIFECYCLE), OWNERS, False),
        (Actor("member", team_ids=frozenset({OWNERS}), scopes=LIFECYCLE), None, False),
        (Actor("teamless", scopes=LIFECYCLE), None, False),
        (Actor("operator", is_operator=True, scopes=LIFECYCLE), OWNERS, True),
        (Actor("operator", is_operator=True, scopes=LIFECYCLE), None, True),
        (Actor("reader", team_ids=frozenset({OWNERS}), scopes=frozenset({"read"})), OWNERS, False),
        (Actor("reader", is_operator=True, scopes=frozenset({"read", "admin"})), OWNERS, False),
        (Actor(""), OWNERS, False),
        (Actor(""), None, False),
        (system_actor(), None, True),
    ],
)
def test_members_and_operators_with_the_scope_may_and_nobody_else(
    actor: Actor, owner_id: int | None, may: bool
) -> None:
    assert actor.may_sunset(owner_id) is may
    if may:
        require_sunset(actor, owner_id, "auth 1.x")
        return
    with pytest.raises(PermissionDenied) as refused:
        require_sunset(actor, owner_id, "auth 1.x")
    assert str(refused.value) == f"{actor.name or 'Nobody'} may not sunset or restore auth 1.x."
