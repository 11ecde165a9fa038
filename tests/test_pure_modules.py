"""A module that calls itself "Pure" in its docstring does no I/O: the import contract holds for exactly these."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from devtools.bootstrap import ROOT

CONTRACT = "Rules do no I/O"
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
# In the docstring: "Pure.", "Pure: …" or "Pure but for …".
_SAYS_PURE = re.compile(r"\bPure\b")


def _says_pure(path: Path) -> bool:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return docstring is not None and _SAYS_PURE.search(docstring) is not None


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def contract_modules() -> list[str]:
    found: list[str] = next(each["source_modules"] for each in CONFIG["contracts"] if each["name"] == CONTRACT)
    return found


def test_the_contract_names_the_modules_that_call_themselves_pure(contract_modules: list[str]) -> None:
    paths = [path for package in CONFIG["root_packages"] for path in (ROOT / package).rglob("*.py")]
    pure = {_module_name(path) for path in paths if _says_pure(path)}
    unguarded, unsaid = sorted(pure - set(contract_modules)), sorted(set(contract_modules) - pure)
    assert not unguarded, f"add these to source_modules of '{CONTRACT}' in pyproject.toml: {unguarded}"
    assert not unsaid, f"these stand in '{CONTRACT}': say 'Pure.' in their docstrings, or take them out: {unsaid}"


def test_the_contract_is_sorted(contract_modules: list[str]) -> None:
    assert contract_modules == sorted(set(contract_modules))
