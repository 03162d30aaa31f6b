# Everything a newcomer types: `make demo` runs Sundial, `make test` proves it.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
TEST_DATABASE_URL ?= postgresql://postgres@127.0.0.1:5432/sundial
TEST_REDIS_URL ?= redis://127.0.0.1:6379/15
PYTEST ?= -n auto
# Real data, where it lies beside the project; else the bench simulates all it needs.
DATA := ../shared/data
BENCH ?= $(if $(wildcard $(DATA)),--registry $(DATA)/registry/julia-full.ndjson.gz --sbom $(DATA)/sboms/juice-shop.cdx.json.gz)
# A database that make bench may drop, such as postgresql://postgres@127.0.0.1:5432/sundial_bench.
BENCH_POSTGRESQL ?=

.PHONY: help demo test test-services check bench openapi format
.DEFAULT_GOAL := help

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.run .env ## run Sundial with a simulated platform on PORT (8000)
	@exec $(BIN)/python manage.py demo --port $(PORT)

test: $(VENV)/.dev ## the whole suite on SQLite and the embedded broker
	$(BIN)/pytest $(PYTEST)

test-services: $(VENV)/.dev ## the same suite on PostgreSQL and Redis
	TEST_DATABASE_URL=$(TEST_DATABASE_URL) TEST_REDIS_URL=$(TEST_REDIS_URL) $(BIN)/pytest $(PYTEST)

check: $(VENV)/.dev ## format, lint, types, system checks, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	DJANGO_SETTINGS_MODULE=platform_ui.settings_test $(BIN)/python manage.py check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=platform_ui.settings_test $(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/.dev .env ## the main figures beside their limits
	$(BIN)/python manage.py bench $(BENCH) --compare 500 --scale 1,4,16 --extremes --burst --markdown docs/reference/performance.md \
		$(if $(BENCH_POSTGRESQL),--postgresql $(BENCH_POSTGRESQL))

openapi: $(VENV)/.dev ## write docs/reference/openapi.yaml anew
	DJANGO_SETTINGS_MODULE=platform_ui.settings_test $(BIN)/python manage.py spectacular \
		--validate --fail-on-warn --file docs/reference/openapi.yaml

format: $(VENV)/.dev ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/.run: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

.env:
	@$(PYTHON) -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(48))" > $@
	@chmod 600 $@
	@echo "wrote .env with a new SECRET_KEY"
