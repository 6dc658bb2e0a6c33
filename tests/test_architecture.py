"""The house rules that no linter knows."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.name)
def test_every_test_says_in_a_sentence_what_it_shows(path: Path):
    """A test without a docstring leaves its reader guessing."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    silent = [node.name for node in functions if node.name.startswith("test_") and not ast.get_docstring(node)]
    assert not silent, f"{path.name}: no docstring in {silent}"


BREACHES = {
    "the engine imports Discord": ("bot/jobs/worker.py", "import discord"),
    "the engine imports a vendor": ("bot/jobs/job.py", "import bot.requests.veo"),
    "the requests import the engine": ("bot/requests/base.py", "import bot.jobs.store"),
    "the sandbox imports the engine": ("bot/sandbox/faults.py", "import bot.jobs.store"),
    "the bot imports its cogs": ("bot/chat/client.py", "import cogs.veo"),
}


@pytest.mark.parametrize(("file", "line"), BREACHES.values(), ids=BREACHES.keys())
def test_a_planted_breach_of_the_import_rules_is_found(file: str, line: str, tmp_path: Path):
    """The contracts in pyproject.toml hold as the tree stands (make check) and fail once this line is added."""
    for folder in ("bot", "cogs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / file
    target.write_text(target.read_text() + f"\n{line}\n")
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 1, linted.stdout
    assert "broken" in linted.stdout.splitlines()[-1] or "BROKEN" in linted.stdout


def test_discord_is_banned_outside_chat_and_cogs(tmp_path: Path):
    """The linter names a direct import of discord in a module that may not have it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "web.py").write_text("import discord\n")
    linted = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "bot"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Only bot/chat and cogs speak Discord" in linted.stdout
