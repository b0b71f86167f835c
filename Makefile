# Everything runs in .venv, which each target makes by itself. The first thing to try: make demo.
PYTHON ?= python3
BIN := .venv/bin

# Where bytecode may not be kept, every worker of the tests would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench soak servers cluster lock golden clean

demo: .venv/installed
	$(BIN)/quarterdeck demo

test: .venv/installed
	QUARTERDECK_SERVERS=none $(BIN)/python -m pytest -n 8 --dist worksteal -m "not (fuzz or slow or server)" tests/unit tests/contract

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(MAKE) test
	$(BIN)/python -m pytest -n 3 --dist loadscope -m "fuzz or slow or server" tests/unit tests/contract
	$(BIN)/python -m pytest -n 3 --dist loadscope tests/e2e tests/cluster tests/servers

bench: .venv/installed
	$(BIN)/python -m tests.bench

# Two replicas are killed at moments that a seed decides. For whoever changes the outbox, the leader or the recovery.
soak: .venv/installed
	$(BIN)/python -m pytest -n 0 tests/soak

servers: .venv/installed
	$(BIN)/python -m tests.servers.build

cluster: .venv/installed
	$(BIN)/python -m tests.servers.cluster

# The versions that were tested together. `make lock` brings them up to date.
lock:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade ".[dev]"
	$(BIN)/pip freeze --all --exclude pip --exclude quarterdeck > requirements.lock
	rm -f .venv/installed

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --no-deps --editable .
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

# The words people read, written anew: look at the difference.
golden: .venv/installed
	QUARTERDECK_GOLDEN=write $(BIN)/python -m pytest -n 0 tests/unit/test_golden.py tests/unit/test_slack_blocks.py tests/unit/test_webex_markdown.py
