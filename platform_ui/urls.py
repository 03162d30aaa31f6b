"""HTML routes."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path

from platform_ui.views import account, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.MetricsView.as_view(), name="metrics"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/tokens/<int:pk>/revoke/", account.revoke, name="revoke_token"),
    path("account/theme/", account.theme, name="theme"),
    path("admin/", admin.site.urls),
    path("api/", include("platform_ui.api.urls")),
    path("feeds/", include("platform_ui.feeds.urls")),
    path("", include("platform_ui.page_urls")),
]

handler403 = "platform_ui.views.errors.forbidden"
handler404 = "platform_ui.views.errors.missing"
handler500 = "platform_ui.views.errors.failed"
