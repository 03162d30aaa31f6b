"""Finds Plotly's bundle inside the installed package, hashes and collects the static files."""

import hashlib
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, get_finders
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)

FINGERPRINT = ".collected-from"
BUNDLE = "plotly.min.js"
PREFIX = "plotly"


def plotly_folder() -> Path:
    """Where the plotly package keeps its browser bundle; the package is not imported."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("plotly is not installed")
    return Path(spec.submodule_search_locations[0]) / "package_data"


class PlotlyFinder(BaseFinder):
    """Serves plotly/plotly.min.js and nothing else of the package."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [str(plotly_folder() / BUNDLE)] if path == f"{PREFIX}/{BUNDLE}" else []
        return found if find_all else (found[0] if found else None)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        storage: Any = FileSystemStorage(location=plotly_folder())
        storage.prefix = PREFIX
        yield BUNDLE, storage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage, with the hashed names also in the imports of our own scripts.

    Packages' scripts are left alone: what looks like an import in one need not be one.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )


def collect_if_changed() -> bool:
    """Run collectstatic unless the files are those of the last time: compressing takes seconds.

    Returns whether it ran.
    """
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    kept = Path(settings.STATIC_ROOT) / FINGERPRINT
    if kept.is_file() and kept.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    kept.write_text(digest.hexdigest())
    return True
