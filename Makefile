# One command a task. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
PLAYBOOK := $(VENV)/bin/ansible-playbook
ARGS ?=

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: local
local: $(VENV)/runtime ## Build the images and run the whole platform on this machine
	$(PLAYBOOK) playbooks/local.yml $(ARGS)

# Without Tilt, Compose watches for edits of tasks, and copies what is not mounted.
.PHONY: dev
dev: $(VENV)/runtime ## Run the whole platform on its sources, with hot reload, until Ctrl-C
	$(PLAYBOOK) playbooks/dev.yml $(ARGS)
	@PATH=.bunops/bin:$$PATH; command -v tilt >/dev/null || docker compose --file .bunops/compose.dev.json watch --no-up || [ $$? = 130 ]

.PHONY: check
check: $(VENV)/runtime ## Show what `make local` would change, and change nothing
	$(PLAYBOOK) playbooks/local.yml --check --diff $(ARGS)

.PHONY: down
down: $(VENV)/runtime ## Stop the local platform and keep its data
	$(PLAYBOOK) playbooks/down.yml $(ARGS)

.PHONY: clean
clean: $(VENV)/runtime ## Stop the local platform and remove its data too, after listing it
	$(PLAYBOOK) playbooks/clean.yml $(ARGS)

.PHONY: backup
backup: $(VENV)/runtime ## Back up the data of the local platform, and check the backup by restoring it
	$(PLAYBOOK) playbooks/backup.yml $(ARGS)

.PHONY: restore
restore: $(VENV)/runtime ## Bring the data of the newest backup back, or that of BACKUP=<name>
	$(PLAYBOOK) playbooks/restore.yml $(if $(BACKUP),-e store_restore_backup=$(BACKUP)) $(ARGS)

.PHONY: logs
logs: ## Show one log of the whole platform; with JOB=<id>, the way of that job
	@tools/logs

.PHONY: test
test: lint test-unit test-programs test-policy test-integration test-cluster test-molecule ## Run everything

.PHONY: lint
lint: $(VENV)/development ## Check style, types, docs and roles
	tests/run lint

.PHONY: test-unit
test-unit: $(VENV)/development ## Run the tests that need nothing but Python (seconds)
	tests/run unit

.PHONY: test-programs
test-programs: $(VENV)/development ## Run the tests of the programs and of the Docker guard, in Bun
	tests/run programs

.PHONY: test-policy
test-policy: $(VENV)/development ## Check the Kubernetes objects with kubeconform, kube-score and checkov
	tests/run policy

.PHONY: test-integration
test-integration: $(VENV)/development ## Run the tests against real Docker, and the whole platform
	tests/run integration

.PHONY: test-cluster
test-cluster: $(VENV)/development ## Run the tests against a real Kubernetes, and the whole platform on it
	tests/run cluster

.PHONY: test-molecule
test-molecule: $(VENV)/development ## Run the Molecule scenario of each role
	tests/run molecule

.PHONY: bench
bench: $(VENV)/development ## Measure what docs/benchmarks.md reports
	tests/run bench

.PHONY: docs
docs: $(VENV)/development ## Generate the schema and the reference pages from the model
	tests/run docs

.PHONY: lock
lock: $(VENV)/development ## Pin the Python packages anew, with hashes
	tests/run lock

$(VENV)/runtime: requirements.txt tools/venv
	tools/venv $(VENV) requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt tools/venv
	tools/venv $(VENV) requirements-dev.txt
	@touch $@ $(VENV)/runtime
