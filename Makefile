# SPDX-License-Identifier: Apache-2.0
# `make` or `make help` lists what there is. Everything a target needs is set up on its first run (scripts/set-up).

PORT ?= 8000
HOST ?= 127.0.0.1
SPEED ?=
HOMES ?= 200
BINS ?=
DIR ?= var/demo
READINGS ?=
JOBS ?= 3

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
AT_ONCE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

# Our own modules are compiled once and not at every start of a program, whatever the shell prefers.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo set-up set-up-bench compile-tests test test-fast test-postgresql lint types lock messages screenshots bench clean

help: ## 이 목록 · this list
	@echo '두레 Dure'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  PORT=$(PORT) HOST=$(HOST) SPEED=$(SPEED) HOMES=$(HOMES) BINS=$(BINS) DIR=$(DIR) READINGS=$(READINGS)   (make demo)'

demo: ## 도시 하나를 이 컴퓨터에서 돌립니다 · run a whole city on this machine (PORT= SPEED= HOMES= BINS= READINGS= DIR=)
	@scripts/set-up demo
	@exec setpriv --pdeathsig TERM $(BIN)/dure demo --port $(PORT) --host $(HOST) --homes $(HOMES) --home $(DIR) \
		$(if $(SPEED),--speed $(SPEED)) $(if $(BINS),--bins $(BINS)) $(if $(READINGS),--readings $(READINGS))

set-up-bench: set-up ## 벤치마크의 견줄 상대까지 · and the peers that benchmarks run beside ours
	@scripts/set-up bench

set-up: ## 시험에 필요한 것까지 모두 설치합니다 · install everything, what the tests need included
	@scripts/set-up test

test: set-up ## 모든 시험 · every test: on SQLite, on PostgreSQL, broker, browser, lint, types, imports
	$(MAKE) --no-print-directory -j2 --output-sync=target types lint compile-tests
	$(PYTEST) $(AT_ONCE) -m 'not postgresql'
	$(MAKE) --no-print-directory test-postgresql

# While the types are looked at: or each of the processes that begin at once compiles every test. What is wrong, they say.
compile-tests: set-up
	@$(PYTEST) --collect-only -qq > /dev/null 2>&1 || true

test-postgresql: set-up ## 데이터베이스에 닿는 시험을 임시 PostgreSQL에서도 · what touches a database, again on a throw-away PostgreSQL
	scripts/with-postgres $(PYTEST) $(AT_ONCE) -m '(not browser or postgresql) and not once'

test-fast: set-up ## 빠른 시험만 · the tests that start no other program
	$(PYTEST) $(AT_ONCE) -m 'not browser and not broker and not kill'

lint: set-up ## 모양과 규칙 · style, import contract, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

types: set-up ## 자료형 · types
	$(BIN)/mypy

lock: set-up-bench ## 잠금 파일을 다시 만듭니다 · make the lock files again (UPGRADE=1: newest versions)
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/base.in -o requirements/base.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/dev.in -c requirements/base.lock -o requirements/dev.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/bench.in -c requirements/dev.lock -o requirements/bench.lock
	npm install --package-lock-only --silent $(if $(UPGRADE),&& npm update --package-lock-only --silent)

messages: set-up ## 번역할 말을 모읍니다 · collect the strings to translate
	scripts/messages

screenshots: set-up ## README의 화면을 다시 찍습니다 · take the README's screenshots again
	$(BIN)/python scripts/readme-pictures

bench: set-up-bench ## 문을 지나는 속도 · durable readings/s through each door beside the raw limit
	$(BIN)/python -m benchmarks.ingest

clean: ## 만들어진 것을 모두 지웁니다 (도시의 기록도) · remove all that was made, the demo city included
	rm -rf .venv node_modules var src/dure/web/static/vendor .ruff_cache .import_linter_cache
	find src -name '*.mo' -delete
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
