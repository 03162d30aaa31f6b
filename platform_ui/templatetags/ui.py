"""The components: template tags and filters that every page is built from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from platform_ui import filters as controls
from platform_ui import formats
from platform_ui.navigation import route_url
from platform_ui.states import look_of

register = template.Library()

register.filter("number", formats.number)
register.filter("counted", formats.counted)
register.filter("percent", formats.percent)
register.filter("duration", formats.duration)
register.filter("breakable", formats.breakable)
register.filter("words", formats.words)


def _params(context: template.Context) -> QueryDict:
    request = context.get("request")
    return request.GET if request is not None else QueryDict()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, without meaning of its own: put a word beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag
def mark(name: str) -> SafeString:
    """The shape of a state; put the word beside it."""
    return format_html('<svg class="mark" aria-hidden="true"><use href="#m-{}"></use></svg>', name)


@register.inclusion_tag("components/state.html")
def state(name: str, word: str = "", note: str = "", *, quiet: bool = False) -> dict[str, Any]:
    """A state as mark, word and colour; quiet hides the word from eyes, not from ears."""
    look = look_of(str(name))
    return {"look": look, "word": word or look.word, "note": note, "quiet": quiet}


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """This address's query string with some parameters changed; None drops one."""
    return controls.query_string(_params(context), **changes)


@register.simple_tag(takes_context=True)
def when(context: template.Context, instant: datetime | None, style: str = "ago") -> str:
    """An instant, relative or as a day, with the exact one on hover."""
    if instant is None:
        return "–"
    now = context["now"]
    shown = formats.day(instant, now) if style == "day" else formats.ago(instant, now)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(),
        formats.exact(instant),
        shown,
    )


@register.inclusion_tag("components/named_link.html")
def module_link(module: Any, tab: str = "", *, plain: bool = False) -> dict[str, Any]:
    """A link to a module's page; takes anything with ``ecosystem`` and ``name``."""
    url = route_url("module", module.ecosystem, module.name)
    url = f"{url}?tab={tab}" if url and tab else url
    return {"url": url, "text": module.name, "css": "plain wrap" if plain else "name"}


@register.inclusion_tag("components/named_link.html")
def version_link(module: Any, version: Any) -> dict[str, Any]:
    """A link to a version's page; takes a module and a version, text or row."""
    text = str(getattr(version, "version", version))
    url = route_url("version", module.ecosystem, module.name, text)
    return {"url": url, "text": text, "css": "plain v"}


@register.simple_tag
def code_range(expression: str | None) -> SafeString:
    """A declared range as code; nothing declared is a dash."""
    if not expression:
        return format_html('<span class="faint">{}</span>', "–")
    return format_html('<code class="v wrap">{}</code>', expression)


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context,
    key: str,
    label: str,
    *,
    css: str = "",
    first: str = "ascending",
    target: str = "#results",
) -> dict[str, Any]:
    """A column header that sorts by ``key``, then the other way round; keeps the filters."""
    params = _params(context)
    current = params.get("sort", "") or str(context.get("sort", ""))
    opposite = {key: f"-{key}", f"-{key}": key}
    wanted = opposite.get(current, key if first == "ascending" else f"-{key}")
    directions = {key: "ascending", f"-{key}": "descending"}
    url = controls.query_string(params, sort=wanted, page=None)
    return {
        "url": url,
        "label": label,
        "css": css,
        "target": target,
        "direction": directions.get(current, ""),
    }


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(
    context: template.Context, rows: Any, noun: str = "", target: str = "#results"
) -> dict[str, Any]:
    """Which rows are shown of how many, and the way to the others; takes a Slice or a Page."""
    is_page = isinstance(rows, Page)
    page = rows.number if is_page else rows.page
    size = rows.paginator.per_page if is_page else rows.size
    total = rows.paginator.count if is_page else rows.total
    last = max(1, -(-total // size))
    params = _params(context)
    first_row = (page - 1) * size + 1
    return {
        "first": first_row,
        "last": min(page * size, total),
        "total": total,
        "noun": noun,
        "target": target,
        "is_paged": total > size or page > 1,
        "previous": controls.query_string(params, page=min(page - 1, last)) if page > 1 else "",
        "next": controls.query_string(params, page=page + 1) if page < last else "",
    }


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(
    context: template.Context, filters: Sequence[controls.Filter], target: str = "#results"
) -> dict[str, Any]:
    """A GET form of filters, and a removable chip for each that is on."""
    params = _params(context)
    chosen = controls.chips(filters, params)
    nothing = {item.name: None for item in filters} | {"page": None}
    return {
        "controls": controls.controls(filters, params),
        "carried": controls.carried(filters, params),
        "chips": chosen,
        "clear": controls.query_string(params, **nothing) if len(chosen) > 1 else "",
        "target": target,
        "path": context["request"].path,
    }


@register.inclusion_tag("components/empty.html")
def empty(title: str, hint: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    """A list without rows: a sentence, and what would fill it."""
    return {"title": title, "hint": hint, "url": url, "action": action}


@register.inclusion_tag("components/stat.html")
def stat(value: Any, label: str, url: str = "", before: str = "") -> dict[str, Any]:
    """A figure with its word, linked to the list it counts; an item of ul.facts.

    The label may be two words, ``one|many``.
    """
    shown = value if isinstance(value, str) else formats.number(value)
    one, _, many = label.partition("|")
    word = many if many and value != 1 else one
    return {"value": shown, "label": word, "url": url, "before": before}


@register.inclusion_tag("components/share_bar.html")
def share_bar(prod: int, preprod: int, total: int) -> dict[str, Any]:
    """Production and preproduction as parts of a total, drawn by attributes."""
    whole = max(total, prod + preprod, 1)
    first = round(100 * prod / whole, 1)
    return {"first": first, "second": round(100 * preprod / whole, 1)}


@register.simple_tag
def spark(values: Sequence[int]) -> SafeString:
    """A small line of figures, oldest first; decoration, its table is elsewhere."""
    if len(values) < 2:
        return SafeString("")
    top, step = max(*values, 1), 96 / (len(values) - 1)
    points = [
        (round(at * step, 1), round(19 - 18 * value / top, 1)) for at, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    return format_html(
        '<svg class="spark" viewBox="0 0 96 20" aria-hidden="true">'
        '<line x1="0" y1="19.5" x2="96" y2="19.5"></line><polyline points="{}"></polyline>'
        '<circle cx="{}" cy="{}" r="1.75"></circle></svg>',
        line,
        *points[-1],
    )


@register.inclusion_tag("components/tabs.html")
def tabs(items: Sequence[Any], current: str, label: str) -> dict[str, Any]:
    """The parts of a page; items have ``key``, ``label``, ``url`` and maybe ``count``."""
    return {"items": items, "current": current, "label": label}


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Sequence[Any]) -> dict[str, Any]:
    """A way in steps; each has ``label``, ``note`` and ``state``.

    States: done, current, running, failed, undone (restored or cancelled), todo.
    """
    return {"steps": steps}


@register.inclusion_tag("components/blockers.html")
def blockers(items: Sequence[Any]) -> dict[str, Any]:
    """What stands in the way, one line each: ``kind``, ``name``, ``detail``, maybe ``owner``.

    One that names a module and a version is linked to it.
    """
    rows = [
        {
            "kind": item.kind,
            "name": item.name,
            "detail": item.detail,
            "owner": getattr(item, "owner", ""),
            "url": _url_of(item),
        }
        for item in items
    ]
    return {"rows": rows}


def _url_of(blocker: Any) -> str:
    module, version = getattr(blocker, "module", ""), getattr(blocker, "version", "")
    if not module or not version:
        return ""
    return route_url("version", blocker.ecosystem, module, version)


@register.inclusion_tag("components/action_button.html", takes_context=True)
def action_button(
    context: template.Context,
    url: str,
    label: str,
    *,
    hidden: Mapping[str, object] | None = None,
    kind: str = "",
    about: str = "",
) -> dict[str, Any]:
    """A form of one button that posts; kind is main, row, bare or danger, several by spaces."""
    css = " ".join(["button", *(f"button--{word}" for word in kind.split())])
    return {
        "url": url,
        "label": label,
        "css": css,
        "about": about,
        "hidden": (hidden or {}).items(),
        "csrf_token": context.get("csrf_token", ""),
    }
