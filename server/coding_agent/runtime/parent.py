"""The client's process: when it goes, we go, and we go in bounded time."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

_BEYOND = 1 << 31
"""No system numbers its processes so high; its calls would not take the number."""


def watch_process(pid: int, gone: Callable[[], None]) -> Callable[[], None] | None:
    """Call ``gone`` once on the running loop when process ``pid`` has ended; return what stops the watch.

    Nothing polls: the kernel tells. None means that the process cannot be watched from here - it is not visible
    (ended long ago, or a client outside of our container sent its own number) or the system gives no means; the end
    of stdin must do then.
    """
    if not 0 < pid < _BEYOND:
        return None
    if sys.platform == "linux":
        return _by_descriptor(pid, gone)
    return _by_thread(pid, gone)


def exit_within(seconds: float, code: int) -> None:
    """End this process after ``seconds``, whatever still runs; call it before an orderly end is tried.

    A thread does it with ``code``. Where that thread cannot run, because C code holds the GIL, the kernel ends the
    process a little later by SIGALRM.
    """
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
    if sys.platform != "win32":
        with contextlib.suppress(ValueError):  # Signals are the main thread's to change.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + 0.25)


def _by_descriptor(pid: int, gone: Callable[[], None]) -> Callable[[], None] | None:
    assert sys.platform == "linux"
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:  # Not there, or the container forbids the call.
        return None
    loop = asyncio.get_running_loop()
    open_descriptors = [descriptor]

    def stop() -> None:
        if open_descriptors:
            loop.remove_reader(open_descriptors[0])
            os.close(open_descriptors.pop())

    def ended() -> None:
        stop()
        gone()

    loop.add_reader(descriptor, ended)
    return stop


def _by_thread(pid: int, gone: Callable[[], None]) -> Callable[[], None] | None:
    """Wait in a daemon thread; one blocked in the kernel costs no wake-up."""
    wait = _waiter(pid)
    if not wait:
        return None
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def tell() -> None:
        if not stopped.is_set():
            gone()

    def run() -> None:
        wait()
        with contextlib.suppress(RuntimeError):  # The loop has ended before the client.
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=run, name="parent-watch", daemon=True).start()
    return stopped.set


def _waiter(pid: int) -> Callable[[], object] | None:
    """Return what blocks until ``pid`` has ended, None where that cannot be known."""
    if sys.platform == "win32":
        import ctypes

        synchronize, forever = 0x00100000, 0xFFFFFFFF
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        return (lambda: ctypes.windll.kernel32.WaitForSingleObject(handle, forever)) if handle else None
    if sys.platform == "darwin":
        import select

        queue = select.kqueue()
        what = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD | select.KQ_EV_ONESHOT, select.KQ_NOTE_EXIT)
        try:
            queue.control([what], 0)
        except OSError:
            queue.close()
            return None
        return lambda: queue.control(None, 1, None)
    return None
