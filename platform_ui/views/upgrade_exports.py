"""The rows of the upgrades page as files: the same question, every row, one shape."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from lifecycle.selectors.upgrades import first_upgrades
from lineage.selectors.upgrades import UpgradeRow, Upgrades
from platform_ui.api.upgrade_shapes import UpgradeShape
from platform_ui.upgrade_questions import question_of

R = TypeVar("R", bound=HttpResponseBase)
MOST = 20_000
COLUMNS = (
    "consumer_ecosystem", "consumer", "version", "owner", "dependency_ecosystem", "dependency",
    "declared", "runs", "current", "newest", "status", "dies_at", "moves", "target", "change",
    "distance", "days_behind", "live_prod", "live_preprod", "snoozed_until", "snoozed_because",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def upgrades_json(request: HttpRequest) -> HttpResponse:
    """Every row, in the shape of the API."""
    found = _asked(request)
    shaped = UpgradeShape(found.rows, many=True).data
    response = JsonResponse({"count": found.total, "shown": len(found.rows), "results": shaped})
    return _named(response, "json")


def upgrades_csv(request: HttpRequest) -> HttpResponseBase:
    """Every row as a line; what a spreadsheet would run has an apostrophe before it."""
    lines = _lines(_asked(request).rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return _named(response, "csv")


def _asked(request: HttpRequest) -> Upgrades:
    question = question_of(request)
    return first_upgrades(question.filter, now=timezone.now(), snoozed=question.snoozed, most=MOST)


def _named(response: R, kind: str) -> R:
    response.headers["Content-Disposition"] = f'attachment; filename="upgrades.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _lines(rows: Sequence[UpgradeRow]) -> Iterator[str]:
    yield _line(COLUMNS)
    for start in range(0, len(rows), 500):
        for shaped in UpgradeShape(rows[start : start + 500], many=True).data:
            yield _line(_cells(shaped))


def _cells(row: dict[str, Any]) -> list[str]:
    deprecation, snooze = row["deprecation"] or {}, row["snooze"] or {}
    flat = {
        **row,
        "consumer_ecosystem": row["consumer"]["ecosystem"],
        "consumer": row["consumer"]["name"],
        "dependency_ecosystem": row["dependency"]["ecosystem"],
        "dependency": row["dependency"]["name"],
        "runs": " ".join(row["runs"]),
        "dies_at": deprecation.get("sunset_at"),
        "snoozed_until": snooze.get("until"),
        "snoozed_because": snooze.get("reason"),
    }
    return ["" if flat[name] is None else str(flat[name]) for name in COLUMNS]


def _line(cells: Sequence[str]) -> str:
    held = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
    csv.writer(held).writerow(safe)
    return held.getvalue()
