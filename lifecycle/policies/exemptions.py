"""Which exemption keeps what: the one that bites, or none (pure)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lifecycle.rules.base import Flag, SubjectKind
from lifecycle.rules.registry import RULES


@dataclass(frozen=True, slots=True)
class Exempt:
    """An approved exemption of one thing that has not run out; without a rule of all rules.

    ``parent_line`` is of an exempt minor line the major one it is part of.
    """

    id: int
    expires_at: datetime
    rule: str = ""
    module_id: int | None = None
    line: str = ""
    parent_line: str = ""
    deployment_key: str = ""


@dataclass(frozen=True, slots=True)
class ExemptSpan:
    """An exemption and for how long it kept something; the end is not within."""

    since: datetime
    until: datetime
    exempt: Exempt


class Exemptions:
    """All that bite at an instant; of several, the one that lasts longest is named."""

    def __init__(self, exempt: Iterable[Exempt] = ()) -> None:
        self._of_module: dict[int, list[Exempt]] = defaultdict(list)
        self._of_key: dict[str, list[Exempt]] = defaultdict(list)
        for one in sorted(exempt, key=lambda one: (-one.expires_at.timestamp(), one.id)):
            if one.module_id is None:
                self._of_key[one.deployment_key].append(one)
            else:
                self._of_module[one.module_id].append(one)

    def of_deployment(self, rule: str, module_id: int, key: str) -> Exempt | None:
        """What keeps a deployment: its key's exemption, or that of its whole module."""
        whole = [one for one in self._of_module.get(module_id, ()) if not one.line]
        return _first([*self._of_key.get(key, ()), *whole], rule)

    def of_module(self, rule: str, module_id: int) -> Exempt | None:
        """What keeps everything of a module."""
        whole = (one for one in self._of_module.get(module_id, ()) if not one.line)
        return _first(whole, rule)

    def of_line(
        self, rule: str, module_id: int, line: str, *, parent_line: str = ""
    ) -> Exempt | None:
        """What keeps a line: it, the line it is part of, any part of it, or its module.

        A major line with an exempt minor line in it does not go as a whole.
        """
        lines = {line, parent_line} - {""}
        found = (
            one
            for one in self._of_module.get(module_id, ())
            if not one.line or one.line in lines or one.parent_line == line
        )
        return _first(found, rule)

    def lines(self, rule: str) -> frozenset[tuple[int, str]]:
        """The lines that are kept from a rule, as (module, line)."""
        return frozenset(
            (module_id, one.line)
            for module_id, kept in self._of_module.items()
            for one in kept
            if one.line and one.rule in ("", rule)
        )


def exemption_of(flag: Flag, exempt: Exemptions) -> Exempt | None:
    """What keeps what a rule flags."""
    match RULES[flag.rule].subject:
        case SubjectKind.DEPLOYMENT:
            return exempt.of_deployment(flag.rule, flag.module_id, flag.label)
        case SubjectKind.LINE:
            return exempt.of_line(
                flag.rule, flag.module_id, flag.line, parent_line=flag.parent_line
            )
        case _:
            return exempt.of_module(flag.rule, flag.module_id)


def _first(exempt: Iterable[Exempt], rule: str) -> Exempt | None:
    fitting = (one for one in exempt if one.rule in ("", rule))
    return min(fitting, key=lambda one: (-one.expires_at.timestamp(), one.id), default=None)
