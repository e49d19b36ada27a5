"""Whether the machine has time and power to spare, for work that nobody waits for."""

import os
from importlib import import_module
from typing import Any

ON_BATTERY, BUSY = "the machine runs on its battery", "the machine is busy"


def spent(own: int) -> str:
    """Return why work should wait; "" where it need not, and where nothing is known.

    ``own`` processes of ours are working, and do not count.
    """
    try:
        psutil: Any = import_module("psutil")  # Its types are known in part only.
    except ImportError:
        return ""
    if _is_on_battery(psutil):
        return ON_BATTERY
    try:
        load: float = psutil.getloadavg()[0]
    except OSError:  # A container may hide it.
        return ""
    return BUSY if load - own > (os.cpu_count() or 1) else ""


def _is_on_battery(psutil: Any) -> bool:
    """False also where the system does not tell."""
    try:
        battery = psutil.sensors_battery()
    except (OSError, AttributeError):  # Not every system has batteries, or lets them be seen.
        return False
    return battery is not None and battery.power_plugged is False
