"""The defects that `make mutate` plants beside cosmic-ray's own."""

from __future__ import annotations

from typing import Any

import pytest
from cosmic_ray.mutating import mutate_code

from tests.mutation.operators import DropPart, DropStatement


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        (DropStatement(), "f(1)\n", ["pass\n"]),
        (DropStatement(), "x = await f(x)\n", ["pass\n"]),
        (DropStatement(), "x += 1\n", ["pass\n"]),
        (DropStatement(), "raise error\n", ["pass\n"]),
        (DropStatement(), "x = f(y)\nreturn x\n'''Text.'''\n", []),
        (DropPart(), "f(1, a=2, b=3)", ["f(1, b=3)", "f(1, a=2,)"]),
        (DropPart(), "f(a=2)", ["f()"]),
        (DropPart(), "f(1, 2)", []),
        (DropPart(), "{1: 2, **x}", ["{ **x}", "{1: 2,}"]),
        (DropPart(), "{1, 2}", ["{ 2}", "{1,}"]),
        (DropPart(), "(1, 2)", ["( 2,)", "(1,)"]),
        (DropPart(), "[x for x in y]", []),
    ],
)
def test_each_place_gives_its_mutant(operator: Any, before: str, after: list[str]):
    """One after the other, and no more of them."""
    found = [mutate_code(before, operator, occurrence) for occurrence in range(len(after) + 1)]

    assert found == [*after, None]
