# Gatewise: one command sets up and runs, one sets up and tests. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := .make/tools/bin/uv
UV_VERSION := 0.13.8
ARGS   ?=
PYTEST_ARGS ?= -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench torture clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Gatewise needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .make/tools || { echo "Creating a virtual environment failed. On Debian: apt-get install python3-venv"; exit 1; }
	@.make/tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# The browser bundles are built by the package's own build (hatch_build.py) with a Node.js from PyPI.
WEB_SOURCES := $(shell find web hatch_build.py -type f -not -path '*/node_modules/*' 2>/dev/null)

.make/run.stamp: pyproject.toml uv.lock $(WEB_SOURCES) | $(UV)
	$(UV) sync --frozen --inexact --no-dev --extra postgresql --python $(PYTHON) --reinstall-package gatewise
	@touch $@

.make/dev.stamp: pyproject.toml uv.lock $(WEB_SOURCES) | $(UV)
	$(UV) sync --frozen --inexact --extra postgresql --python $(PYTHON) --reinstall-package gatewise
	@touch $@ .make/run.stamp

.make/bench.stamp: .make/dev.stamp
	$(UV) sync --frozen --inexact --extra postgresql --group bench --python $(PYTHON)
	@touch $@

# Debian packages that only the tests need: a browser and a database server.
.make/system.stamp: | $(UV)
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Debian packages for the tests:$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	  else echo "The tests need these Debian packages: apt-get install$$missing"; exit 1; fi; \
	fi
	@touch $@

setup: .make/run.stamp  ## set up what running needs

run: .make/run.stamp  ## set up, run the example on SQLite and serve its pages (ARGS=--once: stop after the table)
	$(BIN)/gatewise demo $(ARGS)

test: .make/dev.stamp .make/system.stamp  ## set up and run all tests
	$(BIN)/python -m pytest -m 'not torture' $(PYTEST_ARGS)

torture: .make/dev.stamp .make/system.stamp  ## the crash tests that take many minutes (their short forms are in make test)
	GATEWISE_KILLS=50 $(BIN)/python -m pytest tests/acceptance/test_crash.py tests/examples/test_demo_command.py tests/agent_tasks/test_crashes.py $(PYTEST_ARGS)

check: .make/dev.stamp  ## lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: .make/dev.stamp  ## rewrite the sources in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .make/bench.stamp  ## measure, beside peers where there are any
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:  ## remove what was built and set up
	rm -rf .venv .make dist build api/static
