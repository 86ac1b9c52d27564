# Vitrine. `make` lists the targets; PYTHON names the interpreter, ARGS is handed on.
PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PIP := PIP_PROGRESS_BAR=off $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help install up test check bench schema lock vendor clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: $(RUNTIME) ## make the virtual environment with the locked packages

up: $(RUNTIME) ## run everything here, with the demo catalogue, until Ctrl-C
	@$(BIN)/vitrine up $(ARGS)

test: $(DEVELOPMENT) ## run all tests; ARGS="-k word" runs some
	@$(BIN)/pytest $(ARGS)

check: $(DEVELOPMENT) ## lint, types, import contracts, stored schema, and licences (build/sbom.cdx.json)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/vitrine schema --check
	@mkdir -p build
	$(BIN)/vitrine sbom --check > build/sbom.cdx.json

bench: $(DEVELOPMENT) ## measure, and compare with the peers of the field
	@$(BIN)/vitrine bench $(ARGS)

schema: $(RUNTIME) ## write schema.graphql from the code, and the types of the console's documents
	$(BIN)/vitrine schema > schema.graphql.new
	mv schema.graphql.new schema.graphql
	$(BIN)/python -m console.typed_documents

lock: $(DEVELOPMENT) ## resolve the dependencies of pyproject.toml anew
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(ARGS) pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock

vendor: $(RUNTIME) ## fetch the files of others that vitrine/vendored.json lists anew, by npm
	$(BIN)/python -m vitrine.vendored

clean: ## remove the virtual environment, caches, and .vitrine and .vitrine-* with all their data
	@# As root a database is elsewhere: what the link names is removed if it can only be ours.
	@for link in .vitrine/postgres .vitrine-*/postgres; do \
	  [ -L "$$link" ] || continue; \
	  data=$$(readlink -f "$$link"); \
	  case "$$data" in \
	    /var/tmp/vitrine-*/*) ;; \
	    /var/tmp/vitrine-*) echo "rm -rf $$data"; rm -rf "$$data" ;; \
	  esac; \
	done
	rm -rf .vitrine .vitrine-* $(VENV) .venv-* build dist
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit("Vitrine needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing the packages into $(VENV), once; it takes a minute or less."
	$(PIP) install --no-deps --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@echo "Installing what the tests need into $(VENV), once."
	$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@
