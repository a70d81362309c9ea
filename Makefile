# One command per chore, the same on a laptop and in CI. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
PRESS := $(VENV)/.press
LAB := $(VENV)/.lab
TESTS := $(VENV)/.tests
ARCHIVE := $(VENV)/.archive
BUILD := $(PY) -m site_builder
QUICK := not browser and not jekyll and not latex and not kernel
UV := 0.13.9
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --custom-compile-command "make lock" $(ARGS)
ESLINT := npx --yes -p eslint@9.39.5 -p @eslint/js@9.39.5 -p globals@16.3.0 eslint

.DEFAULT_GOAL := help
.PHONY: help site experiments checkpoints status serve new check verify compare export paper archive test cover lint lock bench kills gpu-check \
        screenshots clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

site: $(PRESS) ## execute what is stale and can run here, write _posts/ and _site/ (ARGS="--strict --versions")
	@$(BUILD) site $(ARGS)

experiments: $(LAB) ## execute stale runs only (RUN="id ...", ARGS="--force --jobs N")
	@$(BUILD) experiments $(RUN) $(ARGS)

checkpoints: $(LAB) ## train the weights of MODEL (default: all three); SEED=0; resumes where it stopped
	@for model in $(or $(MODEL),resnet18 vgg16 efficientnet_b0); do \
	  PYTHONPATH=_experiments $(PY) -m gradlab.photographs.checkpoint_training --model $$model --seed $(or $(SEED),0) || exit 1; \
	done

status: $(PRESS) ## each run: fresh or stale, why, when, on which device, how long it took
	@$(BUILD) status

serve: $(PRESS) ## show the site on this machine; build and reload on each change (PORT=4000)
	@$(BUILD) serve --port $(or $(PORT),4000)

new: $(PRESS) ## write a post template and a notebook to start from (SLUG=my-question; KIND=any-network)
	@$(BUILD) new $(or $(SLUG),$(error SLUG=my-question is wanted)) --kind $(or $(KIND),question)

check: $(PRESS) ## check the written posts and pages: links, references, alt texts, al-folio
	@$(BUILD) check

verify: $(LAB) ## execute again beside the committed results; which results moved, and how far (RUN="id ...")
	@$(BUILD) verify $(RUN)

compare: $(PRESS) ## which results two commits do not share, as Markdown (A=main; B=HEAD)
	@$(BUILD) compare $(or $(A),main) $(or $(B),HEAD)

export: $(PRESS) ## copy the posts into an al-folio checkout (TARGET=../my-al-folio ARGS=--prune)
	@$(BUILD) export $(or $(TARGET),$(error TARGET=path of an al-folio checkout is wanted)) $(ARGS)

paper: $(PRESS) ## copy figures, macros and BibTeX for a LaTeX paper (DEST=../paper NAMES="fig-x ..." ARGS="--afresh --prune")
	@$(BUILD) paper $(or $(DEST),$(error DEST=folder of the paper is wanted)) $(NAMES) $(ARGS)

archive: $(ARCHIVE) ## pack a tagged release as an RO-Crate into build/ (TAG=v1.2.0; default: the newest at HEAD)
	@$(BUILD) archive $${TAG:+"$$TAG"}

test: $(TESTS) ## run every test, and see that the press is covered (ARGS="-k name": only those, unmeasured)
	@$(PY) -m pytest $(or $(ARGS),-n auto --maxprocesses 8 --dist loadfile --cov --cov-report=)

cover: $(TESTS) ## the quick tests of the press alone, and which of its lines they leave out
	@$(PY) -m pytest tests/site_builder tests/tools -m "$(QUICK)" --cov --cov-report=term-missing

fuzz: $(TESTS) ## give the press 1,000 damaged and hostile inputs (ARGS="--count N --seed N", or "--only N" for one)
	@PYTHONPATH=.:_experiments $(PY) -m tests.tools.mutations $(ARGS)

lint: $(TESTS) ## ruff, mypy and, where npx can fetch it, eslint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@if $(ESLINT) --version >/dev/null 2>&1; then \
	  $(ESLINT) --config tests/eslint.config.mjs --max-warnings 0 assets/js tests/browser && echo "eslint: no problems"; \
	else echo "eslint: not at hand (no npx, an old node, or no npm registry); scripts were not linted"; fi

# The parts for GPUs that torch needs differ between machines; pip takes those that the torch it installs asks for.
lock: | $(PY) ## choose and write down the versions of all that the requirements need (ARGS=--upgrade: newest)
	@$(PIP) uv==$(UV)
	@$(LOCK) --generate-hashes site_builder/requirements.txt -o site_builder/requirements.lock
	@$(LOCK) --generate-hashes --no-deps --no-header site_builder/requirements-katex.txt \
	  >> site_builder/requirements.lock
	@$(LOCK) -c site_builder/requirements.lock _experiments/requirements.txt -o _experiments/requirements.lock
	@sed -i.bak -E '/^(nvidia|cuda|triton)/d' _experiments/requirements.lock && rm _experiments/requirements.lock.bak
	@$(LOCK) -c site_builder/requirements.lock -c _experiments/requirements.lock \
	  tests/requirements.txt site_builder/requirements-archive.txt -o tests/requirements.lock

bench: $(TESTS) ## measure: the press at 10, 100, 1,000 posts, the hooks, ImageNet's time, pages and figures of _site in Chromium
	@for script in tests/bench/bench_*.py; do \
	  echo "== $$script"; PYTHONPATH=.:_experiments $(PY) $$script || exit 1; \
	done

kills: $(TESTS) ## kill builds and deliveries at each of their changes, or fill the disk (ARGS="--points 50": of each)
	@$(PY) -m tests.tools.kills $(ARGS)

gpu-check: $(TESTS) ## on a box with CUDA: what its results are worth and how fast it is, in at most five minutes
	@PYTHONPATH=.:_experiments:tests/bench $(PY) tests/bench/gpu_check.py $(ARGS)

screenshots: $(TESTS) site ## pictures of every page: three widths, light and dark (into .cache/screenshots)
	@$(PY) -m tests.browser.screenshots _site .cache/screenshots

clean: ## remove what commands above made and git ignores (the virtual environment stays)
	rm -rf _site build .cache .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# Environments: each stamp stands for a set of installed requirements, and is older than none of them.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)

$(PRESS): site_builder/requirements.lock | $(PY)
	@echo "installing what the press needs into $(VENV)"
	@$(PIP) --no-deps -r $<
	@touch $@

$(LAB): _experiments/requirements.txt _experiments/requirements.lock $(PRESS) | $(PY)
	@echo "installing what the experiments need into $(VENV) (torch is large)"
	@$(PIP) -r $< -c _experiments/requirements.lock
	@touch $@

$(ARCHIVE): site_builder/requirements-archive.txt tests/requirements.lock $(PRESS) | $(PY)
	@echo "installing what an archive needs into $(VENV)"
	@$(PIP) -r $< -c tests/requirements.lock
	@touch $@

$(TESTS): tests/requirements.txt tests/requirements.lock $(LAB) $(ARCHIVE) | $(PY)
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) -r tests/requirements.txt -c tests/requirements.lock
	@touch $@
