"""Who may do what: checked in the services, whatever door a request came through."""

from dataclasses import dataclass, field

from lifecycle.exceptions import PermissionDenied

SCOPES = ("read", "ingest", "lifecycle", "admin")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts: a person, a token of theirs, or a job."""

    name: str
    is_operator: bool = False
    team_ids: frozenset[int] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    user_id: int | None = None

    def may_sunset(self, owner_id: int | None) -> bool:
        """Operators may sunset anything, members what their teams own."""
        if "lifecycle" not in self.scopes:
            return False
        return self.is_operator or (owner_id is not None and owner_id in self.team_ids)


def system_actor(name: str = "sundial") -> Actor:
    """The system itself."""
    return Actor(name, is_operator=True, scopes=frozenset(SCOPES))


def require_sunset(actor: Actor, owner_id: int | None, what: str) -> None:
    """Raise PermissionDenied unless the actor may sunset or restore what the owner owns."""
    if not actor.may_sunset(owner_id):
        raise PermissionDenied(actor.name, f"sunset or restore {what}")


def require_operator(actor: Actor, what: str) -> None:
    """Raise PermissionDenied unless the actor is an operator with the scope ``admin``."""
    if not (actor.is_operator and "admin" in actor.scopes):
        raise PermissionDenied(actor.name, what)
