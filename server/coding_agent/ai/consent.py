"""Which hosts may have code of which workspaces, as the user said: one answer for a workspace and a host, kept.

This machine needs none. A file that cannot be believed has agreed to nothing, and says so.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.errors import NotAgreed, UserError
from coding_agent.store.atomic import make_private, write_private
from coding_agent.store.private import changing, unsafe
from coding_agent.store.trust import real

_VERSION = 1
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Said:
    agreed: frozenset[_Pair] = frozenset()
    refused: frozenset[_Pair] = frozenset()
    problem: str = ""


class Consents:
    """Reads and writes one file. Each question reads it anew, so that two servers agree."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def answer(self, root: Path, host: str) -> bool | None:
        """What the user said about a workspace's root and a host; None where nobody asked.

        Raises: UserError - the file cannot be believed.
        """
        said = self._load()
        if said.problem:
            raise UserError(said.problem)
        pair = _pair(root, host)
        return True if pair in said.agreed else False if pair in said.refused else None

    def demand(self, root: Path, host: str) -> None:
        """Raises: NotAgreed - nobody agreed, or it was refused; UserError - the file cannot be believed."""
        answer = self.answer(root, host)
        if answer:
            return
        how = f"coding-agent ai allow {root}" if answer is None else f"coding-agent ai allow {root} changes it"
        why = (
            f"nobody agreed that code of {root} is sent to {host}"
            if answer is None
            else f"you said that no code of {root} is sent to {host}"
        )
        raise NotAgreed(f"{why} ({how})")

    def agree(self, root: Path, host: str) -> None:
        """Raises: UserError - the file cannot be written."""
        pair = frozenset([_pair(root, host)])
        self._change(lambda said: _Said(said.agreed | pair, said.refused - pair))

    def refuse(self, root: Path, host: str) -> None:
        """Raises: UserError - the file cannot be written."""
        pair = frozenset([_pair(root, host)])
        self._change(lambda said: _Said(said.agreed - pair, said.refused | pair))

    def forget(self, root: Path, host: str) -> None:
        """Raises: UserError - the file cannot be written."""
        pair = frozenset([_pair(root, host)])
        self._change(lambda said: _Said(said.agreed - pair, said.refused - pair))

    def _load(self) -> _Said:
        try:
            if why := unsafe(self.path.stat()):
                return self._nothing(why)
            return _decoded(self.path.read_bytes())
        except FileNotFoundError:
            return _Said()
        except OSError as error:
            return self._nothing(f"cannot be read ({error.strerror})")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return self._nothing(f"is broken ({error})")

    def _nothing(self, why: str) -> _Said:
        return _Said(problem=f"{self.path} {why}, so nothing is sent; remove it to be asked again")

    def _change(self, change: Callable[[_Said], _Said]) -> None:
        try:
            make_private(self.path.parent)
            with changing(self.path.parent):
                said = self._load()
                if said.problem:
                    raise UserError(said.problem)
                write_private(self.path, _encoded(change(said)))
        except OSError as error:
            raise UserError(f"{self.path} cannot be written: {error.strerror}") from error


def _pair(root: Path, host: str) -> _Pair:
    return str(real(root)), host


def _encoded(said: _Said) -> bytes:
    data = {"version": _VERSION, "agreed": sorted(said.agreed), "refused": sorted(said.refused)}
    return (json.dumps(data, indent=2) + "\n").encode("ascii")


def _decoded(content: bytes) -> _Said:
    data = cast("dict[str, object]", json.loads(content))
    if data["version"] != _VERSION:
        raise ValueError("unknown version")
    return _Said(_pairs(data["agreed"]), _pairs(data["refused"]))


def _pairs(value: object) -> frozenset[_Pair]:
    pairs = {(root, host) for root, host in cast("list[tuple[object, object]]", value)}
    if not all(isinstance(root, str) and isinstance(host, str) for root, host in pairs):
        raise ValueError("not a root and a host")
    return cast("frozenset[_Pair]", frozenset(pairs))
