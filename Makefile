# On a fresh machine: make reproduce, make test. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.from-lock
EXTRAS := .venv/.extras-from-lock
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --extra dev
# A file's tests share what they have built, so they stay with one process; files start in the order of conftest.py.
PARALLEL := --dist loadfile --no-loadscope-reorder
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup reproduce scheduler worker experiments study weights test suite lint types unit pipeline slow lock readme papers transfer clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## build the virtual environment from requirements.lock

# uv itself is taken from the lock file, with its hash, by pip; it then installs everything else.
$(SETUP): requirements.lock
	@if [ -L .venv ]; then echo "error: .venv is a link, and setting up would empty the folder that it leads to; remove it"; exit 1; fi
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else \
	  "error: Python %d.%d cannot be used, TensorFlow needs 3.11 to 3.13; choose one: make setup PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv --clear .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	touch $@

setup-%: setup  ## setup-cluster, setup-cuda, setup-s3: add the engine, the GPU's libraries, or S3 remotes
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r pyproject.toml --extra $* --constraint requirements-extras.lock

# Tests start a real engine and a real S3 server, and mypy reads them. They are added; nothing is removed.
$(EXTRAS): $(SETUP) requirements-extras.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-extras.lock
	touch $@

reproduce: setup $(if $(WORKERS),setup-cluster)  ## run the pipeline on the active study (params.yaml); WORKERS=2: with two local workers
	@# before DVC reads params.yaml, whose own refusal of a missing key does not say what was meant
	@PYTHONPATH=src python -m stages.check
	@# what a killed run leaves, on which DVC fails: an entry of its run cache half written, or its folder still empty, or
	@# dvc.lock empty or cut; without it, DVC takes the results of finished stages from its cache
	@find .dvc/cache/runs \( -name '.*.tmp' -o -type d -empty \) -delete 2> /dev/null || true
	@if [ -f dvc.lock ] && [ "$$(tail -c 1 dvc.lock | wc -l)" -ne 1 ]; then rm dvc.lock; echo "dvc.lock was half written, and is removed"; fi
	@PYTHONPATH=src python -m medtransfer.process.stage_server $(if $(WORKERS),python -m medtransfer.training.cluster "$(WORKERS)",dvc repro)
	@PYTHONPATH=src python -m medtransfer.training.throughput
	@PYTHONPATH=src python -m medtransfer.report.times

scheduler: setup-cluster  ## start a scheduler for workers of several machines, at port 8786 unless PORT=... says another
	PYTHONPATH=src dask scheduler --port $(or $(PORT),8786)

# The task process beside a worker computes; a worker itself needs one thread, and no limit that Dask would set.
worker: setup-cluster  ## start a worker: make worker SCHEDULER=tcp://host:8786
	@test -n "$(SCHEDULER)" || { echo "error: write the scheduler's address: make worker SCHEDULER=tcp://host:8786"; exit 1; }
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-$${TF_NUM_INTRAOP_THREADS:-$$(nproc)}} PYTHONPATH=src TQDM_DISABLE=1 \
	  dask worker "$(SCHEDULER)" --nthreads 1 --memory-limit 0 --no-dashboard \
	  --local-directory .cache/cluster $(OPTIONS)

# Names of dependencies without a slash, what DVC says of a commit beside its name, the details of metrics.json, and
# the keys that change no more than which images figures show, and how, or that follow from the models and other keys.
HIDDEN := catalog|weights|stages|params.yaml|rev|typ|parent|metrics.*:(dataset|model)|test_interval.*|test_copy_free.*|validation_interval.*|explain[.](images.*|overlay)|study[.](draws|sources|other_datasets)

experiments: setup  ## list experiments: metrics, parameters and the headline's recipe, without a column a dependency
	dvc exp show --drop '([^:]*/[^:]*|$(HIDDEN))$$'

study: setup  ## run a paper's study: make study STUDY=jardim2024, or all of a paper's: STUDY=vardhan2023
	@# a study that fails does not keep the paper's others from running
	@studies=$$(PYTHONPATH=src python -m medtransfer.settings.study --list "$(STUDY)") || exit 1; failed=; \
	for study in $$studies; do \
	  PYTHONPATH=src python -m medtransfer.settings.study "$$study" || exit 1; \
	  PYTHONPATH=src python -m medtransfer.models.weights_needed "$$study"; \
	  $(MAKE) --no-print-directory reproduce || failed="$$failed $$study"; \
	done; \
	PYTHONPATH=src python -m medtransfer.report.across "$(STUDY)" || exit 1; \
	if [ -n "$$failed" ]; then echo "error: not finished:$$failed"; exit 1; fi

weights: setup  ## list the files of weights that each study needs, and which are there: make weights [STUDY=jardim2024]
	@PYTHONPATH=src python -m medtransfer.models.weights_needed $(STUDY)

# While the tests start, a core is idle: mypy runs on it.
test: lint $(EXTRAS)  ## run every check
	@$(MAKE) --no-print-directory --jobs 2 types suite || { echo "error: mypy or pytest has failed, see above"; exit 1; }

# Three processes keep two cores busy: now and then, one waits for another process that its test has started.
suite: $(EXTRAS)
	pytest tests -n 3 $(PARALLEL) -m "not slow"

lint: setup  ## ruff: mistakes and format
	ruff check .
	ruff format --check .

# What mypy makes lives until it ends, so looking for garbage among it is of no use; the search takes a fifth of the time.
types: $(EXTRAS)  ## mypy
	python -c 'import gc; gc.disable(); gc.enable = gc.disable; from mypy.__main__ import console_entry; console_entry()'

unit: $(EXTRAS)  ## tests of the library, without whole backbones and other processes
	pytest tests -n 2 $(PARALLEL) -m "not pipeline and not long and not slow"

pipeline: $(EXTRAS)  ## tests of the DAG, and of the pipeline on sample data
	pytest tests -m "pipeline and not slow"

slow: $(EXTRAS)  ## tests that take minutes: whole archives in ../shared, every architecture, a long benchmark
	pytest tests -n 2 $(PARALLEL) -m slow

# The second file has everything that the first one has: it is resolved first, and the other keeps its versions.
lock: setup  ## pin again what pyproject.toml asks for, with hashes: requirements.lock and requirements-extras.lock
	$(COMPILE) --extra cluster --extra s3 --extra loopback --upgrade --output-file requirements-extras.lock pyproject.toml
	cp requirements-extras.lock requirements.lock
	$(COMPILE) --output-file requirements.lock pyproject.toml

readme: setup  ## write the README's numbers from the pipeline's results, docs/fidelity.md and docs/transfer.md
	PYTHONPATH=src python -m medtransfer.report.readme
	PYTHONPATH=src python -m medtransfer.report.fidelity
	PYTHONPATH=src python -m medtransfer.report.transfer_page

papers: setup  ## record the active small study, and write docs/papers.md
	PYTHONPATH=src python -m medtransfer.report.small_studies

transfer: setup  ## record the active study of transfer, and write docs/transfer.md
	PYTHONPATH=src python -m medtransfer.report.transfer_record

clean:  ## remove what the pipeline and the tests made; DVC's cache stays
	rm -rf data models metrics/*/ plots/evaluate plots/explain plots/leakage reports dvc_plots .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
