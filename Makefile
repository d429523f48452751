# make run   sets everything up and makes the default run
# make check sets everything up and runs lint, types, import rules and the fast tests
# make test  sets everything up and runs lint, types, import rules and all tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= configs/default.yaml

.PHONY: setup run check test lint bench bench-topics bench-crosswalk docs lock clean

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" || \
		{ echo "Python 3.11, 3.12 or 3.13 is wanted. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

run: setup
	$(BIN)/python -m pipeline run $(CONFIG)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest -n 2 -m "not slow and not real" tests/unit

test: lint
	$(BIN)/python -m pytest -n 2

# The site needs more packages than the program; it is written to build/site and needs no network to be read.
docs: setup
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	$(BIN)/python docs/generate_configuration.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

bench: setup
	$(BIN)/python -m tests.benchmarks

bench-topics: setup
	$(BIN)/python -m tests.benchmarks topics rules words units sensitivity speed tuning

bench-crosswalk: setup
	$(BIN)/python -m tests.benchmarks comments crosswalk null unmapped outlook article

# Writes requirements.lock from pyproject.toml, for every supported system. CUDA libraries are left out: they
# come with a CUDA build of torch, and the program runs on the processor.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --quiet \
		--no-annotate --no-header | grep -vE '^(nvidia-|cuda-|triton)' > requirements.lock

clean:
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .ruff_cache .pytest_cache
