"""The filter of system calls, run on a small machine of our own: what is answered to which call."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_agent.sandbox.inside import seccomp

ALLOW, KILL, EPERM, ENOSYS, PRETEND, NO_FAMILY = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x50000, 0x50061
MACHINES = list(seccomp.MACHINES)


def answer(program: bytes, machine: str, call: str | int, *arguments: int) -> int:
    """What the kernel would return for a call: the bytecode of BPF, as its manual describes it."""
    known = seccomp.MACHINES[machine]
    number = known.numbers[call] if isinstance(call, str) else call
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, known.audit, 0, *(word & (1 << 64) - 1 for word in words))
    code = [struct.unpack_from("=HBBI", program, place) for place in range(0, len(program), 8)]
    accumulator = place = 0
    while True:
        operation, yes, no, value = code[place]
        place += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                place += yes if accumulator == value else no
            case 0x35:
                place += yes if accumulator >= value else no
            case 0x45:
                place += yes if accumulator & value else no
            case 0x06:
                return value
            case _:
                raise AssertionError(hex(operation))


def made(kind: str, machine: str) -> bytes:
    program = {"namespaced": seccomp.namespaced, "shared": seccomp.shared}[kind](machine)
    assert program
    return program


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("kind", ["namespaced", "shared"])
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("ptrace", (16, 1), EPERM),
        ("mount", (), EPERM),
        ("unshare", (0x10000000,), EPERM),
        ("setns", (3, 0), EPERM),
        ("keyctl", (0,), EPERM),
        ("memfd_create", (), EPERM),
        ("io_uring_setup", (), EPERM),
        ("clone3", (), ENOSYS),
        ("clone", (0x11,), ALLOW),  # fork: SIGCHLD
        ("clone", (0x3D0F00,), ALLOW),  # a thread
        ("clone", (0x10000011,), EPERM),  # a namespace of users
        ("clone", (0x00020011,), EPERM),  # of mounts
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0x541C), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x1_0000_5412), EPERM),  # The kernel looks at the lower half.
        ("fcntl", (3, 1024), EPERM),
        ("fcntl", (3, 1), ALLOW),
    ],
)
def test_both_kinds(machine: str, kind: str, call: str, arguments: tuple[int, ...], expected: int) -> None:
    assert answer(made(kind, machine), machine, call, *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "namespaced", "shared"),
    [
        ("socket", (1, 1), ALLOW, EPERM),
        ("socket", (2, 1), ALLOW, EPERM),
        ("socket", (10, 2), ALLOW, EPERM),
        ("socket", (16, 3), ALLOW, EPERM),
        ("socket", (17, 3), NO_FAMILY, EPERM),  # AF_PACKET
        ("socket", (40, 1), NO_FAMILY, EPERM),  # AF_VSOCK: the way out of a virtual machine
        ("socketpair", (1, 1), ALLOW, ALLOW),
        ("socketpair", (1, 1 | 0o2000000), ALLOW, ALLOW),  # SOCK_CLOEXEC
        ("socketpair", (1, 2), ALLOW, EPERM),  # A datagram could go elsewhere.
        ("socketpair", (2, 1), ALLOW, EPERM),
        ("connect", (), ALLOW, EPERM),
        ("fchmodat", (), ALLOW, PRETEND),
        ("utimensat", (-100, 4096, 0), ALLOW, EPERM),
        ("utimensat", (-100, 4096, 4096), ALLOW, PRETEND),
        ("utimensat", (-100, 4096, 1 << 32), ALLOW, PRETEND),
        ("fchownat", (), ALLOW, EPERM),
        ("setxattr", (), ALLOW, EPERM),
        ("prlimit64", (0, 7), ALLOW, ALLOW),
        ("prlimit64", (1, 7), ALLOW, EPERM),
        ("setpriority", (0, 0, 5), ALLOW, ALLOW),
        ("setpriority", (0, 1, 5), ALLOW, EPERM),
        ("setpriority", (2, 0, 5), ALLOW, EPERM),
    ],
)
def test_where_they_differ(machine: str, call: str, arguments: tuple[int, ...], namespaced: int, shared: int) -> None:
    assert answer(made("namespaced", machine), machine, call, *arguments) == namespaced
    assert answer(made("shared", machine), machine, call, *arguments) == shared


@pytest.mark.parametrize("machine", MACHINES)
@given(call=st.integers(0, 600), arguments=st.lists(st.integers(0, (1 << 64) - 1), min_size=6, max_size=6))
def test_every_call_has_an_answer(machine: str, call: int, arguments: list[int]) -> None:
    known = set(seccomp.MACHINES[machine].numbers.values())
    for kind in ("namespaced", "shared"):
        answered = answer(made(kind, machine), machine, call, *arguments)
        assert answered in {ALLOW, EPERM, ENOSYS, PRETEND, NO_FAMILY}
        assert call in known or answered == ALLOW


def test_calls_of_other_machines_and_modes() -> None:
    program = made("shared", "x86_64")
    assert answer(program, "x86_64", 0x40000000 | 41) == ENOSYS  # x32 has its own numbers
    # The audit number of another architecture, as a 32-bit program has it.
    foreign = program[:8] + struct.pack("=HBBI", 0x15, 1, 0, 0x40000003) + program[16:]
    assert answer(foreign, "x86_64", 0) == KILL
    assert seccomp.shared("riscv64") is None


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_is_used_twice(machine: str) -> None:
    numbers = list(seccomp.MACHINES[machine].numbers.values())
    assert len(numbers) == len(set(numbers))
