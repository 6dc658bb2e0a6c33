"""The house rules that no linter knows."""

import ast
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
