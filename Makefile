# netbot: `make demo` to look, `make run` to use, `make test` before you commit.

PYTHON ?= python3
SOAK ?= 10
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip -qq --disable-pip-version-check
GROUPS := $(patsubst tests/%/,%,$(sort $(dir $(wildcard tests/*/test_*.py))))

.DEFAULT_GOAL := help
.PHONY: help demo run test test-fast soak bench check quality models format messages pictures lock chromium wordpress pypeers bluesky clean

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 20

demo: $(VENV)/.netbot  ## six invented clients, their blogs, a network and a filled queue
	@$(BIN)/netbot demo

run: $(VENV)/.netbot  ## the daemon and its page, with the configuration of this folder
	@$(BIN)/netbot run

test: check $(if $(filter browser,$(GROUPS)),chromium) $(if $(filter peers,$(GROUPS)),wordpress pypeers bluesky)  ## everything: check, then every test
	@$(BIN)/python tests/groups.py $(filter-out check docs,$(GROUPS))

test-fast: check  ## check and the unit tests
	@$(BIN)/python tests/groups.py unit

soak: $(VENV)/.dev $(if $(filter browser,$(GROUPS)),chromium) $(if $(filter peers,$(GROUPS)),wordpress pypeers bluesky)  ## every test, SOAK times (10) the counts
	@NETBOT_SOAK=$(SOAK) $(BIN)/python tests/groups.py $(GROUPS)

bench: $(VENV)/.dev chromium  ## what parsing, rules, storage, starting and deciding cost, beside others; a few minutes
	@$(BIN)/python -m bench

check: $(VENV)/.dev  ## style, types, floors, house rules, documentation; prints sizes
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "style: clean"
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/deptry .
	@$(BIN)/python -m tests.check.shape
	@$(BIN)/python -m pytest -q $(addprefix tests/,$(filter check docs,$(GROUPS)))

quality: $(VENV)/.dev build/quality/.filled  ## how good rules and scores are, beside peers; needs NETBOT_DATASETS
	@PYTHONPATH=build/quality $(BIN)/python -m tests.quality

models: $(VENV)/.dev build/quality/.filled  ## train the shipped judges of tone again; needs NETBOT_DATASETS
	@PYTHONPATH=build/quality $(BIN)/python -m tests.quality.models

build/quality/.filled: tests/quality/requirements.lock
	@rm -rf $(@D)
	@$(PIP) install --require-hashes --target $(@D) -r $<
	@touch $@

format: $(VENV)/.dev  ## put source and tests in shape
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

messages: $(VENV)/.dev  ## add new texts to the German catalogue
	@$(BIN)/python -m tests.check.messages

# One environment, filled as far as it is needed: running takes two thirds of the time of testing.
# `-qq` keeps errors and drops the remarks that a machine's own pip settings cause.
$(VENV)/.locked: requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "netbot needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments; on Debian: sudo apt-get install python3-venv"; exit 1; }
	@echo "Installing netbot into $(VENV): less than a minute, once."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@touch $@

$(VENV)/.netbot: $(VENV)/.locked pyproject.toml netbot/locale/build.py $(wildcard netbot/locale/*/LC_MESSAGES/*.po)
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.netbot requirements-dev.lock
	@echo "Installing the tools for tests and checks."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

pictures: $(VENV)/.dev chromium  ## photograph the page for the README
	@$(BIN)/python -m tests.browser.pictures

lock:  ## choose newest versions within pyproject.toml and write their hashes
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" && \
	"$$tools/bin/pip" -qq install uv && \
	compile="$$tools/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header" && \
	$$compile pyproject.toml -o requirements.lock && \
	$$compile --group build -o requirements-build.lock && \
	$$compile --group peers -o requirements-peers.lock && \
	$$compile --group quality -o tests/quality/requirements.lock && \
	$$compile pyproject.toml --group dev -o requirements-dev.lock

chromium:
	@command -v chromium >/dev/null && exit 0; \
	install="apt-get install --yes --no-install-recommends chromium fonts-liberation"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && $$install -qq >/dev/null; \
	else echo "The browser tests need Chromium: sudo $$install"; exit 1; fi

wordpress: build/peers/.wordpress
	@php -r 'foreach (["pdo_sqlite", "mbstring", "xml"] as $$part) extension_loaded($$part) || exit(1);' \
		2>/dev/null && exit 0; \
	install="apt-get install --yes --no-install-recommends php-cli php-sqlite3 php-mbstring php-xml"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && $$install -qq >/dev/null; \
	else echo "The WordPress tests need PHP: sudo $$install"; exit 1; fi

# Only unpacked, never installed: Debian's package would bring a web server and a database server.
# Of the npm package only its own files are fetched: what it depends on would be half a gigabyte.
build/peers/.wordpress: package.json package-lock.json
	@command -v npm >/dev/null || { echo "The WordPress tests need npm, which comes with Node.js."; exit 1; }
	@rm -rf $(@D) && mkdir -p $(@D)
	@if [ "$$(id -u)" = 0 ]; then apt-get -qq update; fi; cd $(@D) && \
	apt-get -qq -o APT::Sandbox::User="$$(id -un)" download wordpress wordpress-theme-twentytwentythree || { \
		echo "The WordPress tests need Debian's package wordpress: sudo apt-get update, then again."; exit 1; }
	@npm pack --silent --pack-destination $(@D) \
		"$$(sed -nE 's|^ *"(@wp-playground/cli)": "(.*)"$$|\1@\2|p' package.json)" >/dev/null
	@touch $@

# In an environment of its own: it brings web frameworks and databases that are none of ours. Nothing
# beside the list: what isso names and does not use needs a compiler.
pypeers: build/pypeers/.locked

build/pypeers/.locked: requirements-peers.lock
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/pip -qq --disable-pip-version-check install --no-deps --require-hashes -r requirements-peers.lock
	@touch $@

# PostgreSQL, and of Redis only the package without a service: its server goes by another name there.
bluesky: build/bluesky/.installed
	@{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 && \
	{ command -v redis-server || command -v redis-check-rdb; } >/dev/null && exit 0; \
	install="apt-get install --yes --no-install-recommends postgresql redis-tools"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && $$install -qq >/dev/null; \
	else echo "The Bluesky tests need PostgreSQL and Redis: sudo $$install"; exit 1; fi

# Of all these packages one has to be built for this machine; no other may run anything.
build/bluesky/.installed: tests/peers/atmosphere/package.json tests/peers/atmosphere/package-lock.json
	@for each in npm g++ python3; do command -v $$each >/dev/null || { \
		echo "The Bluesky tests need npm, g++ and python3: there is no $$each."; exit 1; }; done
	@echo "Installing a Bluesky network for the tests: two minutes, once."
	@rm -rf $(@D) && mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund && \
	prefix="$$(node -p 'require("node:path").resolve(process.execPath, "../..")')" && \
	if [ -d "$$prefix/include/node" ]; then export npm_config_nodedir="$$prefix"; fi && \
	npm_config_build_from_source=true npm rebuild --silent --ignore-scripts=false better-sqlite3
	@touch $@

clean:  ## remove what was built; data and secrets stay
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find netbot tests -name __pycache__ -prune -exec rm -rf {} +
	find netbot -name '*.mo' -delete
