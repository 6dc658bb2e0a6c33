# Every target sets up what it needs: a machine with Python 3.11+ (venv) and make is enough.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)  # tests wait for much of their time

.PHONY: demo play test check crash bench bench-fit mutate screenshots format lock clean

demo: .venv/run  ## run every command once against the sandbox: no account, no key
	$(BIN)/python -m bot demo

play: .venv/run  ## use the whole bot in your browser: no account, no key; ARGS="--port 8700" keeps to one address
	$(BIN)/python -m bot demo --page $(ARGS)

test: .venv/dev  ## run every test, and see that they reach the code; ARGS="-k word" runs some of them
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(or $(ARGS),--cov)
	$(if $(ARGS),,$(BIN)/python -m tests.coverage_gate)

check: .venv/dev  ## lint, formatting, types, import rules, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports
	$(BIN)/python -m tests.audit

crash: .venv/dev  ## kill the bot at every moment there is (KILLS=200 SEED=1), and count what people have seen
	$(BIN)/python -m tests.crash $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: .venv/dev  ## measure ratios side by side on this machine
	$(BIN)/python -m tests.benchmarks

bench-fit: .venv/dev  ## make a set of films fit their limits: size, share, tries, VMAF, seconds
	$(BIN)/python -m tests.benchmarks.fit $(ARGS)

mutate: .venv/dev  ## plant defects where money is decided and see whether a test notices; ARGS="steps/submit" takes a module
	nice -n 10 $(BIN)/python -m tests.mutation $(ARGS)

screenshots: .venv/dev  ## take the pictures of docs/pictures in the playground, with Chromium; ARGS="result film" takes some
	$(BIN)/python -m tests.screenshots $(ARGS)

format: .venv/dev  ## rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/dev  ## renew both lock files from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --upgrade \
		pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --group dev \
		--constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean:  ## remove what can be made again; never data, where the jobs are
	rm -rf .venv demo .coverage* .hypothesis .import_linter_cache .pytest_cache .ruff_cache

.venv/run: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	touch $@

.venv/dev: .venv/run requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
