# make run: the site with its worker and demo data.   make test: all tests.   make check: all that CI checks here.
# Python 3.11 or later and make are all it takes; everything else goes into .venv and var.

HOST ?= 127.0.0.1
PORT ?= 8000
VENV ?= .venv

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEMPLATES := home mentorpro_plugin resources site
# Which tests, in the words of pytest's -m: SELECT="not browser".
SELECT ?=
# Tests run side by side, but not on more cores than there are.
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.PHONY: help install run test test-main test-hostsite check lint format messages messages-check clean

help:
	@echo "make run      the site on http://$(HOST):$(PORT)/ with worker and demo data (HOST=, PORT=)"
	@echo "make test     all tests"
	@echo "make check    all that CI checks on this machine: linters, types, migrations, tests"
	@echo "make format   put the code into shape"
	@echo "make messages bring the translations up to date (needs GNU gettext; docs/developers/translating.md)"
	@echo "make clean    remove the environment (var/ with the data stays)"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt bin/find-python
	@python="$$(bin/find-python)"; \
	if [ -x $(BIN)/python ] && ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    rm -rf $(VENV); \
	fi; \
	if [ ! -x $(BIN)/python ]; then \
	    echo "Making $(VENV) with $$("$$python" --version)."; \
	    bin/make-venv "$$python" $(VENV); \
	fi; \
	echo "Installing the pinned packages..."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[site,dev]'
	@touch $@

run: $(STAMP)
	@exec $(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

test: test-main test-hostsite

test-main: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) -m "$(SELECT)"

test-hostsite: $(STAMP)
	$(BIN)/python -m pytest -c tests/hostsite/pytest.ini tests/hostsite
	HOST_USER_MODEL=hostusers.Member $(BIN)/python -m pytest -c tests/hostsite/pytest.ini --no-migrations tests/hostsite

check: lint messages-check test

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find $(TEMPLATES) -name '*.html' -print0 | xargs -0 -r $(BIN)/djhtml --check --tabwidth 4
	PYTHONPATH=.:site $(BIN)/lint-imports
	$(BIN)/mypy mentorpro_plugin
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find $(TEMPLATES) -name '*.html' -print0 | xargs -0 -r $(BIN)/djhtml --tabwidth 4

messages: $(STAMP)
	$(BIN)/python manage.py makemessages

messages-check: $(STAMP)
	@if command -v xgettext >/dev/null; then \
	    $(BIN)/python manage.py check_messages; \
	else \
	    echo "Translations are not checked: GNU gettext is missing here (apt-get install gettext)."; \
	fi

clean:
	rm -rf $(VENV)
