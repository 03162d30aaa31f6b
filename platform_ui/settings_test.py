"""Settings that only make tests fast and safe."""

import os
import tempfile
from pathlib import Path

# The suite never writes into a developer's own folder or database.
os.environ["SECRET_KEY"] = "a-key-for-the-test-suite-and-nothing-else"
os.environ["VAR_DIR"] = os.environ.get("SUNDIAL_TEST_VAR_DIR") or tempfile.mkdtemp(
    prefix="sundial-test-"
)
# Set, not left out: a developer's .env must not decide where tests write.
os.environ["DATABASE_URL"] = (
    os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{os.environ['VAR_DIR']}/sundial.sqlite3"
)
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
# Whitenoise warns about a folder that is not there, and a warning is an error here.
os.environ["STATIC_ROOT"] = str(Path(os.environ["VAR_DIR"]) / "static")
Path(os.environ["STATIC_ROOT"]).mkdir(parents=True, exist_ok=True)

from platform_ui.settings import *  # noqa: E402, F403
from platform_ui.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests run a real worker and real concurrent connections against it.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(VAR_DIR) / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
LOG_LEVEL = "WARNING"
