"""Finds the rules: every module of ``analysis/rules/<family>/`` with a constant ``RULE``."""

import pkgutil
import re
from functools import cache
from importlib import import_module
from types import ModuleType

from coding_agent.analysis import rules as families
from coding_agent.analysis.rule import Rule
from coding_agent.errors import UnknownName

_SENTENCE = re.compile(r"\.(?=\s+[A-Z`*])")


@cache
def modules() -> dict[str, ModuleType]:
    """The module of every rule, by the rule's name."""
    found: dict[str, ModuleType] = {}
    for family in pkgutil.iter_modules(families.__path__, families.__name__ + "."):
        package = import_module(family.name)
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            module = import_module(info.name)
            found[module.RULE.name] = module
    return dict(sorted(found.items()))


def all_rules() -> tuple[Rule, ...]:
    return tuple(module.RULE for module in modules().values())


def rule(name: str) -> Rule:
    """The rule of that name. Raises: UnknownName - with the closest names."""
    return _module(name).RULE


def family(name: str) -> str:
    """The family of a rule: the name of its folder."""
    return _module(name).__name__.split(".")[-2]


def page(name: str) -> str:
    """The text of a rule's page: what, why, source."""
    return (_module(name).__doc__ or "").strip()


def summary(name: str) -> str:
    """The first sentence of a rule's page."""
    return page(name).partition("\n")[0]


def reason(name: str) -> str:
    """Why the rule's pattern is bad: the first sentence of its page's second paragraph, "" where there is none."""
    paragraphs = page(name).split("\n\n")
    text = " ".join(paragraphs[1].split()) if len(paragraphs) > 1 else ""
    end = _SENTENCE.search(text)
    return text[: end.start() + 1] if end else text


def _module(name: str) -> ModuleType:
    found = modules().get(name)
    if found is None:
        from difflib import get_close_matches

        close = get_close_matches(name, modules(), 3)
        raise UnknownName(f"no rule is called '{name}'" + (f"; did you mean {' or '.join(close)}?" if close else ""))
    return found
