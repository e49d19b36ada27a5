# From a bare clone with Python 3.11+ (with venv), git and make:
#   make tour   set up, then see the real server work on a module nobody here wrote (ON=path for yours)
#   make test   set up, then everything CI runs
#   make check  formatting, lint, types, import directions, unit tests
#   make soak   the full counts   make bench  us beside other servers   make fix  format and mend
#   make editors   the scenarios in the real editors   make vsix  the VS Code extension
#   make screens   what terminal editors show, on their pages   make generate  what is written from the server's tables

BIN := .venv/bin
READY := .venv/.ready
# A name on PATH may be a shim with nothing behind it, so each candidate has to run.
CANDIDATES := python3.14 python3.13 python3.12 python3.11 python3
PROBE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for p in $(CANDIDATES); do if "$$p" -c "$(PROBE)" >/dev/null 2>&1; then echo "$$p"; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n 2 --dist worksteal

.PHONY: tour check lint test editors vsix screens generate offline soak bench fix setup clean
.DEFAULT_GOAL := check

tour: $(READY)
	@$(BIN)/coding-agent tour $(if $(ON),"$(ON)")

check: lint
	$(PYTEST) -q $(PARALLEL) tests/unit

lint: $(READY)
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-cache

# The editors are installed into .cache/editors (or EDITORS_CACHE), web and command line frameworks into .cache/frameworks,
# the official SARIF schema is fetched with npm; where that cannot be done their tests skip and say so.
test: lint
	$(BIN)/python tests/editors/install.py
	$(BIN)/python tests/official_schema.py
	$(BIN)/python tests/frameworks.py
	$(PYTEST) -q $(PARALLEL) --ignore tests/editors
	$(PYTEST) -q $(EDITORS)

# All scenarios in the real editors. What tests share, a VS Code, is one worker's.
EDITORS := -n 2 --dist loadscope tests/editors
editors: $(READY)
	$(BIN)/python tests/editors/install.py
	$(PYTEST) -q $(EDITORS)

# The VS Code extension, packed for users; npm must be there.
VSCODE := editors/vscode
VSIX := $(VSCODE)/coding-agent.vsix
VSIX_FROM := $(wildcard $(VSCODE)/src/*.ts $(VSCODE)/test/*.ts $(VSCODE)/images/* $(VSCODE)/*.md $(VSCODE)/*.json)
vsix: $(VSIX)

$(VSIX): $(VSCODE)/node_modules/.ready $(VSIX_FROM) $(VSCODE)/.vscodeignore
	@cd $(VSCODE) && npm run --silent check && npm run --silent test && NODE_NO_WARNINGS=1 npm run --silent package

$(VSCODE)/node_modules/.ready: $(VSCODE)/package-lock.json
	@cd $(VSCODE) && npm ci --no-progress --loglevel=error
	@touch $@

# What editors and documents say about commands, settings and rules.
generate: $(READY)
	$(BIN)/python editors/generate.py

# The screens of terminal editors on our pages, from the real programs.
screens: $(READY)
	$(BIN)/python tests/editors/install.py
	SCREENS=write $(PYTEST) -q tests/editors -k page_shows

# The suite without network, with a trace of whom it tried to reach; Linux with unshare and strace.
offline: $(READY)
	$(BIN)/python tests/offline.py

soak: $(READY)
	$(PYTEST) -q $(PARALLEL) -m soak

bench: $(READY)
	$(BIN)/python bench/latency.py

fix: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer with venv and pip among: $(CANDIDATES)" >&2; exit 1; }
	@echo "setting up .venv with $(PYTHON)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@$(PIP) install --constraint constraints.txt --upgrade pip
	@$(PIP) install --constraint constraints.txt --build-constraint constraints.txt --editable .[search,onnx,ai] --group dev
	@touch $@

clean:
	rm -rf .venv .cache .bench .pytest_cache .ruff_cache .hypothesis
