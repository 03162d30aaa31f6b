"""All settings of Sundial, read from the environment."""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext

from lifecycle.gate import KINDS
from platform_ui.env import Env, EnvError, load_dotenv

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")
env = Env()

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise EnvError("SECRET_KEY", "must have at least 32 characters")
# Earlier keys: what they signed still holds; the audit's chain is sealed by the newest.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
if any(len(key) < 32 for key in SECRET_KEY_FALLBACKS):
    raise EnvError("SECRET_KEY_FALLBACKS", "must each have at least 32 characters")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# One folder for everything the embedded default writes.
VAR_DIR = env.folder("VAR_DIR", default=BASE_DIR / "var")
SNAPSHOT_DIR = env.folder("SNAPSHOT_DIR", default=VAR_DIR / "snapshots")
BROKER_DIR = VAR_DIR / "broker" / "messages"
BROKER_CONTROL_DIR = VAR_DIR / "broker" / "control"
for folder in (VAR_DIR, SNAPSHOT_DIR, BROKER_DIR, BROKER_CONTROL_DIR):
    folder.mkdir(parents=True, exist_ok=True)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "lineage",
    "lifecycle",
    "platform_ui.accounts",
    "platform_ui",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "platform_ui.middleware.ContentSecurityPolicyMiddleware",
    "platform_ui.middleware.NoNulMiddleware",
]

ROOT_URLCONF = "platform_ui.urls"
WSGI_APPLICATION = "platform_ui.wsgi.application"
ASGI_APPLICATION = "platform_ui.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "platform_ui.context.frame",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """Connection settings for a database URL; SQLite gets WAL and immediate write locks."""
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    settings["CONN_HEALTH_CHECKS"] = True
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            # A writer takes its lock at BEGIN, so two writers wait instead of deadlocking.
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456"
            ),
        }
    return settings


DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'sundial.sqlite3'}")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = env.folder("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "platform_ui.staticfiles.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "platform_ui.staticfiles.HashedStorage"},
}

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SECURE_COOKIES = env.flag("SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REDIS_URL = env.text("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_CONTROL_DIR),
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "lineage.tasks.*": {"queue": "ingest"},
    "lifecycle.tasks.run_backtests": {"queue": "backtest"},
    # Receivers may be slow: what waits for them keeps nothing else waiting.
    "lifecycle.tasks.send_deliveries": {"queue": "deliver"},
    "lifecycle.tasks.*": {"queue": "sweep"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "platform_ui.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["platform_ui.accounts.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["platform_ui.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "platform_ui.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sundial",
    "DESCRIPTION": "Lineage and lifecycle of versioned modules and deployments.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "GateLevelEnum": ["pass", "warn", "fail"],
        "ExecutorCallStateEnum": "lifecycle.models.ExecutorCall.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "platform_ui.api.schema.say_errors",
        "platform_ui.api.schema.forget_databases",
    ],
}

# Limits of one ingested document, counted after decompression.
INGEST_MAX_BYTES = env.integer("INGEST_MAX_BYTES", default=2 * 1024**3, minimum=1)
INGEST_MAX_DOCUMENT_BYTES = env.integer(
    "INGEST_MAX_DOCUMENT_BYTES", default=256 * 1024**2, minimum=1
)
INGEST_MAX_LINE_BYTES = env.integer("INGEST_MAX_LINE_BYTES", default=4 * 1024**2, minimum=1)
INGEST_MAX_KEPT_ISSUES = env.integer("INGEST_MAX_KEPT_ISSUES", default=10_000, minimum=1)
# From how many deployments on, and over what share of all, a drop in a full inventory is
# taken for blindness of its source.
BLIND_DROP_LEAST = env.integer("BLIND_DROP_LEAST", default=10, minimum=1)
BLIND_DROP_PERCENT = env.integer("BLIND_DROP_PERCENT", default=20)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
# Lifecycle: how long a line goes unused before it is flagged, how long nobody's things wait
# after the operators were told, and how long a sunset can be taken back.
UNUSED_FOR_DAYS = env.integer("UNUSED_FOR_DAYS", default=30)
OWNERLESS_WAIT_DAYS = env.integer("OWNERLESS_WAIT_DAYS", default=7)
RESTORE_FOR_DAYS = env.integer("RESTORE_FOR_DAYS", default=30, minimum=1)
# The pipeline's gate: what it refuses, what it warns of, and what is too far behind.
GATE_FAIL = env.choices("GATE_FAIL", KINDS, default=("sunset", "yanked", "unsatisfiable"))
GATE_WARN = env.choices("GATE_WARN", KINDS, default=("dying", "deprecated", "behind", "unknown"))
GATE_DYING_DAYS = env.integer("GATE_DYING_DAYS", default=14)
GATE_MAX_MAJORS = env.integer("GATE_MAX_MAJORS", default=1)
GATE_MAX_DAYS = env.integer("GATE_MAX_DAYS", default=365)
SNAPSHOTS_KEPT = env.integer("SNAPSHOTS_KEPT", default=3, minimum=2)

# Private hosts and networks that webhooks may reach, and how long a receiver may take.
WEBHOOK_ALLOW_PRIVATE = env.words("WEBHOOK_ALLOW_PRIVATE")
WEBHOOK_TIMEOUT_SECONDS = env.integer("WEBHOOK_TIMEOUT_SECONDS", default=15, minimum=1)
# Executors over a webhook: how many calls are under way at once in a worker, and how often one
# is sent before it is given up.
EXECUTOR_CONCURRENCY = env.integer("EXECUTOR_CONCURRENCY", default=8, minimum=1)
EXECUTOR_ATTEMPTS = env.integer("EXECUTOR_ATTEMPTS", default=20, minimum=1)

# Where people find this site: what messages link to.
SITE_URL = env.text("SITE_URL", "http://localhost:8000")
PEOPLE_DIRECTORY = "platform_ui.accounts.directory.AccountDirectory"
# Mail goes out where a server is named.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", default=25, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Sundial <sundial@localhost>")
# For how many days the log of deliveries shows what ended.
DELIVERY_LOG_DAYS = env.integer("DELIVERY_LOG_DAYS", default=90, minimum=1)
# Chat services that people may name as a target, by their scheme in Apprise.
APPRISE_SERVICES = env.words(
    "APPRISE_SERVICES",
    default=(
        "slack", "msteams", "workflows", "discord", "matrix", "matrixs", "mmost", "mmosts",
        "rocket", "rockets", "gchat", "webex", "zulip", "tgram", "ntfys", "gotifys",
    ),
)  # fmt: skip

LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
