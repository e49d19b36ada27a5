"""Which rules of ruff report in a project, so that ours that see the same thing stay silent.

A twin is ``ruff:S307``; only ruff's are looked up here, others never count as on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

_RUFF = "ruff:"


@dataclass(frozen=True, slots=True)
class RuffConfig:
    """What a ruff configuration says about rules: codes or prefixes of codes, or ``ALL``.

    ``select`` is None where the configuration does not choose: then ruff's defaults hold.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()


def ruff_config(table: Mapping[str, object]) -> RuffConfig:
    """Read the configuration from ``[tool.ruff]`` of a pyproject or from a whole ``ruff.toml``.

    The table ``lint`` in it wins over the same settings above it, which ruff still reads.
    What is not a list of texts is left out: ruff itself will tell the user.
    """
    lint = table.get("lint")
    inner = cast("Mapping[str, object]", lint if isinstance(lint, Mapping) else {})

    def said(name: str) -> tuple[str, ...] | None:
        value = inner.get(name, table.get(name))
        if not isinstance(value, list):
            return None
        return tuple(each for each in cast("list[object]", value) if isinstance(each, str))

    return RuffConfig(said("select"), said("extend-select") or (), said("ignore") or (), said("extend-ignore") or ())


def twin_is_on(config: RuffConfig | None) -> Callable[[str], bool]:
    """Return whether a twin reports under ``config``; None is a project without one, where ruff's defaults hold."""
    chosen = config or RuffConfig()

    def is_on(twin: str) -> bool:
        if not twin.startswith(_RUFF):
            return False
        code = twin.removeprefix(_RUFF)
        default = code in ruff_defaults()
        on = _longest(code, (*(chosen.select or ()), *chosen.extend_select))
        off = _longest(code, (*chosen.ignore, *chosen.extend_ignore))
        if on is None:
            # Neither chosen by name nor by default, or a default that is ignored.
            return chosen.select is None and default and off is None
        return off is None or on > off

    return is_on


@cache
def ruff_defaults() -> frozenset[str]:
    """The codes that ruff reports without any configuration."""
    text = Path(__file__).with_name("ruff_defaults.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def _longest(code: str, selectors: Iterable[str]) -> int | None:
    """The length of the most exact selector that covers a code, 0 for ``ALL``."""
    lengths = [0 if each == "ALL" else len(each) for each in selectors if each == "ALL" or _covers(each, code)]
    return max(lengths, default=None)


def _covers(selector: str, code: str) -> bool:
    """Whether ``selector`` is a prefix of ``code``: of the family's letters as a whole, or with digits behind them.

    ``S`` covers ``S307`` and not ``SIM102``; ``PL`` covers ``PLR0913``, the one family with parts.
    """
    letters, family = _letters(selector), _letters(code)
    if selector in _GROUPS:
        return family in _GROUPS[selector]
    return code.startswith(selector) and letters == family


def _letters(code: str) -> str:
    return code.rstrip("0123456789")


_GROUPS: dict[str, tuple[str, ...]] = {"PL": ("PLC", "PLE", "PLR", "PLW")}
