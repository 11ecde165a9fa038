"""What the fields of a struct mean: the docstrings that stand under them in the source.

    class Till(msgspec.Struct):
        name: str
        \"\"\"What the staff call it.\"\"\"

Python keeps a class's docstring and forgets those of its fields, so they are read from the source once, when the
API's description is made. Pydantic calls the same thing `use_attribute_docstrings`.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache


def find_field_docs(cls: type) -> dict[str, str]:
    """By the field's Python name, those of base classes included; a subclass's own text wins."""
    docs: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        docs |= _docs_of_module(each.__module__).get(each.__qualname__, {})
    return docs


@cache
def _docs_of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """By the qualified name of the class. Nothing for a module without Python source (msgspec's own)."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except (OSError, TypeError):
        return {}
    return {node.name: dict(_docs_of_class(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _docs_of_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            yield field.target.id, inspect.cleandoc(text.value.value)
