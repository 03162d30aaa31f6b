"""The sunset calendar: a month of what goes, went, dies and runs out."""

import calendar as months
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from lifecycle.selectors.calendar import Day, Entry, EntryKind, calendar
from lifecycle.selectors.reclaimed import reclaimed, reclaimed_by_week
from platform_ui.charts import reclaimed_figure
from platform_ui.navigation import route_url
from platform_ui.params import text_of

WEEK = 7
MOST_SHOWN = 4  # a day's entries before the rest is folded
FIRST, LAST = date(1970, 1, 1), date(9998, 12, 1)
LOOKS = {
    EntryKind.GOES: ("grace", "goes"),
    EntryKind.DIES: ("dying", "dies"),
    EntryKind.DEADLINE: ("dying", "is to be drained"),
    EntryKind.WENT: ("sunset", "went"),
    EntryKind.RESTORABLE: ("restored", "restorable until"),
    EntryKind.EXEMPTION: ("exempt", "exemption ends"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is drawn."""

    state: str
    word: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day as it is drawn; ``folded`` are the entries past MOST_SHOWN."""

    day: date
    shown: list[Shown]
    folded: list[Shown]
    expiring: int
    is_outside: bool
    is_today: bool
    is_past: bool

    @property
    def is_empty(self) -> bool:
        return not self.shown and not self.expiring


def sunset_calendar(request: HttpRequest) -> HttpResponse:
    """One month, whole weeks; ``month`` is YYYY-MM, this month by default."""
    now = timezone.now()
    month = _month_of(text_of(request.GET, "month"), now)
    first = month - timedelta(days=month.weekday())
    length = months.monthrange(month.year, month.month)[1]
    last = month + timedelta(days=length - 1)
    last += timedelta(days=WEEK - 1 - last.weekday())
    today = now.astimezone(UTC).date()
    cells = [_cell(day, month, today) for day in calendar(first, last)]
    inside = [cell for cell in cells if not cell.is_outside]
    context = {
        "month": month,
        "cells": cells,
        "is_empty": all(cell.is_empty for cell in inside),
        "previous": _address(month - timedelta(days=1)),
        "next": _address(month + timedelta(days=length)),
        "now": now,
    }
    return render(request, "sunsets/calendar.html", context)


def reclaimed_page(request: HttpRequest) -> HttpResponse:
    """What went so far and stayed gone."""
    now = timezone.now()
    weeks = reclaimed_by_week(now=now)
    context = {
        "total": reclaimed(now=now),
        "weeks": weeks,
        "figure": reclaimed_figure(weeks),
        "now": now,
    }
    return render(request, "sunsets/reclaimed.html", context)


def _cell(day: Day, month: date, today: date) -> Cell:
    entries = [_shown(entry) for entry in day.entries]
    return Cell(
        day=day.day,
        shown=entries[:MOST_SHOWN],
        folded=entries[MOST_SHOWN:],
        expiring=day.expiring,
        is_outside=(day.day.year, day.day.month) != (month.year, month.month),
        is_today=day.day == today,
        is_past=day.day < today,
    )


def _shown(entry: Entry) -> Shown:
    state, word = LOOKS[entry.kind]
    return Shown(state, word, entry.title, _entry_url(entry))


def _entry_url(entry: Entry) -> str:
    """Where an entry leads; empty where there is no such page."""
    if entry.sunset is not None:
        return route_url("sunset", entry.sunset.pk)
    if entry.campaign is not None:
        return route_url("campaign", entry.campaign.pk)
    if entry.module is not None:
        return route_url("module", entry.module.ecosystem, entry.module.name)
    return route_url("exemptions")


def _month_of(text: str, now: datetime) -> date:
    try:
        month = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        month = now.astimezone(UTC).date().replace(day=1)
    return min(max(month, FIRST), LAST)


def _address(within: date) -> str:
    return f"{reverse('sunset_calendar')}?month={within:%Y-%m}"
