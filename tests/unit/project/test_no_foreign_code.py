"""Nothing that comes from outside is ever run: no word in the program could do it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "torch", "ctypes", "cffi", "code",
    "codeop", "runpy", "imp", "zipimport", "pty"}  # fmt: skip
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp",
    "asyncio.create_subprocess_shell", "subprocess.getoutput", "subprocess.getstatusoutput"}  # fmt: skip
PREFIXES = ("os.exec", "os.spawn", "os.posix_spawn")
STARTS = ("subprocess.", "asyncio.create_subprocess_exec")
STARTERS = {"bot/media/tool.py", "bot/media/picture.py"}
"""The one file that starts other programs; the sandbox, which no bot loads, has its own."""


def offences(source: str, file: str) -> list[str]:
    """What a file must not have."""
    tree = ast.parse(source)
    named = dict(_imported(tree))
    modules = {origin.partition(".")[0] for origin in named.values()}
    found = [f"imports {name}" for name in sorted(modules & MODULES)]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = _dotted(call.func, named)
        if name in CALLS or name.startswith(PREFIXES):
            found.append(f"calls {name}")
        if any(word.arg == "shell" for word in call.keywords):
            found.append(f"passes shell to {name}")
        if name.startswith(STARTS) and file not in STARTERS and not file.startswith("bot/sandbox/"):
            found.append(f"starts a program by {name}")
    return found


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Local name to where it comes from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield (
                    each.asname or each.name.partition(".")[0],
                    each.name if each.asname else each.name.partition(".")[0],
                )
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                yield each.asname or each.name, f"{node.module}.{each.name}"


def _dotted(called: ast.expr, named: dict[str, str]) -> str:
    """The full name of what is called; empty for anything but names and attributes."""
    if isinstance(called, ast.Name):
        return named.get(called.id, called.id)
    if isinstance(called, ast.Attribute) and (owner := _dotted(called.value, named)):
        return f"{owner}.{called.attr}"
    return ""


def test_the_program_has_no_word_that_runs_what_it_reads():
    """No unpickling, no eval, no shell; other programs are started in one file, with words of our own."""
    files = [path for room in ("bot", "cogs") for path in (ROOT / room).rglob("*.py")]
    wrong = {
        name: found
        for path in files
        if (found := offences(path.read_text(), name := path.relative_to(ROOT).as_posix()))
    }
    assert len(files) > 100
    assert wrong == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from torch import load",
        "import yaml as y",
        "eval('1')",
        "import os; os.system('x')",
        "from os import execv as go; go('x', [])",
        "import tempfile; tempfile.mktemp()",
        "import subprocess as s; s.run('x', shell=True)",
        "from subprocess import Popen; Popen(['x'])",
        "import asyncio; asyncio.create_subprocess_exec('x')",
        "from asyncio import create_subprocess_shell as go; go('x')",
    ],
)
def test_a_planted_word_is_found(source: str):
    """Under whatever name it was imported."""
    assert len(offences(source, "bot/web.py")) > 0
