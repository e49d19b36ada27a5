"""Write packages.txt: name==version and licence of each downloaded wheel whose licence is permissive.

usage: licences.py --wheels DIR --out packages.txt
The licence is what the wheel's own metadata says; where that is unclear the package is left out.
"""

from __future__ import annotations

import argparse
import email
import re
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import mine

_ALLOWED = """
MIT: mit, mit license, the mit license, mit licence, expat, x11, mit style, the mit license mit, mit license mit
MIT-0: mit 0, mit no attribution
BSD: bsd, bsd license
BSD-3-Clause: bsd 3 clause, bsd 3, new bsd, new bsd license, 3 clause bsd, 3 clause bsd license, bsd 3 clause license
BSD-3-Clause: the bsd 3 clause license, modified bsd, modified bsd license
BSD-2-Clause: bsd 2 clause, simplified bsd
Apache-2.0: apache 2.0, apache software license, apache license 2.0, apache license version 2.0, apache 2, apache
Apache-2.0: apache2, apache2.0, apache 2.0 license, asl 2.0, apache license, the apache license version 2.0
Apache-2.0: apache software license 2.0, apache software license apache 2.0
ISC: isc, isc license, isc license iscl, iscl
PSF-2.0: psf, psf 2.0, psfl, python 2.0, python software foundation license
PSF-2.0: python software foundation license version 2
Unlicense: unlicense, the unlicense unlicense, the unlicense
0BSD: 0bsd
Zlib: zlib, zlib libpng license, zlib license
"""
ALLOWED = {
    said.strip(): licence
    for licence, _, names in (line.partition(":") for line in _ALLOWED.strip().splitlines())
    for said in names.split(",")
}
# Wheels whose metadata also names what compiled parts in them are under; their Python code is under this.
OWN = {"numpy": "BSD-3-Clause", "torch": "BSD-3-Clause"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    kept: list[str] = []
    for wheel in sorted(arguments.wheels.glob("*.whl"), key=mine.wheel_name):
        name = mine.wheel_name(wheel)
        if name in mine.EVALUATED + mine.FORKS:
            continue
        licence, said = (OWN[name], "") if name in OWN else licence_of(wheel)
        if licence:
            kept.append(f"{name}=={wheel.name.split('-')[1]}  {licence}")
        else:
            print("left out:", name, said, file=sys.stderr)
    arguments.out.write_text("\n".join(kept) + "\n")


def licence_of(wheel: Path) -> tuple[str, str]:
    """The licence if it is one of those allowed, and what the metadata says."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        metadata = email.message_from_bytes(archive.read(names[0]))
    expression = str(metadata.get("License-Expression") or "")
    classifiers = [
        one.split("::")[-1].strip()
        for one in metadata.get_all("Classifier") or []
        if one.startswith("License ::") and one.count("::") > 1
    ]
    text = str(metadata.get("License") or "").strip()
    said = expression or " & ".join(classifiers) or text[:60]
    if expression:
        return _all(re.split(r"\s+AND\s+|\s+and\s+", expression)), said
    if classifiers:
        return _all(classifiers), said
    flat = " ".join(text.split())
    if "Permission is hereby granted, free of charge" in flat or re.match(r"(The )?MIT License(?! AND)", flat):
        return "MIT", "text"
    if re.match(r"Apache License,? Version 2", flat):
        return "Apache-2.0", "text"
    if "Redistribution and use in source and binary forms" in flat:
        return "BSD", "text"
    return _all([text]), said


def plain(licence: str) -> str:
    return re.sub(r"[^a-z0-9.]+", " ", licence.lower()).strip()


def _all(parts: list[str]) -> str:
    found: list[str] = []
    for part in parts:
        choices = re.split(r"\s+OR\s+|\s+or\s+|\s*/\s*(?=[A-Z])", part.strip("() "))
        allowed = [ALLOWED[plain(one)] for one in choices if plain(one) in ALLOWED]
        if not allowed:
            return ""
        found.append(allowed[0])
    return " AND ".join(dict.fromkeys(found))


if __name__ == "__main__":
    main()
