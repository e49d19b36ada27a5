"""Create the environments of the servers we are measured beside, one for each, outside the package's own.

    python bench/peers.py [FOLDER]          default .cache/peers; prints where each command is

A folder that is complete is left alone. Versions are pinned, so that two runs compare.
"""

import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".cache" / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """One server: its label in ``judges/lsp_servers.json``, its program and what pip installs."""

    label: str
    program: str
    pins: tuple[str, ...]


PEERS = (
    Peer("ruff", "ruff", ("ruff==0.17.6",)),
    Peer(
        "pylsp",
        "pylsp",
        ("python-lsp-server==1.15.0", "jedi==0.20.1", "pyflakes==3.2.0", "pycodestyle==2.12.1", "mccabe==0.7.0"),
    ),
    Peer("jedi-ls", "jedi-language-server", ("jedi-language-server==0.47.0", "jedi==0.20.1", "pygls==2.1.1")),
)


def install(peer: Peer, folder: Path) -> Path:
    """Return the program of ``peer`` below ``folder``, installed first where its stamp is missing.

    Raises: CalledProcessError - pip could not install it.
    """
    home = folder / peer.label
    stamp = home / "pins.txt"
    pins = "\n".join(peer.pins)
    if not stamp.is_file() or stamp.read_text() != pins:
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", *peer.pins], check=True)
        stamp.write_text(pins)
    return home / "bin" / peer.program


def programs(folder: Path = FOLDER, labels: Sequence[str] = ()) -> dict[str, Path]:
    """Return the program of each peer (or of those named), by label."""
    return {peer.label: install(peer, folder) for peer in PEERS if not labels or peer.label in labels}


if __name__ == "__main__":
    for label, program in programs(Path(sys.argv[1]) if sys.argv[1:] else FOLDER).items():
        print(f"{label:<8} {program}")
