"""Whether the machine has time and power to spare, for work that nobody waits for."""

import os
from contextlib import suppress
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
    with suppress(OSError, AttributeError, NotImplementedError, RuntimeError):  # Containers hide much.
        battery = psutil.sensors_battery()
        if battery is not None and battery.power_plugged is False:
            return ON_BATTERY
        if psutil.getloadavg()[0] - own > (os.cpu_count() or 1):
            return BUSY
    return ""
