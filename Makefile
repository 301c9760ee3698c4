# Needs only make, Python 3.11 or newer and network to a package index.
# Everything goes into .venv: the locked dependencies with their hashes checked, and this checkout, in place.

# The first interpreter that is new enough; choose another with `make PYTHON=/path/to/python3.12 install`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
LOCK_VENV := build/lock
# Tests run side by side, each file in one process: most of their time is waiting for servers they started.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

.PHONY: help install lint format types rooms test slow cover check demo story serve bench kills lock schema chromium screenshots
.DEFAULT_GOAL := help

help:
	@echo "make install  make .venv with the locked dependencies"
	@echo "make demo     try the product with no portal and no 1C; PORT=8090 when 8080 is taken, BARE=1 to install it yourself"
	@echo "make story    the same, played once to the end: exit 0 when every deal ended right"
	@echo "make serve    run it with config.toml (or the file named by B24APP_CONFIG)"
	@echo "make test     the tests; also: lint, types, rooms (layers), cover, check (all of these)"
	@echo "make screenshots  take the pictures of docs/screenshots anew"
	@echo "make schema   renew docs/case.schema.json after its models changed"
	@echo "make slow     comparisons on a thousand random clients for each way 1C settles"
	@echo "make kills    the long runs: processes killed in the middle of their work"
	@echo "make bench    the benchmarks: they print figures and never fail"
	@echo "make format   let ruff rewrite the code; make lock: renew requirements.lock"

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3.12 install" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed;" \
		"$(PYTHON) is `"$(PYTHON)" --version 2>&1`. Name another: make PYTHON=/path/to/python3.12 install" >&2; exit 2; }
	@$(PY) -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); "$(PYTHON)" -m venv $(VENV); }
	$(PY) -m pip install --quiet --disable-pip-version-check --only-binary=:all: --no-deps --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

lint: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(STAMP)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(STAMP)
	$(PY) -m mypy

rooms: $(STAMP)
	$(VENV)/bin/lint-imports

test: $(STAMP) chromium
	$(PY) -m pytest -m "not slow" $(SIDE_BY_SIDE)

# Long comparisons that `make test` makes on a smaller number: a thousand random clients for each way of settling.
slow: $(STAMP)
	$(PY) -m pytest -m slow

cover: $(STAMP) chromium
	$(PY) -m pytest -m "not slow" --cov --cov-report=term

# The browser tests need a Chromium: one on PATH, Playwright's own, or installed here.
chromium: $(STAMP)
	@$(PY) -m tests.browser.chromium

# The published JSON Schema of a case file, made of the models that read it; a test compares them.
schema: $(STAMP)
	$(PY) -m b24app.files.case_schema docs/case.schema.json

screenshots: $(STAMP) chromium
	$(PY) -m tests.browser.screenshots docs/screenshots

check: lint types rooms test

demo: $(STAMP)
	$(PY) -m b24app demo $(if $(PORT),--port $(PORT)) $(if $(BARE),--bare)

story: $(STAMP)
	$(PY) -m b24app demo --script

serve: $(STAMP)
	$(PY) -m b24app serve

kills: $(STAMP)
	$(PY) -m tests.story.campaign

bench: $(STAMP)
	@set -e; for file in benchmarks/*.py; do \
		name=$$(basename "$$file" .py); echo "== $$name"; $(PY) -m "benchmarks.$$name"; done

lock:
	@test -x $(LOCK_VENV)/bin/uv || { "$(PYTHON)" -m venv $(LOCK_VENV) && $(LOCK_VENV)/bin/python -m pip install --quiet uv; }
	$(LOCK_VENV)/bin/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --output-file requirements.lock
