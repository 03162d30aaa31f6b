"""Pages of API lists: what is asked, how it is answered, and how the schema says so."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from lineage.selectors.paging import DEFAULT_SIZE, MAX_SIZE, Slice
from platform_ui.params import end_of_day

LAST_PAGE = 1_000_000


class Query(serializers.Serializer[Any]):
    """The query parameters a view knows."""


class PageQuery(Query):
    """The parameters of every list."""

    page = serializers.IntegerField(min_value=1, max_value=LAST_PAGE, default=1)
    page_size = serializers.IntegerField(
        min_value=1, default=DEFAULT_SIZE, help_text=f"At most {MAX_SIZE}; more is cut to it."
    )


class InstantField(serializers.DateTimeField):
    """An instant; a day alone is its end in UTC, as on the pages."""

    def to_internal_value(self, value: Any) -> datetime:
        return end_of_day(str(value)) or super().to_internal_value(value)


class AsOfField(InstantField):
    """The past instant an answer is wanted of."""

    def __init__(self, **kwargs: Any) -> None:
        words = "The answer as of this past instant, or of the end of this day in UTC."
        super().__init__(**{"required": False, "help_text": words, **kwargs})


def asked(request: Request, kind: type[Query]) -> dict[str, Any]:
    """The query parameters, checked; ``page`` and ``size`` as selectors want them.

    Raises ValidationError on a wrong value, on a parameter the view does not know and
    on one given twice: one silently ignored would give an answer to another question.
    """
    query = kind(data=request.query_params)
    wrong = {}
    for name, given in request.query_params.lists():
        if name not in query.fields:
            wrong[name] = ["There is no such parameter here."]
        elif len(given) > 1:
            wrong[name] = ["This parameter is given more than once."]
    if wrong:
        raise ValidationError(wrong)
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(query.validated_data)
    if "page_size" in values:
        values["size"] = min(values.pop("page_size"), MAX_SIZE)
    return values


def stated(request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The body, checked; raises ValidationError on it and on any query parameter."""
    asked(request, Query)
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def page_response(
    request: Request, part: Slice[Any], shape: type[serializers.Serializer[Any]], **totals: object
) -> Response:
    """A selector's page as ``{count, page, page_size, next, previous, …totals, results}``.

    A page past the last one is 404, the first page of an empty list is not.
    """
    last = max(1, -(-part.total // part.size))
    if part.page > last:
        raise NotFound(f"There is no page {part.page}; the last is {last}.")
    url = request.build_absolute_uri()
    earlier = remove_query_param(url, "page") if part.page == 2 else None
    return Response(
        {
            "count": part.total,
            "page": part.page,
            "page_size": part.size,
            "next": replace_query_param(url, "page", part.page + 1) if part.page < last else None,
            "previous": (earlier or replace_query_param(url, "page", part.page - 1))
            if part.page > 1
            else None,
            **totals,
            "results": shape(part.rows, many=True).data,
        }
    )


def page_of(
    shape: type[serializers.Serializer[Any]], **totals: "serializers.Field[Any, Any, Any, Any]"
) -> "serializers.Serializer[Any]":
    """The schema of a page of these."""
    return inline_serializer(
        name=f"{shape.__name__.removesuffix('Shape')}Page",
        fields={
            "count": serializers.IntegerField(),
            "page": serializers.IntegerField(),
            "page_size": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            **totals,
            "results": shape(many=True),
        },
    )


def either(name: str, *shapes: "serializers.Serializer[Any]") -> PolymorphicProxySerializer:
    """The schema of an answer that takes one of several shapes."""
    return PolymorphicProxySerializer(name, list(shapes), resource_type_field_name=None)
