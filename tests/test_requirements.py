"""What runs Sundial is installed by requirements.txt alone, without the tools of development."""

import ast
import re
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = {"lineage", "lifecycle", "platform_ui"}
NAME = re.compile(r"[A-Za-z0-9._-]+")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_by(path: Path) -> set[str]:
    """The distributions a requirements file names, and all that they need in turn."""
    lines = path.read_text().splitlines()
    waiting = [match[0] for line in lines if (match := NAME.match(line))]
    found: set[str] = set()
    while waiting:
        name = canonical(waiting.pop())
        if name in found:
            continue
        found.add(name)
        try:
            stated = requires(name) or []
        except PackageNotFoundError:
            continue  # needed elsewhere, by another Python or system
        waiting += [
            match[0] for need in stated if "extra ==" not in need and (match := NAME.match(need))
        ]
    return found


def imported() -> dict[str, str]:
    """Top-level package -> one file that imports it; standard library and ours left out."""
    found: dict[str, str] = {}
    for app in sorted(OURS):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                for name in names:
                    found.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    return {
        name: path for name, path in found.items() if name not in OURS | sys.stdlib_module_names
    }


def test_whatever_the_apps_import_is_installed_by_requirements_txt() -> None:
    distributions = packages_distributions()
    installed = installed_by(ROOT / "requirements.txt")
    missing = {
        name: path
        for name, path in imported().items()
        if not {canonical(owner) for owner in distributions.get(name, [])} & installed
    }
    assert missing == {}
