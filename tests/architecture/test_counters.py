"""Scarce things are given out by the database: no counter is read, judged and written back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import calls, modules

# A bare save() writes every column, counters too. These write rows that have none.
_MAY_SAVE_WHOLE_ROWS = {
    "groupleader/services/batch_files.py": "a workbook, no row",
    "mall/aftersales/photos.py": "a photo's file, no row",
    "mall/catalogue/services.py": "a product and its extra carry no counter",
    "mall/fulfilment/papers/labels.py": "printed labels, no rows",
    "mall/papers/page.py": "a printed sheet, no row",
    "mall/papers/uploads.py": "a picture, no row",
    "mall/storefront/posters/sheet.py": "a poster, no row",
    "mall/promotions/lifecycle.py": "copies an offer into a new row",
    "mall/config/demo_data/goods.py": "new rows of a new demo",
    "mall/config/demo_data/newcomers.py": "a picture, no row",
    "mall/config/demo_data/people.py": "new rows of a new demo",
    "mall/config/demo_data/sales.py": "new rows of a new demo",
}
# Set on an object that is shown and never saved.
_SHOWN_ONLY = {
    ("mall/groupbuy/capture.py", "count"),
    ("mall/ordering/backs.py", "minor"),
    ("mall/ordering/stock.py", "held"),
    # New rows that carry the number of their version.
    ("mall/loyalty/admin/programme.py", "version"),
    ("mall/promotions/lifecycle.py", "version"),
}


def _counters() -> set[str]:
    """The columns the product moves in the database: ``held=F("held") + …``."""
    return {
        keyword.arg
        for tree in modules().values()
        for update in calls(tree, "update")
        for keyword in update.keywords
        if keyword.arg and f"F('{keyword.arg}')" in ast.unparse(keyword.value)
    }


def _assignments(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        for target in targets if isinstance(node, ast.Assign | ast.AugAssign) else []:
            if isinstance(target, ast.Attribute):
                yield node.lineno, target.attr


def test_the_rule_knows_the_counters():
    assert {"refund_committed_minor", "reserved_count", "reserved_minor"} <= _counters()


def test_no_counter_is_assigned_in_python():
    counters = _counters()

    culprits = [
        f"{path}:{line} {name}"
        for path, tree in modules().items()
        for line, name in _assignments(tree)
        if name in counters and (path, name) not in _SHOWN_ONLY
    ]

    assert culprits == []


def test_a_row_is_saved_by_named_columns():
    culprits = [
        f"{path}:{call.lineno}"
        for path, tree in modules().items()
        if path not in _MAY_SAVE_WHOLE_ROWS and not path.endswith("admin.py")
        for call in calls(tree, "save")
        if "update_fields" not in {keyword.arg for keyword in call.keywords}
        and not ast.unparse(call.func).startswith("super()")
    ]

    assert culprits == []


def test_row_locks_leave_keys_alone():
    """A plain FOR UPDATE makes whoever inserts a child row wait: docs/decisions/0009."""
    locks = [
        (path, call.lineno)
        for path, tree in modules().items()
        for call in calls(tree, "select_for_update")
        if not any(keyword.arg == "no_key" for keyword in call.keywords)
    ]

    assert locks == []
