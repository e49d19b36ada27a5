"""Fetch the pinned packages that laws and counts are run over, each into a folder of its own, nothing executed.

    python bench/corpora.py [--folder .cache/corpora] [joined | django | noise ...]

Without a name all are fetched. What is there already is left alone.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "corpora"

CORPORA = {
    # The law that joined pieces equal ast.parse: large, old and new styles, odd formatting.
    "joined": ("networkx==3.6.1", "docutils==0.23", "jinja2==3.1.6", "twisted==26.10.0", "sqlalchemy==2.1.9"),
    # `coding-agent check` as a whole.
    "django": ("django==5.2.19",),
    # The noise counts, see noise/README.md. Rules were tuned on the first; each of the others was written here before
    # anything of it was analysed.
    "noise": ("werkzeug==3.1.9", "rich==15.0.0", "pytest==9.2.0", "celery==5.7.0", "httpx==0.28.1"),
    "noise-2": ("ansible-core==2.19.14", "mypy==2.4.1", "xarray==2026.9.0", "distributed==2026.8.0", "dulwich==1.2.21"),
    "noise-3": ("scikit-learn==1.9.1", "bokeh==3.9.2", "keystone==30.0.0", "scapy==2.8.0", "fonttools==4.68.0"),
    "noise-4": (
        *("matplotlib==3.11.2", "statsmodels==0.15.0", "apache-airflow-core==3.3.2", "pymongo==4.20.0"),
        "nova==34.0.0",
    ),
    "noise-5": ("pandas==3.1.1", "astropy==8.0.2", "prefect==3.9.1", "conan==2.34.0", "tornado==6.6.1"),
    "noise-6": ("sympy==1.14.0", "homeassistant==2024.3.3", "moto==5.2.5", "buildbot==4.3.0", "numba==0.68.1"),
    "noise-7": ("scipy==1.17.1", "transformers==5.23.0", "cinder==29.0.0", "spyder==6.1.8", "wagtail==8.0.1"),
    "noise-8": ("torch==2.14.1", "ray==2.60.0", "pyscf==2.14.0", "mlflow==3.18.0", "yt-dlp==2026.10.26"),
    "noise-9": ("apache-superset==6.1.0", "breezy==3.3.23", "mne==1.13.2", "psychopy==2026.2.5", "vllm==0.33.0"),
    "noise-10": ("apache-beam==2.77.0", "litellm==1.110.2", "neutron==29.0.0", "octoprint==1.11.8", "qiskit==2.6.2"),
    "noise-11": ("tensorflow-cpu==2.21.0", "biopython==1.88", "manila==23.0.1", "dagster==1.13.29", "angr==9.2.213"),
}


def fetch(pin: str, folder: Path) -> Path:
    """Return the folder of ``name==version`` below ``folder``, its files as the index ships them.

    Wheels only: nothing of a package runs on this machine to fetch it.
    Raises: CalledProcessError - pip could not get it.
    """
    target = folder / "trees" / pin.replace("==", "-")
    if not target.is_dir():
        part = target.with_name(target.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-compile", "--only-binary", ":all:", "--target", str(part), pin]
        subprocess.run(command, check=True)
        part.rename(target)
    return target


def trees(corpus: str, folder: Path = FOLDER) -> list[Path]:
    """The folders of one corpus, fetched where they are missing."""
    return [fetch(pin, folder) for pin in CORPORA[corpus]]


def modules(tree: Path) -> list[Path]:
    """The Python files of a package, in a fixed order."""
    return sorted(path for path in tree.rglob("*.py") if ".dist-info" not in str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("corpus", nargs="*", help=", ".join(CORPORA))
    options = parser.parse_args()
    for corpus in options.corpus or CORPORA:
        for tree in trees(corpus, options.folder):
            files = modules(tree)
            lines = sum(path.read_bytes().count(b"\n") for path in files)
            print(f"{corpus:<8} {tree.name:<22} {len(files):>5} files {lines:>7} lines")


if __name__ == "__main__":
    main()
