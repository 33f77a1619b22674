# Everything one does with a checkout. Each command installs what it needs by itself, into the checkout.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
STAGE := tools/stage
SOURCES := libs services gateway tests tools

.PHONY: help run test test-all check check-python check-web test-python test-web test-journey bench chaos engines setup docs

help:
	@grep -E '^## ' $(MAKEFILE_LIST) | sed 's/^## //'

## make run      start Rapport on this machine and print where to open it
run: .venv/ready web/dist/index.html
	@.venv/bin/rapport up

# Python tests: the slow ones of the host begin first, and whoever has none left takes from the other process
## make test     all tests: Python, console, the journey in a browser, the short form of the chaos tests
test: setup
	@$(STAGE) "a PostgreSQL" tools/postgresql
	@$(STAGE) "python tests" $(PY) -m pytest -q -n 2 --dist worksteal libs/host libs services gateway tests/contract tests/deploy
	@$(STAGE) "console tests" tools/npm test --silent
	@$(STAGE) "a browser" tools/chromium
	@$(STAGE) "reliability, short form, and journeys in a browser" $(PY) -m pytest -q -n 2 --dist worksteal tests/chaos tests/e2e
	@ENGINES=real $(STAGE) "the same on the real engines" $(PY) -m pytest -q tests/e2e/test_journey.py
	@$(STAGE) --report

## make test-all the longer matrix: as test, then everything of it on the real engines, then the long forms
test-all: check test
	@ENGINES=real $(STAGE) "host, gateway and contract on the real engines" $(PY) -m pytest -q -n 2 --dist worksteal libs/host gateway tests/contract
	@for service in services/*; do ENGINES=real $(STAGE) "$$service on the real engines" $(PY) -m pytest -q $$service/tests; done
	@ENGINES=real $(STAGE) "reliability, short form, on the real engines" $(PY) -m pytest -q tests/chaos
	@ENGINES=real $(STAGE) "journeys in a browser, on the real engines" $(PY) -m pytest -q tests/e2e
	@$(STAGE) --report
	@$(MAKE) chaos

## make check    format, lint, types, import borders, the console's checks, generated documents
check: check-python check-web

check-python: .venv/ready
	@$(STAGE) "format" .venv/bin/ruff format --check -q $(SOURCES)
	@$(STAGE) "lint" .venv/bin/ruff check -q $(SOURCES)
	@$(STAGE) "house rules" $(PY) tools/house_rules.py
	@$(STAGE) "import borders" .venv/bin/lint-imports --no-cache
	@$(STAGE) "compose and manifests" $(PY) tools/manifests.py
	@$(STAGE) "types" .venv/bin/mypy $(wildcard libs/*/src services/*/src gateway/src)

check-web: web/node_modules/.ready
	@$(STAGE) "console checks" tools/npm run --silent check

## make bench    the benchmarks of docs/benchmarks.md (ROWS="P1 P3" for some)
bench: setup
	@tools/nginx
	@$(PY) -m tests.benchmarks $(ROWS)

## make chaos    the reliability tests of docs/reliability.md in their long form
chaos: setup
	@RAPPORT_CHAOS=long $(PY) -m pytest -q -s --timeout 3600 tests/chaos services/logging/tests/test_any_order.py services/import/tests/test_bad_files.py tests/contract/test_rights.py

## make docs     generate what is generated: schemas, AsyncAPI, OpenAPI, the console's types of it
docs: .venv/ready
	@$(PY) tools/schemas.py
	@$(PY) tools/openapi.py
	@.venv/bin/node web/tools/api-types.ts

## make engines  start the real engines of the tests (ONLY="kafka" for one), say where they are, run until stopped
engines: .venv/ready
	@tools/postgresql
	@$(PY) -m rapport_testkit.engines up $(ONLY)

setup: .venv/ready web/dist/index.html

.venv/ready: uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml gateway/pyproject.toml)
	@$(STAGE) "install python packages" tools/uv sync --all-packages --frozen --compile-bytecode -q
	@touch $@

web/node_modules/.ready: .venv/ready web/package-lock.json
	@$(STAGE) "install console packages" tools/npm ci --silent
	@touch $@

web/dist/index.html: web/node_modules/.ready $(shell find web/src web/public web/*.html web/*.ts web/package.json -type f 2>/dev/null)
	@$(STAGE) "build the console" tools/npm run --silent build
	@touch $@
