"""The scripts of the simulated platform: what they declare, how often they change."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from lineage.simulation.libraries import Library

Declared = tuple[tuple[str, str], ...]
HABITS = ("caret", "caret", "caret", "caret", "caret", "tilde", "open", "pin", "laggard", "laggard")


@dataclass(slots=True)
class Script:
    """A script or service; ``uses`` pairs each library with the habit it is declared by."""

    name: str
    kind: str
    owner: str
    uses: list[tuple[Library, str]]
    number: tuple[int, int, int] = (1, 0, 0)
    declared: Declared = ()
    regions: tuple[str, ...] = ("us-east-1",)
    live: dict[str, str] = field(default_factory=dict)  # deployment id -> version

    @property
    def version(self) -> str:
        return ".".join(map(str, self.number))

    def publish(self, random: Random, at: datetime) -> None:
        """Become the next version, its ranges as its habits have them on that day."""
        major, minor, patch = self.number
        luck = random.random()
        if luck < 0.02:
            self.number = (major + 1, 0, 0)
        elif luck < 0.15:
            self.number = (major, minor + 1, 0)
        else:
            self.number = (major, minor, patch + 1)
        self.declared = declare(self.uses, at)

    def resolved(self, at: datetime) -> dict[str, str]:
        """What it runs with when deployed then, as its platform observed it."""
        by_name = {library.name: library for library, _ in self.uses}
        found = {}
        for name, range in self.declared:
            major = int(range.lstrip("^~>=").split(".")[0])
            is_open = range.startswith(">=")
            if range[0].isdigit():
                found[name] = range
                continue
            newest = by_name[name].newest(at, None if is_open else major)
            if newest is not None and not range.startswith("~"):
                found[name] = newest.version
        return found


def declare(uses: list[tuple[Library, str]], at: datetime) -> Declared:
    """Ranges on the libraries, each by its habit."""
    declared = []
    for library, habit in uses:
        majors = library.majors(at)
        if not majors:
            continue
        major = majors[0] if habit == "laggard" else majors[-1]
        newest = library.newest(at, major)
        if newest is None:
            continue
        one, two, three = newest.number
        ranges = {
            "tilde": f"~{one}.{two}.0",
            "open": f">={one}.{two}",
            "pin": f"{one}.{two}.{three}",
        }
        declared.append((library.name, ranges.get(habit, f"^{one}.{two}")))
    return tuple(declared)


def build_scripts(
    random: Random, names: list[str], teams: list[str], libraries: list[Library], *, at: datetime
) -> list[Script]:
    """Scripts and a few services, each with three to eight libraries it likes."""
    scripts = []
    weights = [library.weight for library in libraries]
    for place, name in enumerate(names):
        liked = dict.fromkeys(
            library.name for library in random.choices(libraries, weights, k=random.randint(3, 8))
        )
        by_name = {library.name: library for library in libraries}
        script = Script(
            name=name,
            kind="service" if place % 61 == 60 else "script",
            owner="" if place % 500 == 499 else teams[(place * 7) % len(teams)],
            uses=[(by_name[one], random.choice(HABITS)) for one in liked],
            number=(random.randint(1, 4), random.randint(0, 9), random.randint(0, 9)),
            regions=("us-east-1",) if random.random() < 0.7 else ("us-east-1", "eu-west-1"),
        )
        script.declared = declare(script.uses, at)
        scripts.append(script)
    return scripts
