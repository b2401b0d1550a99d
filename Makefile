# make demo   review a sample change with a small embedded model
# make check  lint, types, import contracts, unit tests: a minute or two
# make test   everything CI runs

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

CORE := reviewbot/diff.py,reviewbot/errors.py,reviewbot/finding.py,reviewbot/patch.py,reviewbot/_*.py,$\
	reviewbot/review.py,reviewbot/events.py,reviewbot/guide.py,reviewbot/hints.py,reviewbot/intent.py,reviewbot/reply.py,reviewbot/remember.py,reviewbot/credentials.py,reviewbot/quoting.py,reviewbot/missing.py,reviewbot/jsonform.py,reviewbot/terminal.py,reviewbot/defaults.py,reviewbot/ports.py,reviewbot/catalogue.py,reviewbot/tokens.py,$\
	reviewbot/aside.py,reviewbot/framing.py,reviewbot/baselines.py,reviewbot/memory.py,reviewbot/tally.py,reviewbot/whereabouts.py,reviewbot/mending.py,reviewbot/reread.py,reviewbot/syntax.py,reviewbot/withheld.py,reviewbot/likeness.py,reviewbot/digest.py,reviewbot/markdown.py,reviewbot/brief.py,reviewbot/hosts/_reconcile.py,reviewbot/pipeline.py,reviewbot/checking.py,reviewbot/passes.py,reviewbot/estimate.py,reviewbot/planning.py,reviewbot/surroundings.py,reviewbot/stages/*,reviewbot/formats/*

PYTEST := $(BIN)/python -m pytest
MODELS := $(sort $(wildcard tests/integration/test_real_*.py tests/integration/test_tokens_real.py))
RUNNERS := tests/integration/test_action.py tests/integration/test_hooks.py tests/integration/test_workflows.py
COMMANDS := $(sort $(wildcard tests/integration/test_cli_*.py))
EARLY := $(sort $(wildcard tests/unit/test_[a-l]*.py))

.PHONY: demo check test lint types contracts unit others models runners commands adapters late early clean

demo: .venv/demo.stamp
	$(BIN)/reviewbot demo

check: lint types contracts unit

# Two parts at once; the long ones begin first, so that both cores end at about the same time.
test: .venv/dev.stamp .venv/releases.stamp
	rm -f .coverage .coverage.*
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target PYTEST='$(BIN)/python -m coverage run -m pytest' \
		lint types contracts others commands early runners models late adapters
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include='$(CORE)' --fail-under=100
	$(BIN)/python -m coverage report --omit='$(CORE)' --fail-under=90

lint: .venv/dev.stamp
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check

types: .venv/dev.stamp
	$(BIN)/mypy

contracts: .venv/dev.stamp
	$(BIN)/lint-imports

unit: .venv/dev.stamp
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target adapters late early

models: .venv/dev.stamp
	$(PYTEST) $(MODELS)

# Real act, pre-commit and prek.
runners: .venv/dev.stamp
	$(PYTEST) $(RUNNERS)

commands: .venv/dev.stamp
	$(PYTEST) $(COMMANDS)

others: .venv/dev.stamp .venv/releases.stamp
	$(PYTEST) tests/integration $(MODELS:%=--ignore=%) $(RUNNERS:%=--ignore=%) $(COMMANDS:%=--ignore=%)

adapters: .venv/dev.stamp
	$(PYTEST) tests/contract

late: .venv/dev.stamp
	$(PYTEST) tests/unit $(EARLY:%=--ignore=%)

early: .venv/dev.stamp
	$(PYTEST) $(EARLY)

.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "reviewbot needs Python 3.11 or newer; name one: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo.stamp: .venv/python.stamp pyproject.toml
	$(PIP) --editable '.[demo]'
	touch $@

.venv/dev.stamp: .venv/python.stamp pyproject.toml
	$(PIP) --editable '.[demo,dev]'
	touch $@ .venv/demo.stamp

# Neighbouring releases: a change of several megabytes, and thousands of real edits to make a history of.
.venv/releases.stamp: .venv/python.stamp Makefile
	mkdir -p .venv/releases
	for release in Django==3.2.25 Django==4.2.16 Django==5.1.4 docutils==0.18.1 docutils==0.21.2 \
			setuptools==58.0.0 setuptools==75.6.0; do \
		$(BIN)/python -m pip --disable-pip-version-check --quiet download --no-deps --only-binary :all: \
			--dest .venv/releases $$release || exit 1; \
	done
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
