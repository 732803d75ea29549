# Every command a contributor or an operator needs. `make help` lists them. A machine needs Python 3.11 or newer, nothing else:
# `make run` and `make test` make the environment and install what is missing (tools/setup.sh).

PORT ?= 8000
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
export PYTHON

APPS := ledger jobs brands regimes accounts catalogue consents profiles requests guardians notifications propagation clients
COVERED := COVERAGE_PROCESS_START=pyproject.toml
GATE := GATE=$(CURDIR)/.gate
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run demo test test-long check fix bench pictures lock messages setup setup-dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:
	@tools/setup.sh run

setup-dev:
	@tools/setup.sh dev

run: setup ## the center with its demo brands and people, on http://linden.localhost:8000/ (another port: make run PORT=8001)
	@DEBUG=1 DEMO=1 $(BIN)/python manage.py up --bind 127.0.0.1:$(PORT)

demo: setup ## the demo's data afresh
	@DEBUG=1 DEMO=1 PORT=$(PORT) $(BIN)/python manage.py demo --reset

test: setup-dev ## every test on PostgreSQL; ledger, jobs, consents, guardians and one journey on SQLite too
	@rm -rf .gate
	$(GATE) $(PYTEST) -m "not long" $(APPS)
	$(GATE) $(PYTEST) -m "not long" --sqlite ledger jobs accounts/tests/test_numbers.py consents guardians \
		preference_center/tests/journeys/test_main_job.py
	@$(BIN)/python -m tools.gate .gate
	$(PYTEST) -m "not long" preference_center

test-long: setup-dev ## everything on both databases, with kills, races and every accessibility combination
	@rm -f .coverage .coverage.*
	$(COVERED) $(PYTEST)
	$(COVERED) $(PYTEST) --sqlite
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --format=total | sed 's/$$/ % of all lines and branches/'

check: setup-dev ## style, types, layers, templates, migrations, translations, the table of the law
	@$(MAKE) --no-print-directory -j2 --output-sync=target check-types check-rest

.PHONY: check-types check-rest
check-types:
	$(BIN)/mypy

check-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=.:requests $(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/djade --check $$(find templates -name '*.html')
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python tools/law.py docs/law.md
	$(BIN)/python tools/messages.py --check

fix: setup-dev ## puts style and templates right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade $$(find templates -name '*.html')

bench: setup-dev ## one table of figures, each beside its baseline
	@$(BIN)/python -m benchmarks

pictures: setup-dev ## takes the pictures of the README and the guides from the running demo (some: make pictures ONLY=question)
	@$(BIN)/python -m tools.pictures $(ONLY)

lock: setup-dev ## pins and hashes what the requirements' .in files ask for
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip compile requirements-uv.in --generate-hashes --universal --python-version 3.11 -o requirements-uv.txt
	$(BIN)/uv pip compile requirements.in --generate-hashes --universal --python-version 3.11 -o requirements.txt
	$(BIN)/uv pip compile requirements-esp.in --generate-hashes --universal --python-version 3.11 -o requirements-esp.txt
	$(BIN)/uv pip compile requirements-dev.in --generate-hashes --universal --python-version 3.11 -o requirements-dev.txt

messages: setup-dev ## collects strings for the translators and compiles what they wrote
	$(BIN)/python tools/messages.py
