"""Attacks on what is outside of the box: files, network, processes, the kernel."""

import ctypes
import fcntl
import os
import signal
import socket
import struct

from .tools import LIBC, call, got, others, refused, text

MARK = "the secret of the host"


def read_outside_file(say, outside, **world):
    return [outside] if MARK in text(outside) else []


def write_outside_file(say, outside, **world):
    for flags in (os.O_WRONLY, os.O_RDWR | os.O_APPEND, os.O_WRONLY | os.O_TRUNC):
        with refused():
            os.write(os.open(outside, flags), b"was here")
    return []


def truncate_outside_file(say, outside, **world):
    with refused():
        os.truncate(outside, 0)
    return []


def change_mode_outside(say, outside, project, **world):
    for path in (outside, os.path.dirname(outside), project, project + "/module.py"):
        with refused():
            os.chmod(path, 0o600)
        with refused():
            os.fchmod(os.open(path, os.O_RDONLY), 0o640)
    return []


def change_times_outside(say, outside, project, **world):
    for path in (outside, project + "/module.py"):
        with refused():
            os.utime(path, (1, 1))
        with refused():
            os.utime(path)
        with refused():
            os.utime(os.open(path, os.O_RDONLY), (1, 1))
    return []


def set_attributes_outside(say, outside, project, **world):
    for path in (outside, project + "/module.py"):
        with refused():
            os.setxattr(path, "user.was", b"here")
    return []


def remove_outside_file(say, outside, **world):
    with refused():
        os.rename(outside, outside + ".gone")
    with refused():
        os.unlink(outside)
    return []


def make_file_outside(say, open_folder, **world):
    for make in (
        lambda path: open(path, "w").close(),
        os.mkdir,
        os.mkfifo,
        lambda path: os.symlink("/etc/passwd", path),
        lambda path: os.rename(os.getcwd(), path),
    ):
        with refused():
            make(open_folder + "/planted")
    return []


def write_into_project(say, project, **world):
    for path, mode in ((project + "/planted.py", "w"), (project + "/module.py", "a"), (project + "/.git/hooks", "w")):
        with refused():
            with open(path, mode) as file:
                file.write("planted")
    return []


def remove_project(say, project, **world):
    import shutil

    shutil.rmtree(project, ignore_errors=True)
    with refused():
        os.rename(project, project + ".gone")
    return []


def write_into_interpreter(say, **world):
    import sys

    for folder in {sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), *sys.path}:
        with refused():
            path = os.path.join(folder, "planted.pth")
            with open(path, "w") as file:
                file.write("planted")
            os.unlink(path)
            return [path]
    return []


def read_keys_of_home(say, home, **world):
    paths = (home + "/.ssh/id_ed25519", home + "/.aws/credentials", home + "/.netrc")
    return [path for path in paths if MARK in text(path)]


def list_home(say, home, **world):
    with refused():
        return [name for name in os.listdir(home) if name != "bin"]  # There is the link to the interpreter.
    return []


def read_accounts(say, **world):
    return [path for path in ("/etc/passwd", "/etc/shadow") if "root:" in text(path)]


def read_secrets_of_project(say, project, named, **world):
    names = (".env", ".git/config", "deploy/server.pem", "deploy/.env.production", ".aws/credentials")
    names += (".envrc", ".git/modules/inner/config", ".streamlit/secrets.toml")
    return [name for name in names for folder in (project, named) if MARK in text(folder + "/" + name)]


def follow_links_of_project(say, project, named, outside, **world):
    names = ("link/" + os.path.basename(outside), "settings", "deploy/up" + outside)
    loot = [name for name in names for folder in (project, named) if MARK in text(folder + "/" + name)]
    for name in ("link", "deploy/up" + os.path.dirname(outside), "deploy/up/var"):
        with refused():
            loot += os.listdir(project + "/" + name)
    return loot


def read_secrets_by_other_ways(say, project, **world):
    loot = []
    for name in (".env", "deploy/server.pem"):
        path = project + "/" + name
        with refused():
            os.link(path, "linked")
        with refused():
            os.symlink(path, "followed")
        with refused():
            descriptor = os.open(path, os.O_PATH)
            loot += ["O_PATH"] if MARK in text(f"/proc/self/fd/{descriptor}") else []
        with refused():
            os.chdir(os.path.dirname(path))
            loot += ["chdir"] if MARK in text(os.path.basename(path)) else []
        loot += [way for way in ("linked", "followed") if MARK in text(way)]
    return loot


def read_own_environment(say, secret_value, **world):
    everything = repr(dict(os.environ)) + text("/proc/self/environ")
    return ["environment"] if secret_value in everything else []


def read_environment_of_others(say, secret_value, **world):
    return [str(pid) for pid in others() if secret_value in text(f"/proc/{pid}/environ")]


def see_processes(say, victim, **world):
    return [str(victim)] if os.path.exists(f"/proc/{victim}") and str(victim) in text(f"/proc/{victim}/stat") else []


def read_through_proc(say, outside, **world):
    ways = ("root", "cwd", "task/1/root")
    return [
        f"{pid}/{way}" for pid in [*others(), "self", 1] for way in ways if MARK in text(f"/proc/{pid}/{way}{outside}")
    ]


def write_memory_of_others(say, **world):
    loot = []
    for pid in {os.getppid(), 1, *others()} - {os.getpid()}:
        with refused():
            os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR))
            loot.append(f"{pid}/mem")
    return loot


def follow_symlink(say, outside, **world):
    os.symlink(outside, "link")
    os.symlink(os.path.dirname(outside), "folder")
    with refused():
        with open("link", "a") as file:
            file.write("was here")
    return [way for way in ("link", "folder/" + os.path.basename(outside)) if MARK in text(way)]


def make_hardlink(say, outside, **world):
    with refused():
        os.link(outside, "hard")
        with open("hard", "a") as file:
            file.write("was here")
    return ["hard"] if MARK in text("hard") else []


def use_inherited_descriptors(say, **world):
    loot = []
    for number in range(1024):
        with refused():
            where = os.readlink(f"/proc/self/fd/{number}")
            if number not in (0, 1, 2, 3):
                loot.append(where)
    for number in range(4, 1024):
        with refused():
            os.fstat(number)
            loot.append(f"descriptor {number}")
    return [each for each in loot if not each.startswith("/proc/")]


def steal_descriptor_of_parent(say, **world):
    loot = []
    with refused():
        for number in os.listdir(f"/proc/{os.getppid()}/fd"):
            with refused():
                loot.append(os.readlink(f"/proc/{os.getppid()}/fd/{number}"))
    with refused():
        process = os.pidfd_open(os.getppid())
        loot += [f"descriptor {number}" for number in range(32) if call("pidfd_getfd", process, number, 0) >= 0]
    return loot


def connect_tcp(say, tcp, **world):
    with refused():
        with socket.create_connection(("127.0.0.1", tcp), timeout=1) as connection:
            connection.sendall(b"was here")
            return ["tcp"]
    return []


def send_udp(say, udp, **world):
    with refused():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"was here", ("127.0.0.1", udp))
    return []


def connect_unix(say, unix, **world):
    with refused():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(unix)
            return ["unix"]
    return []


def connect_unix_of_project(say, inner, **world):
    loot = []
    with refused():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(inner)
            loot.append("stream")
    for make in (lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), lambda: socket.socketpair(1, 2)[0]):
        with refused():
            make().sendto(b"was here", inner + ".datagram")
            loot.append("datagram")
    return loot


def write_into_pipe_of_project(say, pipe, **world):
    for flags in (os.O_WRONLY, os.O_RDWR):
        with refused():
            os.write(os.open(pipe, flags | os.O_NONBLOCK), b"was here")
    return []


def connect_abstract(say, abstract, **world):
    with refused():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect("\0" + abstract)
            return ["abstract"]
    return []


def send_by_socket_pair(say, unix, abstract, **world):
    loot = []
    for address in (unix + ".datagram", "\0" + abstract + ".datagram"):
        with refused():
            one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            one.sendto(b"was here", address)
            loot.append("socketpair")
    return loot


def open_odd_sockets(say, **world):
    loot = []
    for family, kind in ((40, socket.SOCK_STREAM), (17, socket.SOCK_RAW), (38, 5), (socket.AF_INET, socket.SOCK_RAW)):
        with refused():
            socket.socket(family, kind).close()
            loot.append(f"family {family}")
    return loot


def resolve_name(say, **world):
    with refused():
        return [socket.gethostbyname("example.com")]
    return []


def kill_victim(say, victim, **world):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        with refused():
            os.kill(victim, number)
    with refused():
        signal.pidfd_send_signal(os.pidfd_open(victim), signal.SIGKILL)
    return []


def kill_everybody(say, **world):
    os.kill(-1, signal.SIGKILL)
    return []


def kill_parents(say, **world):
    for pid in (_parent(os.getppid()), os.getppid()):
        with refused():
            os.kill(pid, signal.SIGKILL)
    return []


def _parent(pid):
    for line in text(f"/proc/{pid}/status").split("\n"):
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return -2


def slow_down_victim(say, victim, **world):
    import resource

    with refused():
        os.setpriority(os.PRIO_PROCESS, victim, 19)
    with refused():
        os.sched_setaffinity(victim, {0})
    with refused():
        resource.prlimit(victim, resource.RLIMIT_NOFILE, (3, 3))
    return []


def trace_others(say, victim, **world):
    loot = []
    for pid in {victim, os.getppid(), 1}:
        for request in (16, 0x4206):  # ATTACH, SEIZE
            if call("ptrace", request, pid, 0, 0) >= 0:
                call("ptrace", 17, pid, 0, 0)
                loot.append(f"ptrace {pid}")
    return loot


def read_memory_of_others(say, victim, **world):
    buffer = ctypes.create_string_buffer(16)
    local = struct.pack("=QQ", ctypes.addressof(buffer), 16)
    loot = []
    for pid in (victim, os.getppid()):
        for name in ("process_vm_readv", "process_vm_writev"):
            if call(name, pid, local, 1, local, 1, 0) != -1:  # EPERM, whatever the address
                loot.append(f"{name} {pid}")
    return loot


def nest_namespaces(say, **world):
    loot = []
    for flags in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x80):
        loot += [f"unshare {flags:x}"] if call("unshare", flags) >= 0 else []
        child = call("clone", flags & ~0x80 | signal.SIGCHLD, 0, 0, 0, 0) if flags != 0x80 else -1
        if child == 0:
            os._exit(0)
        loot += [f"clone {flags:x}"] if child > 0 else []
    child = call("clone3", struct.pack("=8Q", 0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)
    if child == 0:
        os._exit(0)
    return loot + (["clone3"] if child > 0 else [])


def enter_namespaces(say, **world):
    loot = []
    for kind in ("user", "mnt", "net", "pid"):
        for pid in (1, os.getppid()):
            with refused():
                space = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
                if call("setns", space, 0) >= 0:
                    loot.append(kind)
    return loot


def mount_things(say, project, **world):
    os.mkdir("place")
    return [
        *got("mount", b"none", b"place", b"tmpfs", 0, None),
        *got("mount", b"none", project.encode(), None, 0x1020, None),  # writable again
        *got("mount", b"/", b"place", None, 0x1000, None),
        *got("umount2", project.encode(), 2),
        *got("umount2", b"/proc", 2),
        *got("fsopen", b"tmpfs", 0),
    ]


def change_root(say, **world):
    loot = got("pivot_root", b".", b".")
    with refused():
        os.chroot(".")
        loot.append("chroot")
    return loot


def become_root(say, **world):
    loot = []
    for change in (os.setuid, os.setgid, lambda number: os.setresuid(number, number, number)):
        with refused():
            change(0)
            loot.append("root")
    with refused():
        os.setgroups([0])
        loot.append("groups")
    return [] if os.getuid() == 0 and loot and not _privileged() else loot


def _privileged():
    return any(
        line.startswith("CapEff:") and int(line.split()[1], 16) for line in text("/proc/self/status").split("\n")
    )


def use_setuid_program(say, **world):
    import subprocess

    loot = []
    for command in (["su", "-c", "id -u"], ["sudo", "-n", "id", "-u"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
        with refused():
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=1, check=False)
            if done.returncode == 0:
                loot.append(command[0])
    return loot


def make_device(say, **world):
    with refused():
        os.mknod("disk", 0o60600, os.makedev(254, 0))
        return ["device"]
    return []


def type_into_terminal(say, **world):
    loot = []
    for path in (0, 1, 2, "/dev/tty", "/dev/console", "/dev/pts/0", "/dev/tty1"):
        with refused():
            terminal = path if isinstance(path, int) else os.open(path, os.O_RDWR | os.O_NOCTTY)
            fcntl.ioctl(terminal, 0x5412, b"x")
            loot.append(str(path))
    master, terminal = -1, -1
    with refused():
        master, terminal = os.openpty()
        fcntl.ioctl(terminal, 0x5412, b"x")
        loot.append("own terminal")
    return loot


def change_kernel_settings(say, **world):
    loot = []
    for path in (
        "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
        "/proc/sysrq-trigger",
        "/sys/kernel/uevent_helper",
        "/proc/self/uid_map",
        "/proc/1/oom_score_adj",
    ):
        with refused():
            descriptor = os.open(path, os.O_WRONLY)
            loot.append(path)
            os.close(descriptor)
    return [path for path in loot if not path.endswith(("uid_map", "oom_score_adj"))]


def leave_shared_memory(say, shared_memory, **world):
    with refused():
        with open(shared_memory, "w") as file:
            file.write("was here")
    return [*got("shmget", 0x5EC2E7, 4096, 0o1666), *got("msgget", 0x5EC2E7, 0o1666)]


def leave_message_queue(say, shared_memory, **world):
    name = os.path.basename(shared_memory).encode()
    call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None)
    return []


def use_keyring(say, **world):
    key = call("add_key", b"user", b"planted", b"was here", 8, -3)
    return [
        *(["add_key"] if key >= 0 else []),
        *got("keyctl", 0, -3, 1),
        *got("request_key", b"user", b"planted", None, 0),
    ]


def hide_memory(say, **world):
    return [*got("memfd_create", b"hidden", 0), *got("memfd_create", b"hidden", 4)]


def ask_kernel_for_more(say, **world):
    zeros = b"\0" * 128
    return [
        *got("bpf", 5, zeros, 128),
        *got("perf_event_open", zeros, 0, -1, -1, 0),
        *got("userfaultfd", 1),
        *got("io_uring_setup", 1, ctypes.create_string_buffer(120)),
        *got("open_by_handle_at", -100, zeros, 0),
        *got("kcmp", os.getpid(), os.getppid(), 2, 0, 0),
    ]


def change_the_machine(say, **world):
    # None of these would do harm where it got through: their arguments are nonsense. EPERM says that they did not.
    tries = {
        "reboot": (0, 0, 0, 0),
        "kexec_load": (0, 0, None, 0xFFFF),
        "init_module": (None, 0, None),
        "swapon": (None, 0),
        "sethostname": (b"x" * 100, 100),
        "clock_settime": (0, None),
    }
    return [name for name, arguments in tries.items() if call(name, *arguments) != -1]


def hold_up_readers(say, project, **world):
    with refused():
        fcntl.fcntl(os.open(project + "/module.py", os.O_RDONLY), 1024, fcntl.F_WRLCK)  # F_SETLEASE
        return ["lease"]
    return []


def watch_readers(say, project, **world):
    with refused():
        fcntl.fcntl(os.open(project, os.O_RDONLY), 1026, 1)  # F_NOTIFY
        return ["notify"]
    return []


def look_at_outside_file(say, outside, **world):
    with refused():
        return [f"{os.stat(outside).st_size} bytes"]
    return []


def read_link_outside(say, outside, **world):
    with refused():
        return [os.readlink(outside + ".link")]
    return []


def load_libraries_anyway(say, outside, **world):
    """Read a file by C's own means, in case only Python's were held."""
    LIBC.fopen.restype = ctypes.c_void_p
    return ["fopen"] if LIBC.fopen(outside.encode(), b"r") else []
