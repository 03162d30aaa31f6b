"""Uptake, counted again day by day from the raw instants."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from lineage.exceptions import BadWindow
from lineage.models import Deployment, ObservedVersion, Requirement
from lineage.selectors.takers import UptakeFilter
from lineage.selectors.uptake import MOST_SERIES, OTHERS, UNRESOLVED, stragglers, uptake
from lineage.selectors.window import between, days_before
from lineage.services.history import history_of
from tests.factories.platform import NOW, module, platform

pytestmark = pytest.mark.django_db
NUMBERS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0", "3.0.0")


def grown(seed: int) -> None:
    """A provider, consumers of it and their deployments, over forty days before NOW."""
    rng = random.Random(seed)

    def day(earliest: int = 40, latest: int = 0) -> str:
        at = NOW - timedelta(days=rng.randint(latest, earliest), minutes=rng.randint(0, 1439))
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    facts = [f"auth {number} on {day()}" for number in NUMBERS]
    for n in range(6):
        needs = ", ".join(f"auth@{r}" for r in rng.sample(("^1", "^2", "*", "~1.1", "^9"), 2))
        facts.append(f"app-{n} 1.0.0 by team-{n} on 2026-01-01 -> {needs}")
    for n in range(40):
        start = rng.randint(1, 40)
        at = (NOW - timedelta(days=start, hours=rng.randint(0, 9))).strftime("%Y-%m-%dT%H:%M:%SZ")
        fact = (
            f"d/{n} runs app-{rng.randint(0, 5)} 1.0.0 in {rng.choice(('prod', 'test'))} since {at}"
        )
        if rng.random() < 0.5:
            fact += f" until {day(start - 1)}"
        if rng.random() < 0.3:
            fact += f" with auth@{rng.choice(NUMBERS)}"
        facts.append(fact)
    platform(*facts)


def recount(at: datetime, environment: str) -> Counter[str]:
    """What each deployment live at an instant takes, one after the other."""
    history = history_of(module("auth"))
    texts = {row[0]: row[1].text for row in history.rows}
    found: Counter[str] = Counter()
    for deployment in Deployment.objects.live_at(at).select_related("environment"):
        if environment not in ("", deployment.environment.name):
            continue
        observed = ObservedVersion.objects.filter(
            profile=deployment.profile_id, version__module=module("auth")
        ).first()
        if observed is not None:
            found[observed.version.version] += 1
            continue
        declared = Requirement.objects.filter(dependencies__version=deployment.version_id)
        resolved = history.resolved_at(at, dict(declared.values_list("id", "range")))
        taken = [texts[pk] for pk in resolved.values() if pk is not None]
        found[max(taken) if taken else UNRESOLVED] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("environment", ["", "prod"])
def test_every_day_is_what_counting_one_by_one_finds(seed: int, environment: str) -> None:
    grown(seed)
    filter = UptakeFilter(environment=environment)
    found = uptake(
        module("auth"), now=NOW, window=days_before(NOW, 30), filter=filter, by="version"
    )
    ends = days_before(NOW, 30).ends
    for place, at in enumerate(ends):
        expected = recount(at, environment)
        assert {v: c[place] for v, c in found.counts.items() if c[place]} == dict(expected), at
        assert found.totals[place] == expected.total()
    at_end: Counter[str] = Counter()
    for row in found.environments:
        at_end.update({name: n for name, n in row.counts.items() if n})
    assert at_end == recount(ends[-1], environment)
    by_line = uptake(module("auth"), now=NOW, window=days_before(NOW, 30), filter=filter)
    assert by_line.totals == found.totals
    for line, counts in by_line.counts.items():
        inside = [c for v, c in found.counts.items() if v == line or v[:1] == line[:1] != "u"]
        assert counts == [sum(column) for column in zip(*inside, strict=True)]
        rows = stragglers(module("auth"), line, now=NOW, filter=filter, size=200)
        assert rows.total == len(rows.rows) == counts[-1]
        starts = [row.started_at for row in rows.rows]
        assert starts == sorted(starts)


def test_a_window_of_the_past_is_the_same_as_it_was_then() -> None:
    grown(7)
    last = NOW.date() - timedelta(days=5)
    part = between(last - timedelta(days=10), last, now=NOW)
    found = uptake(module("auth"), now=NOW, window=part, by="version")
    whole = uptake(module("auth"), now=NOW, window=days_before(NOW, 15), by="version")
    assert found.days == whole.days[:11]
    assert found.totals == whole.totals[:11]


def test_many_versions_are_folded_into_others_and_every_deployment_still_counts() -> None:
    numbers = [f"1.{n}.0" for n in range(MOST_SERIES + 4)]
    platform(
        *(f"auth {number} on 2026-01-01" for number in numbers),
        *(f"app-{n} 1.0.0 -> auth@{number}" for n, number in enumerate(numbers)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in prod" for n in range(len(numbers))),
        *(f"more-{n} runs app-{n} 1.0.0 in prod" for n in range(MOST_SERIES)),
    )
    found = uptake(module("auth"), now=NOW, window=days_before(NOW, 3), by="version")
    assert (found.folded, len(found.lines)) == (4, MOST_SERIES + 1)
    assert found.counts[OTHERS] == [4] * 4
    assert sum(row[-1] for row in found.counts.values()) == found.totals[-1] == 20
    assert found.environments[0].counts[OTHERS] == 4


def test_a_module_nobody_consumes_has_an_empty_uptake() -> None:
    platform("auth 1.0.0", "lone/prod runs lone 1.0.0 in prod")
    found = uptake(module("auth"), now=NOW)
    assert (found.lines, set(found.totals), found.environments) == ([], {0}, [])
    assert stragglers(module("auth"), "1.x", now=NOW).total == 0


@pytest.mark.parametrize(("first", "last"), [(2, 3), (-1, -2), (900, 1)])
def test_windows_that_cannot_be_counted_are_refused(first: int, last: int) -> None:
    with pytest.raises(BadWindow):
        between(NOW.date() - timedelta(days=first), NOW.date() - timedelta(days=last), now=NOW)
