"""Attacks on the machine's means: processes, memory, disk, time, attention."""

import contextlib
import mmap
import os
import signal
import subprocess
import sys
import threading
import time

from .tools import refused

MIB = 1 << 20
LONG = 600


def fork_bomb(say, **world):
    while True:
        with contextlib.suppress(OSError):
            os.fork()


def thread_bomb(say, **world):
    while True:
        threading.Thread(target=time.sleep, args=(LONG,), daemon=True).start()


def eat_memory(say, **world):
    kept = []
    while True:
        kept.append(bytearray(b"x" * MIB))


def reserve_memory(say, **world):
    return len(bytearray(8 << 30))


def spread_memory(say, **world):
    for _ in range(8):
        if not os.fork():
            kept = [bytearray(b"x" * MIB) for _ in range(40)]
            time.sleep(LONG + len(kept))
    time.sleep(LONG)


def spread_memory_over_orphans(say, **world):
    for number in range(8):
        if not _orphan(apart=number % 2 == 0):
            kept = [bytearray(b"x" * MIB) for _ in range(40)]
            time.sleep(LONG + len(kept))
    time.sleep(LONG)


def burn_in_orphans(say, **world):
    """Use more than twice the CPU time of a job in processes that are nobody's children."""
    until = time.monotonic() + 6
    while time.monotonic() < until:
        if not _orphan(apart=True):
            while time.process_time() < 0.6:
                pass
            os._exit(0)
        time.sleep(0.2)
    return ["burned"]


def _orphan(apart):
    """Fork a process whose parent ends at once; returns 0 in it. ``apart``: in a session of its own."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return child
    if apart:
        os.setsid()
    if os.fork():
        os._exit(0)
    return 0


def share_memory(say, **world):
    kept = mmap.mmap(-1, 1 << 30)
    for place in range(0, 1 << 30, 4096):
        kept[place] = 1


def fill_disk(say, **world):
    with contextlib.suppress(OSError):
        for number in range(LONG):
            with open(f"large{number}", "wb") as file:
                for _ in range(4):
                    file.write(b"x" * MIB)
    return []


def fill_shared_memory(say, **world):
    with contextlib.suppress(OSError):
        for number in range(LONG):
            with open(f"/dev/shm/large{number}", "wb") as file:
                file.write(b"x" * 4 * MIB)
    return []


def make_many_files(say, **world):
    number = 0
    while True:
        with open(f"file{number}", "w"):
            number += 1


def make_sparse_file(say, **world):
    with contextlib.suppress(OSError):
        with open("sparse", "wb") as file:
            file.truncate(1 << 40)
        return ["sparse"]
    return []


def dig_deep(say, **world):
    with contextlib.suppress(OSError):
        for _ in range(300):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    return []


def hold_lock(say, project, **world):
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.flock(os.open(project + "/module.py", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
        return ["flock"]
    return []


def print_endlessly(say, **world):
    while True:
        sys.stdout.write("x" * 10_000)


def say_endlessly(say, **world):
    while True:
        say("x" * 10_000)


def return_too_much(say, **world):
    return "x" * (64 * MIB)


def loop_endlessly(say, **world):
    while True:
        pass


def burn_in_children(say, **world):
    while True:
        child = os.fork()
        if not child:
            sum(range(3_000_000))
            os._exit(0)
        os.waitpid(child, 0)


def sleep_deaf(say, **world):
    for number in range(1, 64):
        with refused():
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
    time.sleep(LONG)


def leave_daemon(say, **world):
    """Leave a process behind that belongs to nobody, in a session of its own, deaf to signals."""
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        sleep_deaf(say)
    return []


def leave_daemon_and_hang(say, **world):
    leave_daemon(say)
    time.sleep(LONG)


def leave_program(say, **world):
    subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({LONG})"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return []


def open_many_descriptors(say, **world):
    opened = []
    with contextlib.suppress(OSError):
        while True:
            opened += os.pipe()
    return [] if len(opened) < 1024 else [f"{len(opened)} descriptors"]


def stop_itself(say, **world):
    os.kill(os.getpid(), signal.SIGSTOP)


def stop_runner(say, **world):
    with refused():
        os.kill(os.getppid(), signal.SIGSTOP)
    time.sleep(LONG)
