"""How attacks speak with the kernel and keep going where they are refused."""

import contextlib
import ctypes
import os
import platform

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"ptrace": 101, "unshare": 272, "clone": 56, "mount": 165, "umount2": 166, "pivot_root": 155,
               "reboot": 169,
               "setns": 308, "add_key": 248, "keyctl": 250, "request_key": 249, "bpf": 321, "perf_event_open": 298,
               "userfaultfd": 323, "io_uring_setup": 425, "shmget": 29, "msgget": 68, "memfd_create": 319,
               "process_vm_readv": 310, "process_vm_writev": 311, "open_by_handle_at": 304, "sethostname": 170,
               "clock_settime": 227, "kexec_load": 246, "init_module": 175, "clone3": 435, "fsopen": 430, "swapon": 167,
               "pidfd_getfd": 438, "mq_open": 240, "kcmp": 312},
    "aarch64": {"ptrace": 117, "unshare": 97, "clone": 220, "mount": 40, "umount2": 39, "pivot_root": 41, "reboot": 142,
                "setns": 268, "add_key": 217, "keyctl": 219, "request_key": 218, "bpf": 280, "perf_event_open": 241,
                "userfaultfd": 282, "io_uring_setup": 425, "shmget": 194, "msgget": 186, "memfd_create": 279,
                "process_vm_readv": 270, "process_vm_writev": 271, "open_by_handle_at": 265, "sethostname": 161,
                "clock_settime": 112, "kexec_load": 104, "init_module": 105, "clone3": 435, "fsopen": 430,
                "swapon": 224,
                "pidfd_getfd": 438, "mq_open": 180, "kcmp": 272},
}  # fmt: skip


def call(name, *arguments):
    """Make a system call; returns its result, or minus the number of its error."""
    result = LIBC.syscall(NUMBERS[platform.machine()][name], *arguments)
    return result if result >= 0 else -ctypes.get_errno()


def got(name, *arguments):
    """Return the name of a system call as loot where the kernel did it."""
    return [name] if call(name, *arguments) >= 0 else []


@contextlib.contextmanager
def refused():
    """Go on where the system says no."""
    with contextlib.suppress(OSError, ValueError, KeyError, AttributeError):
        yield


def text(path):
    """Return what a file says, nothing where it cannot be read."""
    with refused():
        with open(path, "rb") as file:
            return file.read(100_000).decode("utf-8", "replace")
    return ""


def others():
    """Return the numbers of all processes that can be seen."""
    with refused():
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return []
