"""Filters of system calls, as the kernel's bytecode: what no code under test needs and what would reach the host.

``namespaced`` is for a box with its own network, processes and users; ``shared`` for one that shares them with the host
and is held by Landlock. Both work without a look at memory, so nothing can be changed behind their back.
"""

from __future__ import annotations

import errno
import platform
import struct
from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

_LOAD, _EQUAL, _AT_LEAST, _BITS, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_SET_SECCOMP, _FILTER = 22, 2
_X32 = 0x40000000
_NEW_NAMESPACE = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_ON_OTHERS = (1024, 1026)  # F_SETLEASE, F_NOTIFY: hold up others who open a file, watch them
_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: put words into the terminal's mouth
_UNIX, _NETWORK, _STREAM = 1, (1, 2, 10, 16), 1  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; SOCK_STREAM

Code = List[Tuple[int, int, int, int]]


class Machine(NamedTuple):
    """An architecture: how the kernel calls it, and its numbers where they differ from 424 on."""

    audit: int
    numbers: Dict[str, int]


# Numbers from 424 on are the same everywhere.
_COMMON = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "clone3": 435, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447, "process_mrelease": 448,
    "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
_X86_64 = {
    "ioctl": 16, "shmget": 29, "socket": 41, "connect": 42, "bind": 49, "socketpair": 53, "clone": 56, "semget": 64,
    "msgget": 68, "fcntl": 72, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "ptrace": 101,
    "syslog": 103, "utime": 132, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144, "vhangup": 153,
    "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166,
    "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173,
    "init_module": 175, "delete_module": 176, "quotactl": 179, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
    "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "sched_setaffinity": 203, "lookup_dcookie": 212,
    "clock_settime": 227, "utimes": 235, "mq_open": 240, "mq_unlink": 241, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "ioprio_set": 251, "inotify_init": 253, "migrate_pages": 256, "fchownat": 260,
    "futimesat": 261, "fchmodat": 268, "unshare": 272, "move_pages": 279, "utimensat": 280, "inotify_init1": 294,
    "perf_event_open": 298, "fanotify_init": 300, "fanotify_mark": 301, "prlimit64": 302, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "kcmp": 312, "finit_module": 313, "sched_setattr": 314, "memfd_create": 319, "kexec_file_load": 320, "bpf": 321,
    "userfaultfd": 323,
}  # fmt: skip
_AARCH64 = {
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    "lookup_dcookie": 18, "fcntl": 25, "inotify_init1": 26, "ioctl": 29, "ioprio_set": 30, "umount2": 39, "mount": 40,
    "pivot_root": 41, "chroot": 51, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "vhangup": 58,
    "quotactl": 60, "utimensat": 88, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105,
    "delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117, "sched_setparam": 118,
    "sched_setscheduler": 119, "sched_setaffinity": 122, "setpriority": 140, "reboot": 142, "sethostname": 161,
    "setdomainname": 162, "settimeofday": 170, "adjtimex": 171, "mq_open": 180, "mq_unlink": 181, "msgget": 186,
    "semget": 190, "shmget": 194, "socket": 198, "socketpair": 199, "bind": 200, "connect": 203, "add_key": 217,
    "request_key": 218, "keyctl": 219, "clone": 220, "swapon": 224, "swapoff": 225, "migrate_pages": 238,
    "move_pages": 239, "perf_event_open": 241, "prlimit64": 261, "fanotify_init": 262, "fanotify_mark": 263,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "sched_setattr": 274, "memfd_create": 279, "bpf": 280,
    "userfaultfd": 282, "kexec_file_load": 294,
}  # fmt: skip
MACHINES = {
    "x86_64": Machine(0xC000003E, {**_COMMON, **_X86_64}),
    "aarch64": Machine(0xC00000B7, {**_COMMON, **_AARCH64}),
}


def _names(text: str) -> Tuple[str, ...]:
    return tuple(text.split())


# Looking into other processes; namespaces and mounts; the kernel itself; keys, which outlive us; memory that belongs to
# no process and would escape the count.
_NEVER = _names("""
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp move_pages migrate_pages
    mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr
    unshare setns name_to_handle_at open_by_handle_at
    kexec_load kexec_file_load reboot init_module finit_module delete_module bpf perf_event_open userfaultfd
    io_uring_setup io_uring_enter io_uring_register quotactl quotactl_fd swapon swapoff acct settimeofday clock_settime
    clock_adjtime adjtimex sethostname setdomainname iopl ioperm lookup_dcookie vhangup syslog fanotify_init
    fanotify_mark
    add_key request_key keyctl
    memfd_create memfd_secret shmget msgget semget
""")
# What is the host's where it is shared. Changing modes is answered as if done: copying a file would fail otherwise.
_SHARED = _names("""
    socket connect bind ioprio_set inotify_init inotify_init1 mq_open mq_unlink chown fchown lchown fchownat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat removexattrat file_setattr
""")
_PRETENDED = _names("chmod fchmod fchmodat fchmodat2 utime utimes futimesat")
_OTHERS = _names("prlimit64 sched_setaffinity sched_setscheduler sched_setparam sched_setattr")


def namespaced(machine: str = "") -> Optional[bytes]:
    """Return the filter of a box in namespaces, None on a machine we have no numbers for."""
    return _program(machine, [_unless("socket", 0, _NETWORK, _EAFNOSUPPORT)])


def shared(machine: str = "") -> Optional[bytes]:
    """Return the filter of a box that shares the host's, None on a machine we have no numbers for."""
    more = [
        *((name, _refuse(_EPERM)) for name in _SHARED),
        *((name, _refuse(0)) for name in _PRETENDED),
        *(_unless(name, 0, (0,), _EPERM) for name in _OTHERS),
        # touch() falls back on opening the file; what copies a time is told that it did.
        ("utimensat", [(_LOAD, 0, 0, _ARGUMENTS + 16), (_EQUAL, 0, 3, 0), (_LOAD, 0, 0, _ARGUMENTS + 20),
                       (_EQUAL, 0, 1, 0), *_refuse(_EPERM), *_refuse(0)]),
        ("socketpair", [(_LOAD, 0, 0, _ARGUMENTS), (_EQUAL, 0, 3, _UNIX), (_LOAD, 0, 0, _ARGUMENTS + 8),
                        (_AND, 0, 0, 0xF), (_EQUAL, 1, 0, _STREAM), *_refuse(_EPERM), *_return(_ALLOW)]),
        ("setpriority", [(_LOAD, 0, 0, _ARGUMENTS), (_EQUAL, 0, 2, 0), (_LOAD, 0, 0, _ARGUMENTS + 8),
                         (_EQUAL, 1, 0, 0), *_refuse(_EPERM), *_return(_ALLOW)]),
    ]  # fmt: skip
    return _program(machine, more)


def available() -> bool:
    """Return whether this kernel takes such filters and we have numbers for this machine."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_SECCOMP, _FILTER, None, 0, 0)  # No filter at all: the kernel complains about just that.
    return platform.machine() in MACHINES and ctypes.get_errno() == errno.EFAULT


def _program(machine: str, more: Iterable[Tuple[str, Code]]) -> Optional[bytes]:
    known = MACHINES.get(machine or platform.machine())
    if not known:
        return None
    rules: List[Tuple[str, Code]] = [
        *((name, _refuse(_EPERM)) for name in _NEVER),
        ("clone3", _refuse(_ENOSYS)),  # Its flags are in memory; the C library then uses clone.
        ("clone", [(_LOAD, 0, 0, _ARGUMENTS), (_BITS, 0, 1, _NEW_NAMESPACE), *_refuse(_EPERM), *_return(_ALLOW)]),
        ("ioctl", _not(1, _TERMINAL)),
        ("fcntl", _not(1, _ON_OTHERS)),
        *more,
    ]
    code: Code = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, known.audit), *_return(_KILL), (_LOAD, 0, 0, _NUMBER)]
    code += [(_AT_LEAST, 0, 1, _X32), *_refuse(_ENOSYS)]
    for name, block in rules:
        if name in known.numbers:
            # Invariant: a block returns, so the number is still loaded behind it.
            code += [(_EQUAL, 0, len(block), known.numbers[name]), *block]
    return b"".join(struct.pack("=HBBI", *line) for line in [*code, *_return(_ALLOW)])


def _return(value: int) -> Code:
    return [(_RETURN, 0, 0, value)]


def _refuse(error: int) -> Code:
    return _return(_ERRNO | error)


def _unless(name: str, argument: int, values: Tuple[int, ...], error: int) -> Tuple[str, Code]:
    """Return a rule that refuses a call unless an argument's lower half is one of ``values``."""
    tests: Code = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return name, [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *tests, *_refuse(error), *_return(_ALLOW)]


def _not(argument: int, values: Tuple[int, ...]) -> Code:
    """Return a block that refuses a call where an argument's lower half is one of ``values``."""
    tests: Code = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *tests, *_return(_ALLOW), *_refuse(_EPERM)]
