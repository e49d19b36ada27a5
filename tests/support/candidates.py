"""Candidates as tests make them: short to write, the rest as the engine would fill it in."""

from collections.abc import Sequence

from coding_agent.testgen.inside.model import Act, Arg, Candidate, Check, Patch
from coding_agent.testgen.shape import Parameters
from coding_agent.testgen.style import Style
from coding_agent.testgen.write import write

LINE = "from shop.cart import {}"


def candidate(
    target: str,
    call: str,
    *args: str | tuple[str, str],
    equal: str = "",
    raises: tuple[str, str] | None = None,
    checks: Sequence[Check] = (),
    arrange: Sequence[str] = (),
    kind: str = "call",
    imports: Sequence[str] | None = None,
    patches: Sequence[Patch] = (),
    fixtures: Sequence[str] = (),
    origin: str = "search",
) -> Candidate:
    """``equal`` is what the result equals, or is, for None and truths; ``raises`` an exception and its pattern."""
    found = list(checks)
    if equal:
        found.insert(0, Check("is" if equal in ("None", "True", "False") else "equal", "result", equal))
    if raises:
        found.insert(0, Check("raises", "", *raises))
    given = tuple(Arg(*arg) if isinstance(arg, tuple) else Arg("", arg) for arg in args)
    lines = (LINE.format(target.partition(".")[0]),) if imports is None else tuple(imports)
    return Candidate(
        target,
        tuple(arrange),
        Act(kind, call, given),
        tuple(patches),
        tuple(fixtures),
        lines,
        origin,
        tuple(found),
    )


def text_of(*candidates: Candidate, parameters: Parameters | None = None, style: Style | None = None) -> str:
    """The file of these candidates."""
    return write(candidates, parameters or {}, style or Style()).text
