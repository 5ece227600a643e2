# Linli 邻里团. `make` alone says what there is.
SHELL := /bin/bash
PORT ?= 8000
ACQUIRER ?= sandbox
PYTHON_ENV := .venv/bin/python
ARGS ?=
SEEDS ?= 1-20

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset smoke simulate verify test check fmt messages nightly bench screenshots clean environment test-environment

help: ## This list
	@echo "Linli 邻里团：社区团购 × 银行支付 / community group buying with the bank's payment built in"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
	@echo
	@echo "  PORT=9000 make demo     another port (the sandbox acquirer takes the next two)"
	@echo "  ACQUIRER=alipay make demo   another acquirer's protocol: alipay, ccb, unionpay, wechatpay"

demo: environment ## Try everything: web, worker and sandbox acquirer with demo data; Ctrl-C ends it
	@exec $(PYTHON_ENV) -m mall.config.demo run --port $(PORT) --acquirer $(ACQUIRER)

demo-reset: environment ## Throw away the demo's data of this PORT and start over
	@exec $(PYTHON_ENV) -m mall.config.demo reset --port $(PORT)

smoke: environment ## Play the whole story against the installation on PORT (or BASE_URL)
	@exec $(PYTHON_ENV) -m mall.config.demo manage --port $(PORT) smoke

simulate: environment ## Play payment faults by seed on a scratch database: SEEDS=17 or SEEDS=1-200
	@exec $(PYTHON_ENV) manage.py simulate --seeds $(SEEDS) $(ARGS)

verify: environment ## Check every money invariant in the demo's books
	@exec $(PYTHON_ENV) -m mall.config.demo manage --port $(PORT) verify_books

test: test-environment ## Static checks, then every test on SQLite and on PostgreSQL
	@exec $(PYTHON_ENV) -m tests.run all

check: environment ## Static checks only: format, lint, import rules, types, templates, migrations
	@.ci/bootstrap.sh tests
	@exec $(PYTHON_ENV) -m tests.run check

messages: environment ## Gather new strings into the .po files; lists what has no Chinese yet
	@exec $(PYTHON_ENV) manage.py messages

fmt: environment ## Format the code
	@.ci/bootstrap.sh tests
	@.venv/bin/ruff check --quiet --fix-only . ; .venv/bin/ruff format .

nightly: test-environment ## The long tests: ten thousand plays with faults, hundreds of kills, money arithmetic
	@exec $(PYTHON_ENV) -m tests.run nightly

bench: test-environment ## Measure speed and memory; writes docs/benchmarks.md
	@exec $(PYTHON_ENV) -m tests.run bench

screenshots: test-environment ## Take the README's pictures again from a running mall
	@exec $(PYTHON_ENV) -m tests.browser.screenshots

clean: ## Remove what make made, except the demos' data
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@.ci/bootstrap.sh

test-environment:
	@.ci/bootstrap.sh tests
	@.ci/test-programs.sh
