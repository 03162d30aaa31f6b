"""What a policy is for: a selection of modules and of the places they run in (pure)."""

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

Specificity = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What may be flagged, as a policy sees it; lines and versions run nowhere: no place."""

    ecosystem: str
    module: str
    owner_id: int | None = None
    environment: str = ""
    tier: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Empty fields select everything; ``module_pattern`` is a name with ``*`` and ``?``."""

    ecosystem: str = ""
    owner_id: int | None = None
    module_pattern: str = ""
    environment: str = ""
    tier: str = ""
    region: str = ""

    @property
    def has_place(self) -> bool:
        """Whether it selects by where things run."""
        return bool(self.environment or self.tier or self.region)

    @property
    def specificity(self) -> Specificity:
        """How narrow it is; the greater is the more specific.

        Compared in this order: an exact module name, the letters of a pattern, then
        whether it names an environment, a region, a tier, an owner, an ecosystem.
        """
        pattern = self.module_pattern
        letters = len(pattern.replace("*", "").replace("?", ""))
        return (
            int(bool(pattern) and letters == len(pattern)),
            letters,
            int(bool(self.environment)),
            int(bool(self.region)),
            int(bool(self.tier)),
            int(self.owner_id is not None),
            int(bool(self.ecosystem)),
        )

    def selects(self, subject: Subject) -> bool:
        """Whether the subject is meant."""
        return (
            (not self.ecosystem or self.ecosystem == subject.ecosystem)
            and (self.owner_id is None or self.owner_id == subject.owner_id)
            and (not self.environment or self.environment == subject.environment)
            and (not self.tier or self.tier == subject.tier)
            and (not self.region or self.region == subject.region)
            and (not self.module_pattern or matches(self.module_pattern, subject.module))
        )


def matches(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern: ``*`` is any letters, ``?`` any one letter."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Its expressions do not go back over what a star took; brackets mean themselves here.
    return re.compile(translate(pattern.replace("[", "[[]")))
