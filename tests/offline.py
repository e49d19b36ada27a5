"""The suite in a network of its own that has nothing but loopback, and who it tried to reach all the same.

    python tests/offline.py [what pytest takes]          # by default all but the real editors
    make offline

Linux with `unshare` and `strace`. Ends with 1 where a test fails or an address beyond this machine was asked for, but
those that tests of the sandbox ask for, to see that they are barred there.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

ROOT = Path(__file__).parents[1]
BARRED = {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"}
"""Networks that are nobody's (RFC 5737, RFC 3849): what tests try from inside a box."""
_CALLS = "connect,sendto,sendmsg,sendmmsg"
_ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')


def reached(lines: Iterable[str]) -> Iterator[str]:
    """Addresses beyond this machine in a trace, but those of nobody."""
    nobody = [ip_network(each) for each in BARRED]
    for line in lines:
        for found in _ADDRESS.findall(line):
            address = ip_address(found)
            mapped = getattr(address, "ipv4_mapped", None) or address
            if not (mapped.is_loopback or mapped.is_unspecified or any(mapped in each for each in nobody)):
                yield found


def main(arguments: list[str]) -> int:
    for program in ("unshare", "strace", "ip"):
        if shutil.which(program) is None:
            print(f"{program} is not installed", file=sys.stderr)
            return 2
    chosen = arguments or ["-q", "-n", "2", "--dist", "worksteal", "--ignore", "tests/editors"]
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        strace = ["strace", "-f", "-qq", "--seccomp-bpf", "--signal=none", "-e", f"trace={_CALLS}", "-o", str(trace)]
        inside = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", *strace, sys.executable, "-m", "pytest", *chosen]
        ended = subprocess.run(["unshare", "--map-root-user", "--net", *inside], cwd=ROOT, check=False).returncode
        with trace.open(encoding="utf-8", errors="replace") as lines:
            found = Counter(reached(lines))
    for address, times in found.most_common():
        print(f"{address}: asked for {times} times")
    print(
        "no address beyond this machine was asked for" if not found else f"{len(found)} addresses beyond this machine"
    )
    return 1 if found or ended else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
