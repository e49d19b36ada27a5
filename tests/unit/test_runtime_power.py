"""Whether there is something to spare, as the system tells it."""

import os
from types import SimpleNamespace

import pytest

from coding_agent.runtime.power import BUSY, ON_BATTERY, spent

psutil = pytest.importorskip("psutil")
CORES = os.cpu_count() or 1


@pytest.mark.parametrize(
    ("plugged", "load", "own", "expected"),
    [
        (True, 0.0, 1, ""),
        (None, 0.0, 1, ""),
        (False, 0.0, 1, ON_BATTERY),
        (True, CORES + 1.5, 1, BUSY),
        (True, CORES + 1.5, 2, ""),
    ],
)
def test_battery_and_load(
    monkeypatch: pytest.MonkeyPatch, plugged: bool | None, load: float, own: int, expected: str
) -> None:
    battery = None if plugged is None else SimpleNamespace(power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    monkeypatch.setattr(psutil, "getloadavg", lambda: (load, 0.0, 0.0))
    assert spent(own) == expected


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise FileNotFoundError("/sys/class/power_supply")

    monkeypatch.setattr(psutil, "sensors_battery", fails, raising=False)
    monkeypatch.setattr(psutil, "getloadavg", lambda: (0.0, 0.0, 0.0))
    assert spent(1) == ""
    # What is known counts all the same.
    monkeypatch.setattr(psutil, "getloadavg", lambda: (CORES + 2.0, 0.0, 0.0))
    assert spent(1) == BUSY
    monkeypatch.setattr(psutil, "getloadavg", fails)
    assert spent(1) == ""
