"""One scheme for the machine-readable word of a log line."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "exception"}


def log_calls() -> list[tuple[str, ast.Call]]:
    """Every call of a module's `_log`, with the place it stands."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"_log", "log", "logger"}
    ]


def test_every_log_line_is_a_sentence_with_an_action():
    """`<subject>_<what happened>` for machines, a capitalised sentence for people, always on the logger `_log`."""
    calls = log_calls()
    wrong = [place for place, call in calls if not _is_sound(call)]

    assert len(calls) > 30
    assert wrong == []


def _is_sound(call: ast.Call) -> bool:
    action = next((word.value for word in call.keywords if word.arg == "action"), None)
    return (
        action is not None
        and re.fullmatch(r"f?['\"][a-z]+_[a-z_{}]+['\"]", ast.unparse(action)) is not None
        and isinstance(call.args[0], ast.Constant)
        and str(call.args[0].value)[0].isupper()
        and ast.unparse(call.func).startswith("_log.")
    )
