"""The documentation speaks of what is there: examples run, names are those of the code."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils import timezone

from lifecycle.policies.settings import settings_of
from lifecycle.rules.registry import RULES
from lifecycle.states import SUNSET_TRANSITIONS
from lineage.services.ingest import IngestSummary, ingest_document

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SETTINGS_PAGE = ROOT / "docs/reference/settings.md"
COMMANDS_PAGE = ROOT / "docs/reference/commands.md"
OURS = {"lineage", "lifecycle", "platform_ui"}

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every fenced block of a language."""
    found = []
    for page in PAGES:
        matches = BLOCK.finditer(page.read_text())
        found += [(name_of(page), match[2]) for match in matches if match[1] == language]
    return found


def read_by_settings() -> set[str]:
    code = (ROOT / "platform_ui/settings.py").read_text()
    return set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", code))


def heads_of_tables(page: Path) -> set[str]:
    """The code words that stand first in the rows of a page's tables."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", page.read_text(), re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as renderers of Markdown make them."""
    text = BLOCK.sub("", page.read_text())
    headings = [re.sub(r"[^\w\s-]", "", heading.lower()) for heading in HEADING.findall(text)]
    return {heading.strip().replace(" ", "-") for heading in headings}


def taken_in(example: str) -> IngestSummary:
    document = io.BytesIO(example.encode())
    return ingest_document(document, source="docs", environment="prod", now=timezone.now())


@pytest.mark.django_db
def test_every_example_of_records_is_taken_in_whole() -> None:
    examples = blocks("ndjson")
    assert examples
    for page, example in examples:
        summary = taken_in(example)
        counts = (summary.accepted, summary.rejected, summary.conflicts)
        assert counts == (len(example.splitlines()), 0, 0), page


@pytest.mark.django_db
def test_every_example_of_an_sbom_is_taken_in_with_its_deployment() -> None:
    examples = [(page, text) for page, text in blocks("json") if '"bomFormat"' in text]
    assert examples
    for page, example in examples:
        summary = taken_in(example)
        assert (summary.created, summary.rejected, summary.conflicts) == (2, 0, 0), page


def test_the_settings_page_lists_the_settings_that_are_read() -> None:
    assert read_by_settings()
    assert heads_of_tables(SETTINGS_PAGE) == read_by_settings()


def test_the_example_environment_lists_the_settings_that_are_read() -> None:
    lines = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", lines, re.MULTILINE)) == read_by_settings()


def test_the_commands_page_has_a_section_for_each_command_of_ours() -> None:
    commands = {name for name, app in get_commands().items() if app in OURS}
    headings = set(re.findall(r"^## `(\w+)", COMMANDS_PAGE.read_text(), re.MULTILINE))
    assert headings == commands


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(BLOCK.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = ROOT / "docs/index.md"
    waiting, reached = [index], set()
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting += [page.parent / link.partition("#")[0] for link in LINK.findall(page.read_text())]
    assert [name_of(page) for page in (ROOT / "docs").rglob("*.md") if page not in reached] == []


def test_every_rule_is_in_the_reference_with_all_its_settings() -> None:
    page = (ROOT / "docs/reference/rules.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*)$", page, re.MULTILINE))
    assert list(RULES) == [name for name in rows if name in RULES]
    for rule in RULES.values():
        named = [one.name for one in settings_of(rule.settings)]
        if rule.name != "expired-deployment":
            assert all(f"`{name}`" in rows[rule.name] for name in named), rule.name


def test_the_states_of_a_sunset_are_explained_as_the_table_has_them() -> None:
    page = (ROOT / "docs/explanation/sunsets.md").read_text()
    told = {
        state: set(re.findall(r"`(\w+)`", follows))
        for state, follows in re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", page, re.MULTILINE)
    }
    assert told == {str(state): set(map(str, to)) for state, to in SUNSET_TRANSITIONS.items()}
