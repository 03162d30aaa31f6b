"""Lets an API request through only with the scope its view asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from platform_ui.accounts.models import ApiToken
from platform_ui.accounts.scopes import ADMIN, READ, scopes_of

if TYPE_CHECKING:
    # Its module imports this one: it is where the default permissions are looked up.
    from rest_framework.views import APIView


def granted_scopes(request: Request) -> frozenset[str]:
    """What this request may do: all its person may, cut to the token's scopes if it has one."""
    held = scopes_of(request.user)
    token = request.auth
    return held & frozenset(token.scopes) if isinstance(token, ApiToken) else held


class HasScope(BasePermission):
    """Asks for ``view.required_scopes[method]``.

    Reading needs ``read`` unless the view says otherwise; writing that the view says
    nothing about needs ``admin``, so a forgotten declaration closes a door.
    """

    message = "This needs a scope you or your token do not have."

    def has_permission(self, request: Request, view: APIView) -> bool:
        declared: Mapping[str, str] = getattr(view, "required_scopes", {})
        default = READ if request.method in SAFE_METHODS else ADMIN
        return declared.get(request.method or "", default) in granted_scopes(request)
