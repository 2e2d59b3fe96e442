.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
# Tests wait for servers, too: three at a time keep two cores busy, each with servers of its own.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
# The tests start hundreds of processes: each would compile our modules again.
unexport PYTHONDONTWRITEBYTECODE

help: ## list what one can do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@echo "installing into $(VENV): about a minute"
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --upgrade pip
	$(PY) -m pip install --quiet --editable '.[dev]'
	@touch $@

install: $(STAMP) ## create .venv with everything

browser: ## install the browser that tests drive (Debian's Chromium, as root)
	scripts/browser

pictures: $(STAMP) browser ## make the pictures of the pages in docs/pictures anew
	$(PY) -m tests.pictures

demo: $(STAMP) ## run the whole system on a few customers and print a summary
	$(PY) -m journeyman demo $(ARGS)

test: $(STAMP) ## run every test on the real servers
	$(PY) -m pytest $(PARALLEL) $(ARGS)

test-quick: $(STAMP) ## run the tests that take no more than a minute in all
	$(PY) -m pytest -m 'not slow' $(PARALLEL) $(ARGS)

check: $(STAMP) ## lint, formatting, strict types, import layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: $(STAMP) ## format the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(STAMP) ## measure, side by side in one run
	$(PY) -m benchmarks $(ARGS)

.PHONY: help install browser pictures demo test test-quick check format bench
