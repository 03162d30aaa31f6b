"""Pages of API lists: counted, ordered and capped."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

DEFAULT_SIZE = 50
MAX_SIZE = 200


class SliceLike(Protocol):
    """One page of rows as selectors return it, with the complete count."""

    @property
    def rows(self) -> Sequence[Any]: ...
    @property
    def total(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def size(self) -> int: ...


class UnorderedList(TypeError):
    """A queryset without an order was to be paged; its pages would overlap."""


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text[:10]) < 1:
        raise ValidationError({name: ["Must be a whole number from 1."]})
    return int(text[:10])


def page_and_size(request: Request) -> tuple[int, int]:
    """The asked-for page and its size, at most 200; raises ValidationError on nonsense."""
    size = min(_positive(request, "page_size", DEFAULT_SIZE), MAX_SIZE)
    return _positive(request, "page", 1), size


def page_response(request: Request, part: SliceLike, results: Iterable[Any]) -> Response:
    """A selector's page as ``{count, page, page_size, next, previous, results}``.

    A page past the last one is 404, the first page of an empty list is not.
    """
    last = max(1, -(-part.total // part.size))
    if part.page > last:
        raise NotFound(f"There is no page {part.page}; the last is {last}.")
    url = request.build_absolute_uri()
    previous = replace_query_param(url, "page", part.page - 1)
    return Response(
        {
            "count": part.total,
            "page": part.page,
            "page_size": part.size,
            "next": replace_query_param(url, "page", part.page + 1) if part.page < last else None,
            "previous": None
            if part.page == 1
            else (previous if part.page > 2 else remove_query_param(url, "page")),
            "results": list(results),
        }
    )


class _Part:
    """The present page of a queryset."""

    def __init__(self, rows: Sequence[Any], total: int, page: int, size: int) -> None:
        self.rows, self.total, self.page, self.size = rows, total, page, size


class CountedPagination(BasePagination):
    """Pages an ordered queryset; refuses one without an order."""

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        if not isinstance(queryset, QuerySet):
            raise TypeError("Rows that are not a queryset are paged by page_response.")
        if not queryset.ordered:
            raise UnorderedList(f"{queryset.model.__name__} is paged without an order.")
        page, size = page_and_size(request)
        start = (page - 1) * size
        total = queryset.count()
        rows = list(queryset[start : start + size]) if start < total else []
        self._request = request
        self._part = _Part(rows, total, page, size)
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return page_response(self._request, self._part, data)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = {"type": "integer"}
        address = {"type": "string", "format": "uri", "nullable": True}
        fields = {
            "count": whole,
            "page": whole,
            "page_size": whole,
            "next": address,
            "previous": address,
            "results": schema,
        }
        return {"type": "object", "required": list(fields), "properties": fields}

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": words,
                "schema": {"type": "integer", "minimum": 1},
            }
            for name, words in (
                ("page", "Which page, from 1."),
                ("page_size", f"Rows a page, {DEFAULT_SIZE} unless said, at most {MAX_SIZE}."),
            )
        ]
