"""Which mutants are not planted: what no run can tell from the original, by rule or by name, each with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from cosmic_ray.work_item import MutationSpec

Place: TypeAlias = tuple[int, int]


class Meaning:
    """The rules for one module."""

    def __init__(self, session: dict[str, Any], rules: list[dict[str, str]]) -> None:
        source = Path(session["module"]).read_text()
        self._lines = source.splitlines()
        self._spans = list(_unread(ast.parse(source)))
        self._rules = rules
        self._equivalent: list[dict[str, str]] = session.get("equivalent", [])

    def of(self, mutation: MutationSpec) -> str | None:
        """Why a mutant is not planted; None where it is."""
        operator = mutation.operator_name.partition("/")[2]
        for start, end, why in self._spans:
            if start <= mutation.start_pos and mutation.end_pos <= end:
                return why
        line = self._lines[mutation.start_pos[0] - 1]
        for rule in self._rules:
            if re.fullmatch(rule["operator"], operator) and re.fullmatch(rule.get("line", ".*"), line):
                return rule["why"]
        if operator.startswith("ReplaceBinaryOperator_Mul") and line[: mutation.start_pos[1]].rstrip()[-1:] in "(,[":
            return "a * that multiplies nothing"
        text = line[mutation.start_pos[1] : mutation.end_pos[1]]
        for known in self._equivalent:
            if (known["line"], known["text"], known["operator"]) == (line.strip(), text, operator):
                return f"equivalent: {known['why']}"
        return None


def _unread(tree: ast.Module) -> Iterator[tuple[Place, Place, str]]:
    """What is written for readers and the type checker alone."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
                yield *_span(node), "an alias of a type, never evaluated"
            case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
                yield *_span(annotation), "an annotation, never evaluated"
            case ast.FunctionDef(returns=ast.expr() as returns) | ast.AsyncFunctionDef(returns=ast.expr() as returns):
                yield *_span(returns), "an annotation, never evaluated"
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="_log")))):
                yield *_span(node), "a log line"
            case ast.ClassDef(decorator_list=decorators):
                for decorator in decorators:
                    # From the @ on, and through the end of the line.
                    yield (decorator.lineno, 0), (node.lineno, 0), "the type checker holds frozen, kw_only and slots"
            case _:
                pass


def _span(node: ast.expr | ast.stmt) -> tuple[Place, Place]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
