# Two commands for newcomers: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RIVALS := $(VENV)/rivals
READY := $(VENV)/.ready

PRICES ?=
SPEED ?= 1
PORT ?= 0
SEED ?= 7

SEEDS ?= 2000
OFFSET ?= 0
KILLS ?= 100

.PHONY: demo test check lint types contracts installed format benchmarks house simulate simulate-crashes kill-often properties lock clean

demo: $(READY) ## Run the bot against simulated exchanges, with a chat in the browser
	$(BIN)/equipoise demo --speed $(SPEED) --port $(PORT) --seed $(SEED) $(if $(PRICES),--prices $(PRICES))

test: $(READY) ## Run the whole test suite
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint types contracts ## Lint, types and import contracts

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

installed: ## Install what users install and nothing else, and make a journal with it
	rm -rf build/installed build/home && mkdir -p build/home
	$(PYTHON) -m venv build/installed
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .
	cd build/home && HOME=$$PWD EQUIPOISE_TELEGRAM_TOKEN=4242:ttttttttttttttttttttttttttttttttttt \
		../installed/bin/equipoise pair ../../config.example.toml

format: $(READY) ## Bring the code into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(READY) $(RIVALS)/.ready ## Print the measured figures
	RIVALS=$(RIVALS)/bin/python $(BIN)/pytest tests/benchmarks -m benchmark -s -n 0 -p no:cacheprovider

house: $(READY) ## Print how big and how well kept the house is, beside the models
	$(BIN)/python -m tests.architecture.house

simulate: $(READY) ## Run SEEDS simulated worlds from OFFSET on, and judge each; a failing seed is printed with its command
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --offset $(OFFSET)

simulate-crashes: $(READY) ## Kill the simulated bot once at every step and at every write of its journal (nightly)
	$(BIN)/python -m tests.simulation --crashes --seeds $(if $(filter command line,$(origin SEEDS)),$(SEEDS),4) --offset $(OFFSET)

kill-often: $(READY) ## Kill the real process KILLS times while it trades in the sandbox (nightly)
	KILLS=$(KILLS) $(BIN)/pytest tests/crash -n 0

properties: $(READY) ## Try every property on portfolios by the thousand, others each time (nightly)
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest tests/properties -n 2

lock: ## Resolve the requirements anew, with hashes and without addresses
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/base.in -o requirements/base.txt
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/spreadsheet.in -c requirements/base.txt -o requirements/spreadsheet.txt
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/pictures.in -c requirements/base.txt -o requirements/pictures.txt
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/dev.in -c requirements/base.txt -o requirements/dev.txt
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/benchmark.in -o requirements/benchmark.txt

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

$(RIVALS)/.ready: requirements/benchmark.txt $(READY)
	$(PYTHON) -m venv $(RIVALS)
	$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/benchmark.txt
	touch $(RIVALS)/.ready

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
