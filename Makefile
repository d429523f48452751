# make run   sets everything up and makes the default run
# make check sets everything up and runs lint, types, import rules and the tests that take less than a second each
# make test  the same with all tests but the slow ones
# make test-slow  the slow ones: simulations of what the statistics promise, attacks, kills at any moment
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= configs/default.yaml

.PHONY: setup setup-dev run check test test-slow lint bench bench-topics bench-crosswalk bench-estimates bench-scale docs lock clean

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

# What is in a lock is checked against its hash. The second pip adds the program, and the build of torch that the
# machine offers.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" || \
		{ echo "Python 3.11, 3.12 or 3.13 is wanted. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --editable .
	$(BIN)/python -c "from pipeline.discovery.priming import prime; prime()"
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	touch $@

run: setup
	$(BIN)/python -m pipeline run $(CONFIG)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not thorough and not real" tests/unit

test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: setup-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

# The site needs more packages than the program; it is written to build/site and needs no network to be read.
docs: setup
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	$(BIN)/python docs/generate_configuration.py
	$(BIN)/python docs/generate_data_dictionary.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

bench: setup-dev
	$(BIN)/python -m tests.benchmarks

bench-topics: setup-dev
	$(BIN)/python -m tests.benchmarks topics rounding

bench-crosswalk: setup-dev
	$(BIN)/python -m tests.benchmarks comments matches points null outlook article

bench-estimates: setup-dev
	$(BIN)/python -m tests.benchmarks estimates audit

# Whole runs of many comments, stage by stage; make bench-scale COMMENTS="1000 10000 100000" takes half an hour, and
# make bench-scale COMMENTS=1000000 BACKEND=static an hour and a half.
COMMENTS ?= 1000 10000
BACKEND ?= torch
bench-scale: setup-dev
	$(BIN)/python -m tests.benchmarks scale --comments $(COMMENTS) --backend $(BACKEND)

# Writes what users install into requirements.lock, and what tests need besides into requirements-dev.lock, for every
# supported system. Of torch there are builds with and without CUDA: pyproject.toml pins it, pip takes what the
# machine offers, and neither lock names it or CUDA's libraries.
COMPILE = $(VENV)-lock/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-annotate --no-header
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(COMPILE) > $(VENV)-lock/all
	awk '/^[a-z]/ { keep = !/^(torch=|nvidia-|cuda-|triton)/ } keep' $(VENV)-lock/all > requirements.lock
	$(COMPILE) --extra dev --constraint $(VENV)-lock/all > $(VENV)-lock/dev
	awk 'FNR == NR { known[$$0]; next } /^[a-z]/ { keep = !($$0 in known) } keep' $(VENV)-lock/all $(VENV)-lock/dev \
		> requirements-dev.lock

clean:
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .ruff_cache .pytest_cache
