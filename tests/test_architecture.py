"""Who may import whom: platform_ui → lifecycle → lineage, and pure packages know no Django."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("lineage", "lifecycle", "platform_ui")

# An app may import itself and what stands before it.
ALLOWED_APPS = {
    "lineage": {"lineage"},
    "lifecycle": {"lineage", "lifecycle"},
    "platform_ui": {"lineage", "lifecycle", "platform_ui"},
}
PURE = (
    "lineage.versioning",
    "lineage.graph",
    "lineage.history",
    "lineage.resolution",
    "lineage.ingest.parsers",
    "lineage.ingest.records",
    "lineage.ingest.values",
    "lineage.simulation",
    "lineage.ingest.json_scan",
    "lineage.blindness",
    "lineage.cadence",
    "lineage.lines",
    "lineage.naming",
    "lineage.projection",
    "lineage.exceptions",
    "lifecycle.policies",
    "lifecycle.burndown",
    "lifecycle.chain",
    "lifecycle.extension",
    "lifecycle.rules",
    "lifecycle.backtest",
    "lifecycle.backoff",
    "lifecycle.executors.base",
    "lifecycle.exceptions",
    "lifecycle.gate",
    "lineage.ingest.document",
    "lineage.ingest.manifest",
    "lineage.ingest.stream",
    "lineage.purls",
    "lifecycle.events",
    "lifecycle.schedule",
)
IMPURE = ("django", "rest_framework", "celery", "redis", "psycopg")
# Inside an app: each layer may import only those named after it, and pure packages.
LAYERS = ("models", "services", "selectors", "tasks", "management", "api", "admin")
BELOW = {
    "models": {"models"},
    "services": {"models", "services", "selectors"},
    "selectors": {"models", "services", "selectors"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                name = ".".join(part for part in parts if part != "__init__")
                yield name, ast.parse(path.read_text(), filename=str(path))


def imports(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node


MODULES = list(modules())


def test_no_app_imports_one_above_it() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, tree in MODULES
        for target, _ in imports(tree)
        if target.split(".")[0] in APPS
        and target.split(".")[0] not in ALLOWED_APPS[name.split(".")[0]]
    ]
    assert wrong == []


def test_pure_packages_import_no_framework_and_nothing_impure_of_ours() -> None:
    wrong = []
    for name, tree in MODULES:
        if not name.startswith(PURE):
            continue
        for target, _ in imports(tree):
            is_framework = target.split(".")[0] in IMPURE
            is_ours = target.split(".")[0] in APPS
            if is_framework or (is_ours and not target.startswith(PURE)):
                wrong.append(f"{name} imports {target}")
    assert wrong == []


@pytest.mark.parametrize("layer", sorted(BELOW))
def test_a_layer_imports_no_layer_above_it(layer: str) -> None:
    wrong = []
    for name, tree in MODULES:
        parts = name.split(".")
        if len(parts) < 2 or parts[1] != layer or parts[0] == "platform_ui":
            continue
        for target, _ in imports(tree):
            above = target.split(".")
            is_layer = above[0] in APPS and len(above) > 1 and above[1] in LAYERS
            if is_layer and above[1] not in BELOW[layer]:
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def test_imports_stand_at_the_top_and_name_what_they_take() -> None:
    wrong = []
    for name, tree in MODULES:
        typing = [node for node in tree.body if isinstance(node, ast.If)]
        top = {id(node) for block in (tree, *typing) for node in block.body}
        for target, node in imports(tree):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                if name != "platform_ui.settings_test":
                    wrong.append(f"{name} imports * from {target}")
            elif target.startswith("."):
                wrong.append(f"{name}:{node.lineno} imports {target} by a relative name")
            elif id(node) not in top:
                wrong.append(f"{name}:{node.lineno} imports {target} inside a block")
    assert wrong == []


def test_every_module_says_what_it_owns() -> None:
    silent = [name for name, tree in MODULES if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_modules_stay_small() -> None:
    long = {
        name: tree.body[-1].end_lineno
        for name, tree in MODULES
        if tree.body and (tree.body[-1].end_lineno or 0) > 350
    }
    assert long == {}
