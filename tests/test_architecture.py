"""The house rules that no linter knows."""

import ast
import shutil
import subprocess
import sys
import tomllib
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


LAYERS = "Data flows one way"
BREACHES = {
    "the requests import the engine": ("bot/requests/base.py", "import bot.jobs.store", LAYERS),
    "Discord's room imports the check": ("bot/chat/client.py", "import bot.check", LAYERS),
    "the engine imports Discord": ("bot/jobs/worker.py", "import discord", "Only chat and cogs speak Discord"),
    "the client imports SQL": ("bot/api/client.py", "import sqlalchemy", "Only the engine speaks SQL"),
    "the engine imports HTTP": ("bot/jobs/steps/poll.py", "import httpx", "Only bot.api speaks to the video services"),
    "the engine imports a vendor": ("bot/jobs/job.py", "import bot.requests.veo", "The engine knows no vendor"),
    "the sandbox imports the engine": (
        "bot/sandbox/faults.py",
        "import bot.jobs.store",
        "The sandbox speaks protocols",
    ),
    "the sandbox imports our links": ("bot/sandbox/faults.py", "import bot.links", "The sandbox speaks protocols"),
    "the bot imports its cogs": ("bot/chat/client.py", "import cogs.veo", "The bot never imports its cogs"),
}
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]


def test_every_import_contract_has_a_planted_breach():
    """A new contract comes with the line that breaks it."""
    planted = {contract for _, _, contract in BREACHES.values()}

    assert [name for name in CONTRACTS if not name.startswith(tuple(planted))] == []


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES.values(), ids=BREACHES.keys())
def test_a_planted_breach_of_the_import_rules_is_found(file: str, line: str, contract: str, tmp_path: Path):
    """The contracts in pyproject.toml hold as the tree stands (make check), and this line breaks the one it should."""
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
    broken = [row.removesuffix(" BROKEN") for row in linted.stdout.splitlines() if row.endswith(" BROKEN")]
    assert linted.returncode == 1, linted.stdout
    assert any(name.startswith(contract) for name in broken), linted.stdout


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
