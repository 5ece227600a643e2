"""Reading the product's own source for the tests of its shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("payments", "mall", "groupleader")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its path from the root; migrations are written by Django."""
    files = [file for floor in FLOORS for file in sorted((ROOT / floor).rglob("*.py"))]
    return {
        str(file.relative_to(ROOT)): ast.parse(file.read_text(), filename=str(file))
        for file in files
        if "migrations" not in file.parts
    }


def calls(tree: ast.AST, method: str) -> Iterator[ast.Call]:
    """Every call of a method of this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == method:
            yield node


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Every module the code imports, and every name it takes from one, dotted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
