"""A host to be attacked, and one run of all attacks on it: ``python -m support.attacking RUNG FOLDER NAME...``.

It is a process of its own, so that it can also be run by another user. It prints JSON: what each attack got, and what
it did to the host.
"""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from coding_agent.sandbox.box import Box, Mode, Spec, open_box
from coding_agent.sandbox.limits import Limits
from support.processes import Watched

MARK = "the secret of the host"
WAIT = "import sys; sys.stdin.read()"
SMALL = Limits(wall=20.0, cpu=2.0, memory=160, processes=24, disk=8, files=400, output=1, said=2)
ATTACKS = Path(__file__).parent / "attacks"


class Outcome(NamedTuple):
    """What an attack did: how its job ended, what it got, what the host lost, whether the box works afterwards."""

    end: str
    loot: object
    harm: list[str]
    well: bool


class Host:
    """What there is to attack: files, listeners, a process. ``harm`` says what changed since it was made."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.outside = folder / "outside" / "file.txt"
        self.open_folder = folder / "open"
        self.home = folder / "home"
        self.named = folder / "named"
        """What the box is told as the project: a link to it."""
        self.python = self.home / "bin" / "python3"
        self.pipe = self.project / "pipe"
        self._files()
        self._listen_to_pipe(stack)
        self.shared_memory = Path(f"/dev/shm/planted-{os.getpid()}")
        self.tcp, self.udp = self._listen(stack, socket.AF_INET, ("127.0.0.1", 0))
        self.unix = str(folder / "socket")
        self.abstract = f"coding-agent-{os.getpid()}"
        self._listen(stack, socket.AF_UNIX, self.unix)
        self._listen(stack, socket.AF_UNIX, "\0" + self.abstract)
        self.inner = str(self.project / "tmp" / "socket")
        self._listen(stack, socket.AF_UNIX, self.inner)
        self.secret = f"value-{os.getpid()}-not-to-be-seen"
        os.environ["API_TOKEN"] = self.secret
        self.victim = stack.enter_context(
            subprocess.Popen([sys.executable, "-I", "-S", "-c", WAIT], stdin=subprocess.PIPE, start_new_session=True)
        )
        stack.callback(self.victim.kill)
        self._descriptor = os.open(self.outside, os.O_RDONLY)
        os.set_inheritable(self._descriptor, True)
        stack.callback(os.close, self._descriptor)
        self._before = self._state()

    def world(self) -> dict[str, object]:
        """What attacks are told."""
        return {
            "project": str(self.project),
            "named": str(self.named),
            "inner": self.inner,
            "pipe": str(self.pipe),
            "outside": str(self.outside),
            "open_folder": str(self.open_folder),
            "home": str(self.home),
            "shared_memory": str(self.shared_memory),
            "tcp": self.tcp,
            "udp": self.udp,
            "unix": self.unix,
            "abstract": self.abstract,
            "victim": self.victim.pid,
            "secret_value": self.secret,
        }

    def harm(self) -> list[str]:
        """What is not as it was."""
        now = self._state()
        return sorted(
            f"{key}: {self._before.get(key)} -> {now.get(key)}"
            for key in self._before.keys() | now.keys()
            if self._before.get(key) != now.get(key)
        )

    def tree(self) -> str:
        """One digest of the project: names, modes, times and bytes."""
        digest = hashlib.sha256()
        for path in sorted(self.project.rglob("*")):
            found = path.lstat()
            digest.update(f"{path} {found.st_mode} {found.st_mtime_ns} {found.st_uid}\n".encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()

    def _files(self) -> None:
        secrets = (
            *(".env", ".git/config", "deploy/server.pem", "deploy/.env.production", ".aws/credentials", ".envrc"),
            *(".git/modules/inner/config", ".streamlit/secrets.toml"),
        )
        for name in ("module.py", "deploy/readme.txt"):
            self._write(self.project / name, "value = 1\n")
        for name in secrets:
            self._write(self.project / name, MARK)
        for name in (".ssh/id_ed25519", ".aws/credentials", ".netrc"):
            self._write(self.home / name, MARK)
        self._write(self.outside, MARK)
        self.outside.chmod(0o666)
        self.outside.parent.chmod(0o777)
        Path(f"{self.outside}.link").symlink_to("/somewhere/secret")
        (self.project / "link").symlink_to(self.outside.parent)
        (self.project / "settings").symlink_to(".env")
        (self.project / "deploy" / "up").symlink_to("/")
        (self.project / "tmp").mkdir()
        self.named.symlink_to(self.project)
        self.python.parent.mkdir()
        self.python.symlink_to(sys.executable)
        self.open_folder.mkdir()
        self.open_folder.chmod(0o777)

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def _listen_to_pipe(self, stack: ExitStack) -> None:
        os.mkfifo(self.pipe)
        self._written = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        stack.callback(os.close, self._written)

    def _listen(self, stack: ExitStack, family: int, address: str | tuple[str, int]) -> tuple[int, int]:
        """Listen for streams and datagrams; ``_heard`` is asked later."""
        ports = []
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            listener = stack.enter_context(socket.socket(family, kind))
            listener.bind(f"{address}.datagram" if kind == socket.SOCK_DGRAM and isinstance(address, str) else address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            listener.setblocking(False)
            ports.append(listener.getsockname()[1] if family == socket.AF_INET else 0)
            self._listeners = [*getattr(self, "_listeners", []), listener]
        return ports[0], ports[1]

    def _state(self) -> dict[str, object]:
        victim = Path(f"/proc/{self.victim.pid}")
        status = (victim / "stat").read_text("ascii").rpartition(")")[2].split()
        outside = self.outside.parent
        return {
            "project": self.tree(),
            "outside": [(path.name, path.read_bytes()) for path in sorted(outside.iterdir()) if path.is_file()],
            "mode": (self.outside.stat().st_mode, outside.stat().st_mode) if self.outside.exists() else None,
            "times": self.outside.stat().st_mtime_ns if self.outside.exists() else None,
            "attributes": os.listxattr(self.outside) if self.outside.exists() else None,
            "open folder": sorted(path.name for path in self.open_folder.iterdir()),
            "victim": "dead" if self.victim.poll() is not None else status[0].replace("R", "S"),
            "nice": status[16],
            "limits": (victim / "limits").read_text("ascii"),
            "affinity": sorted(os.sched_getaffinity(self.victim.pid)),
            "shared memory": self.shared_memory.exists(),
            "name": os.uname().nodename,
            "heard": self._heard(),
            "written": os.read(self._written, 100),
            "left": sorted(self._left()),
        }

    def _heard(self) -> int:
        for listener in self._listeners:
            try:
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(100)
            except BlockingIOError:
                continue
            return 1
        return 0

    def _left(self) -> Iterator[str]:
        """Processes that stem from a box and live without it: attacks sleep under one of these command lines.

        One that was killed may still be on its way: it has ten seconds.
        """
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                try:
                    command = (path / "cmdline").read_bytes()
                    parent = int((path / "stat").read_text("ascii").rpartition(")")[2].split()[1])
                except OSError:
                    continue
                ours = b"time.sleep(600)" in command or (b"_coding_agent_sandbox" in command and parent == 1)
                if ours and not _ends(int(path.name)):
                    yield f"{path.name} {command.decode(errors='replace')[:60]}"


def _ends(pid: int) -> bool:
    try:
        return not Watched(pid).left()
    except ProcessLookupError:
        return True


async def attack(host: Host, mode: Mode, names: Sequence[str]) -> dict[str, Outcome]:
    """Run attacks one after another on one box (those joined by commas at once), each followed by a benign job.

    A group may begin with the seconds it has: ``1.5:taking.loop_endlessly,taking.stop_itself``.
    """
    spec = Spec(host.python, host.named, limits=SMALL, packages={"_attacks": ATTACKS})
    outcomes: dict[str, Outcome] = {}
    async with open_box(spec, mode) as box:
        for group in names:
            wall, _, joined = group.rpartition(":")
            calls = {name: f"_attacks.{name.replace('.', ':')}" for name in joined.split(",")}
            limit = float(wall) if wall else None
            ran = await asyncio.gather(*(box.run(call, host.world(), wall=limit) for call in calls.values()))
            harm, well = host.harm(), await _well(box, host)
            for name, each in zip(calls, ran, strict=True):
                outcomes[name] = Outcome(each.ended.kind, each.ended.result or [], harm, well)
    outcomes["end"] = Outcome("", [], host.harm(), True)
    return outcomes


async def _well(box: Box, host: Host) -> bool:
    ran = await box.run("_attacks.target:benign", host.world(), wall=20)
    return (ran.said, ran.ended.result, ran.ended.output) == (("value = 1\n",), ["note"], "printed\n")


def main() -> None:
    mode, folder, *names = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with ExitStack() as stack:
        host = Host(Path(folder), stack)
        outcomes = asyncio.run(attack(host, Mode(mode), names))
    print(json.dumps({name: outcome._asdict() for name, outcome in outcomes.items()}))


if __name__ == "__main__":
    main()
