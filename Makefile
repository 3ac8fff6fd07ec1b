# Every target makes .venv by itself; `make help` lists them. CONTRIBUTING.md has the plain commands.
PYTHON ?= python3
SUBMISSIONS ?=
UNPROTECTED ?=
EXERCISE ?=
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help book serve pdf zip triton test test-full proof exercises grade lint lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, not " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

book: $(READY) ## build the website into _build/html
	$(BIN)/jupyter-book build . -W --keep-going
	$(BIN)/python book/browser/assemble.py
	@echo "Built _build/html/index.html; look at it with: make serve"

serve: ## show the built website at http://127.0.0.1:8000
	@$(PYTHON) book/serve.py

pdf: $(READY) ## print the built website as _build/pdf/batchnorm.pdf; needs Chromium
	$(BIN)/python book/printed.py

zip: $(READY) ## the built website, notebooks and data as _build/batchnorm-course.zip
	$(BIN)/python book/zipped.py

triton: $(READY) ## install Triton, which exercise 11 needs; Linux, 0.7 GB
	$(BIN)/python -m pip install --quiet --no-build-isolation -c requirements.lock -e ".[triton]"

test: $(READY) ## the tests, in less than 20 minutes on 2 cores
	$(BIN)/python -m pytest -q -n auto

test-full: $(READY) ## everything, at length
	$(BIN)/python -m pytest -q -n auto --full
	$(BIN)/python -m autograder prove --solution-seeds 1000 --mutants

proof: $(READY) ## the full proof, written to proof/ for the book's page; EXERCISE=name for one
	$(BIN)/python -m autograder prove $(EXERCISE) --solution-seeds 1000 --out proof --mutants

exercises: $(READY) ## make exercises/ from solutions/ and the checks
	$(BIN)/python -m autograder release

grade: $(READY) ## grade SUBMISSIONS=dir, or the bundled sample class; UNPROTECTED=1 without a sandbox
ifeq ($(SUBMISSIONS),)
	rm -rf build/sample build/sample_course
	$(BIN)/python -m autograder sample build/sample
	COURSE_DIR=build/sample_course $(BIN)/python -m autograder grade $(if $(UNPROTECTED),--unprotected) build/sample
else
	$(BIN)/python -m autograder grade $(if $(UNPROTECTED),--unprotected) "$(SUBMISSIONS)"
endif

lint: $(READY) ## ruff, as CI runs it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: $(READY) ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m venv build/uv && build/uv/bin/python -m pip install --quiet uv==0.13.8
	build/uv/bin/uv pip compile --universal --python-version 3.11 --no-header --no-annotate --quiet \
		pyproject.toml | grep -vE '^(nvidia-|cuda-|triton=)' > build/lock
	sed -n '/^#/p' requirements.lock | cat - build/lock > build/lock.new
	mv build/lock.new requirements.lock

clean: ## remove what was built; never course/
	rm -rf _build build .pytest_cache .ruff_cache
