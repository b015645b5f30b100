# `make demo` and `make test` are the two commands; each does all the set-up, on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check docs pictures test-system endurance bench lock clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp  ## set up, then practise the example campaign: nothing leaves the machine
	$(BIN)/send-campaign campaigns/spring.yaml --practice --yes

test: $(VENV)/dev.stamp  ## set up, then run the tests, each file on the next core that is free
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile --durations 20

check: $(VENV)/dev.stamp  ## style, types, layers, and whether the generated documents are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

docs: $(VENV)/dev.stamp  ## write docs/reference/ and the schema of a new base anew from the program
	$(BIN)/python docs/generate.py

pictures: $(VENV)/dev.stamp  ## take the pictures of the public pages that the how-tos show (needs chromium)
	$(BIN)/python docs/pictures.py

test-system: $(VENV)/dev.stamp  ## against the servers of tests/system-packages.txt
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile --durations 20 tests/system

endurance: $(VENV)/dev.stamp  ## 200 kills over 5,000 contacts and the like; writes docs/explanation/reliability.md
	$(BIN)/python -m tests.system.kill_endurance

bench: $(VENV)/dev.stamp  ## measure; figures are ratios within one run
	$(BIN)/python tests/bench/run.py

lock:  ## choose the versions anew (needs uv); hashes, no download addresses
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --group pyproject.toml:build --extra fast --extra postgresql pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --group pyproject.toml:dev --extra fast --extra postgresql -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove what the commands above made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-artefacts
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- set-up ----------------------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory install-venv
	$(PYTHON) -m venv $(VENV)

# Debian and its kin ship Python without venv.
.PHONY: install-venv
install-venv:
	@package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package; \
	else \
	    echo "Python's venv is missing. Type:  sudo apt-get install $$package" >&2; exit 1; \
	fi

$(VENV)/run.stamp: $(VENV)/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
