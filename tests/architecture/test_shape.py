"""How long things are: printed as places to look, never a failure."""

from __future__ import annotations

import ast

from tests.architecture.source import ROOT, modules

FILE_LINES, FUNCTION_LINES = 300, 50


def _long_files() -> list[str]:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in modules()}
    return [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > FILE_LINES]


def _long_functions() -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]


def test_the_long_places_are_named(capsys):
    report = [*_long_files(), *_long_functions()]

    with capsys.disabled():
        for line in report:
            print(f"\nlong: {line}")

    assert len(modules()) > 100


def test_every_module_says_in_its_first_line_what_it_is():
    silent = [
        path
        for path, tree in modules().items()
        if tree.body and not ast.get_docstring(tree) and path.rpartition("/")[2] != "__init__.py"
    ]

    assert silent == []
