"""Defects that cosmic-ray does not plant by itself: a statement left out, and one part of a call or a collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from parso.python.tree import Keyword, Operator, PythonNode

Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

_COLLECTIONS = {"arglist", "dictorsetmaker", "testlist_comp"}
_COMPREHENSIONS = {"comp_for", "sync_comp_for"}


class DropStatement:
    """Leaves out a call, a `raise`, or an assignment to a name from itself, as `job = await save(job)`."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """The statement, if it is one that can be missing without a name being unknown."""
        if node.type == "simple_stmt" and _is_droppable(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Puts `pass` in its place."""
        assert index == 0
        statement = node.children[0]
        node.children[0] = Keyword("pass", statement.start_pos, statement.get_first_leaf().prefix)
        return node

    @staticmethod
    def arguments() -> tuple[()]:
        """None are to be given in a configuration."""
        return ()


class DropPart:
    """Leaves out one named argument of a call, or one entry of a dict, set, list or tuple that is written out."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """Each part that can go."""
        for part in _parts(node):
            yield part[0].start_pos, part[-1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Takes the part out, with the comma after it."""
        part = _parts(node)[index]
        first = node.children.index(part[0])
        after = first + len(part)
        comma = after < len(node.children) and _is(node.children[after], ",")
        del node.children[first : after + comma]
        if node.type == "testlist_comp" and len(_parts(node)) == 1 and not _is(node.children[-1], ","):
            node.children.append(Operator(",", node.end_pos))  # what is left of a tuple is still one
        return node

    @staticmethod
    def arguments() -> tuple[()]:
        """None are to be given in a configuration."""
        return ()


def _is_droppable(statement: Any) -> bool:
    if statement.type == "expr_stmt":
        target, sign = statement.children[0], statement.children[1]
        augmented = sign.type == "operator" and sign.value != "="
        return augmented or (target.type == "name" and _mentions(statement.children[-1], target.value))
    return statement.type in ("atom_expr", "power", "raise_stmt")


def _mentions(node: Any, name: str) -> bool:
    leaf, last = node.get_first_leaf(), node.get_last_leaf()
    while leaf is not last and leaf.value != name:
        leaf = leaf.get_next_leaf()
    return leaf.value == name


def _parts(node: Any) -> list[list[PythonNode]]:
    """What a call's arguments or a collection can do without, each as the nodes that it is made of."""
    if node.type == "trailer" and len(node.children) == 3 and _is_named(node.children[1]):
        return [[node.children[1]]]
    if node.type not in _COLLECTIONS or any(child.type in _COMPREHENSIONS for child in node.children):
        return []
    groups: list[list[PythonNode]] = [[]]
    for child in node.children:
        if _is(child, ","):
            groups.append([])
        else:
            groups[-1].append(child)
    return [group for group in groups if group and (node.type != "arglist" or _is_named(group[0]))]


def _is_named(node: Any) -> bool:
    return node.type == "argument" and _is(node.children[1], "=")


def _is(node: Any, sign: str) -> bool:
    return node.type == "operator" and node.value == sign
