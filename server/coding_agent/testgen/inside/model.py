"""What the parts of the generator tell each other: everything is source text, so what is delivered is what was run."""

from typing import Any, Dict, NamedTuple, Tuple


class Arg(NamedTuple):
    """An argument of a call; ``name`` is empty where it goes by its place."""

    name: str
    code: str


class Patch(NamedTuple):
    """What stands in for the world while a candidate runs, as pytest's ``monkeypatch`` does it.

    ``how`` is a method of that fixture: setattr (``owner`` is an expression), setenv, delenv, chdir, setitem.
    """

    owner: str
    attribute: str
    code: str
    how: str = "setattr"


class Act(NamedTuple):
    """The one thing a test does.

    ``kind``: call, await, list and alist (the first items of an iterable), with and awith (enter, and bind the value),
    get and set (an attribute), expr (``callee`` is the whole expression).
    """

    kind: str
    callee: str
    args: Tuple[Arg, ...] = ()


class Check(NamedTuple):
    """What held behind the act.

    ``kind``: equal, is, approx, contains, true, false, type, raises, warns, prints, logs, file. ``subject`` is an
    expression over what was arranged, or ``result``; ``value`` the expected one; ``match`` a regular expression.
    """

    kind: str
    subject: str
    value: str
    match: str = ""


class Candidate(NamedTuple):
    """One test to be: arranged, done, observed. ``arranged``: those of ``arcs`` that only the arrangement passes."""

    target: str
    arrange: Tuple[str, ...]
    act: Act
    patches: Tuple[Patch, ...] = ()
    fixtures: Tuple[str, ...] = ()
    imports: Tuple[str, ...] = ()
    origin: str = "search"
    checks: Tuple[Check, ...] = ()
    arcs: Tuple[int, ...] = ()
    kills: Tuple[int, ...] = ()
    arranged: Tuple[int, ...] = ()


def to_json(candidate: Candidate) -> Dict[str, Any]:
    """Return a candidate as plain data."""
    data = candidate._asdict()
    data["act"] = {**candidate.act._asdict(), "args": [arg._asdict() for arg in candidate.act.args]}
    data["patches"] = [patch._asdict() for patch in candidate.patches]
    data["checks"] = [check._asdict() for check in candidate.checks]
    return data


def from_json(data: Dict[str, Any]) -> Candidate:
    """Return what ``to_json`` was given."""
    act = data["act"]
    return Candidate(
        target=data["target"],
        arrange=tuple(data["arrange"]),
        act=Act(act["kind"], act["callee"], tuple(Arg(**arg) for arg in act["args"])),
        patches=tuple(Patch(**patch) for patch in data["patches"]),
        fixtures=tuple(data["fixtures"]),
        imports=tuple(data["imports"]),
        origin=data["origin"],
        checks=tuple(Check(**check) for check in data["checks"]),
        arcs=tuple(data["arcs"]),
        kills=tuple(data["kills"]),
        arranged=tuple(data["arranged"]),
    )
