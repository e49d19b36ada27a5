"""What endpoints are known to take, learned from their refusals and kept: each is refused once, not in each session."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from coding_agent.ai.endpoint import Endpoint
from coding_agent.ai.model import Abilities, Structure
from coding_agent.ai.structure import lower
from coding_agent.store.atomic import write_private

_VERSION = 1
_MOST = 100
"""Endpoints that are remembered."""


class Known:
    """``file`` is None where nothing is kept. What it holds that we do not understand counts for nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._here: dict[str, Abilities] = {}

    def of(self, endpoint: Endpoint) -> Abilities:
        key = _key(endpoint)
        if key not in self._here:
            self._here[key] = self._kept().get(key, Abilities())
        return self._here[key]

    def learn(self, endpoint: Endpoint, can: Abilities) -> None:
        """Remember; a disk that does not take it is no matter."""
        key = _key(endpoint)
        self._here[key] = can
        if self._file is None:
            return
        kept = self._kept()
        kept.pop(key, None)
        rows = dict([*kept.items(), (key, can)][-_MOST:])
        table = {each: {**asdict(value), "structure": value.structure.value} for each, value in rows.items()}
        try:
            write_private(self._file, json.dumps({"version": _VERSION, "endpoints": table}, indent=1).encode())
        except OSError:
            return

    def _kept(self) -> dict[str, Abilities]:
        if self._file is None:
            return {}
        try:
            data = cast("dict[str, object]", json.loads(self._file.read_bytes()))
            if data["version"] != _VERSION:
                return {}
            rows = cast("dict[str, dict[str, object]]", data["endpoints"])
            return {key: _read(row) for key, row in rows.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}


def less(can: Abilities, param: str) -> Abilities | None:
    """What an endpoint can that does not take a parameter; None where we cannot do without."""
    other = "max_tokens" if can.most == "max_completion_tokens" else "max_completion_tokens"
    below = lower(can.structure)
    ways = {
        "temperature": replace(can, temperature=False) if can.temperature else None,
        "stream_options": replace(can, counts=False) if can.counts else None,
        "stream": replace(can, streams=False) if can.streams else None,
        "response_format": replace(can, structure=below) if below is not None else None,
        can.most: replace(can, most=other),
    }
    return ways.get(param)


def _key(endpoint: Endpoint) -> str:
    return f"{endpoint.url} {endpoint.model}"


def _read(row: dict[str, object]) -> Abilities:
    most = row["most"]
    if most not in ("max_tokens", "max_completion_tokens"):
        raise ValueError("unknown parameter")
    return Abilities(
        Structure(row["structure"]), row["streams"] is True, row["counts"] is True, row["temperature"] is True, most
    )
