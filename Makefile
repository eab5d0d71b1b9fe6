# Each target makes the environment it needs; nothing has to be installed or activated by hand.
.DEFAULT_GOAL := help
.PHONY: help run test check bench sabotage lock clean
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
RUN_ENV := .venv/.run.stamp
DEV_ENV := .venv/.dev.stamp
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$(( n < 2 ? 2 : n > 4 ? 4 : n )))
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_ENV) ## start everything: databases, migrations, demo data, server and worker (PORT, DATA_DIR)
	@exec $(BIN)/bookable serve $(ARGS)

test: $(DEV_ENV) ## all tests on real engines, in parallel (ARGS="tests/races -k slot" for some of them)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(DEV_ENV) ## style, types, layers, migrations, papers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.check_migrations
	@$(BIN)/python -m tests.check_docs

bench: $(DEV_ENV) ## measure against pgbench and a peer, in one run
	@$(BIN)/python -m benchmarks $(ARGS)

sabotage: $(DEV_ENV) ## make one line wrong at a time; a test must notice each (half an hour; ARGS="slot" for some)
	@$(BIN)/python -m tests.sabotage $(ARGS)

lock: $(DEV_ENV) ## pin the dependencies of pyproject.toml (UPGRADE=1 for the newest)
	@for lock in "requirements.lock:--extra build" "requirements-dev.lock:--extra build --extra dev"; do \
		UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
			--generate-hashes $(if $(UPGRADE),--upgrade) $${lock#*:} -o $${lock%%:*} pyproject.toml || exit; \
	done

clean: ## remove the environment and all caches; the data in .data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_ENV): requirements.lock pyproject.toml tools/environment.sh
	@tools/environment.sh requirements.lock
	@touch $@

$(DEV_ENV): requirements-dev.lock pyproject.toml tools/environment.sh
	@tools/environment.sh requirements-dev.lock
	@touch $@ $(RUN_ENV)
