"""Fetch the official SARIF schema into the cache, for the tests that hold our reports against it.

    python tests/official_schema.py     # prints where it is, or why it is not there

The standard's own file is in no package of the Python index; Microsoft's matchers on npm carry it, whole.
"""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
OFFICIAL = Path(__file__).resolve().parents[1] / ".cache" / "schemas" / "sarif-2.1.0-rtm.5.json"


def fetch() -> str:
    """Return what there is to say: where the schema is, or why it is missing."""
    if OFFICIAL.is_file():
        return f"SARIF schema: {OFFICIAL}"
    npm = shutil.which("npm")
    if npm is None:
        return "SARIF schema: not here, there is no npm to fetch it with"
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True)
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            return f"SARIF schema: not here, npm could not fetch {PACKAGE}: {ran.stderr.strip()[-200:]}"
        with tarfile.open(packed) as archive:
            content = archive.extractfile(MEMBER)
            assert content is not None
            part = OFFICIAL.with_suffix(".part")
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content.read())
            part.rename(OFFICIAL)
    return f"SARIF schema: {OFFICIAL}"


if __name__ == "__main__":
    print(fetch())
