# make demo   review a sample change with a small embedded model
# make check  lint, types, import contracts, unit tests: a minute or two
# make test   everything CI runs

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

CORE := reviewbot/diff.py,reviewbot/errors.py,reviewbot/finding.py,reviewbot/patch.py,reviewbot/_*.py,$\
	reviewbot/review.py,reviewbot/events.py,reviewbot/reply.py,reviewbot/credentials.py,reviewbot/quoting.py,reviewbot/missing.py,reviewbot/jsonform.py,reviewbot/terminal.py,reviewbot/defaults.py,reviewbot/ports.py,reviewbot/catalogue.py,reviewbot/tokens.py,$\
	reviewbot/digest.py,reviewbot/markdown.py,reviewbot/brief.py,reviewbot/pipeline.py,reviewbot/planning.py,reviewbot/stages/*,reviewbot/formats/*

# Each half keeps one core busy for about as long.
COMMANDS := $(sort $(wildcard tests/integration/test_attacks.py tests/integration/test_cli_*.py tests/integration/test_git_*.py))
EARLY := $(sort $(wildcard tests/unit/test_[a-p]*.py))

.PHONY: demo check test one-half other-half early late lint types contracts unit clean

demo: .venv/demo.stamp
	$(BIN)/reviewbot demo

check: lint types contracts unit

test: lint types contracts .venv/releases.stamp
	rm -f .coverage .coverage.*
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target one-half other-half
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include='$(CORE)' --fail-under=100
	$(BIN)/python -m coverage report --omit='$(CORE)' --fail-under=90

one-half:
	$(BIN)/python -m coverage run -m pytest tests/unit tests/contract $(COMMANDS)

other-half:
	$(BIN)/python -m coverage run -m pytest tests/integration $(COMMANDS:%=--ignore=%)

lint: .venv/dev.stamp
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check

types: .venv/dev.stamp
	$(BIN)/mypy

contracts: .venv/dev.stamp
	$(BIN)/lint-imports

unit: .venv/dev.stamp
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target early late

early:
	$(BIN)/python -m pytest $(EARLY)

late:
	$(BIN)/python -m pytest tests/contract tests/unit $(EARLY:%=--ignore=%)

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
