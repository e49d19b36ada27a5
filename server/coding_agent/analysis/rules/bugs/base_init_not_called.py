"""The ``__init__`` of a class never calls that of its base, which needs it.

A ``threading.Thread`` without it fails at ``start()``, a ``logging.Handler`` has no lock, a ``torch.nn.Module``
refuses the first attribute. It is reported for bases known to need it; other methods of the class may call it, too.
``UserDict`` and ``UserList`` need it for their ``data`` alone: a class with a ``data`` of its own is left alone.

Source: CWE-665, improper initialization; Python documentation, ``threading.Thread``: "If the subclass overrides the
constructor, it must make sure to invoke the base class constructor before doing anything else to the thread."
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts
from coding_agent.analysis.rule import Example, Kind, Rule

_DATA = ("collections.UserDict", "collections.UserList")
_NEED_IT = frozenset(
    (
        *("threading.Thread", "threading.Timer", "multiprocessing.Process", "queue.Queue", "asyncio.Queue"),
        *("logging.Handler", "logging.StreamHandler", "logging.Formatter", "logging.Logger"),
        *("html.parser.HTMLParser", "argparse.ArgumentParser", "argparse.Action", "cmd.Cmd", "unittest.TestCase"),
        *("configparser.ConfigParser", "configparser.RawConfigParser", "json.JSONEncoder", "json.JSONDecoder"),
        *_DATA,
        *("http.server.HTTPServer", "socketserver.TCPServer", "socketserver.UDPServer", "http.cookiejar.CookieJar"),
        *("tkinter.Tk", "tkinter.Frame", "tkinter.Toplevel", "tkinter.Canvas", "tkinter.Label", "tkinter.Button"),
        *("torch.nn.Module", "torch.nn.modules.Module"),
    )
)
_NEED_ALL = ("PyQt5.QtWidgets.", "PyQt6.QtWidgets.", "PySide2.QtWidgets.", "PySide6.QtWidgets.")
"""Qt says so only when the object is used."""


def check(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    if not isinstance(facts, ClassFacts):
        return
    base = next((each for each in facts.info.bases if each in _NEED_IT or each.startswith(_NEED_ALL)), None)
    if base is None:
        return
    if base in _DATA and any(m.name == "data" or "data" in m.writes for m in facts.members):
        return
    own = [member for member in facts.members if member.name == "__init__"]
    called = any(call.endswith(".__init__") for member in facts.members for call in member.calls)
    if len(own) == 1 and not called and not own[0].is_stub and not any(m.name == "__new__" for m in facts.members):
        message = f"'{base}' needs its own __init__() to be called, and nothing here calls it"
        yield own[0], context.finding(own[0].name_span, message)


RULE = Rule(
    name="base-init-not-called",
    check=check,
    kind=Kind.SIBLINGS,
    cwe=665,
    twins=("pylint:W0231", "pyright:reportMissingSuperCall", "codeql:py/missing-call-to-init"),
    examples=(
        Example(
            "a thread",
            before=(
                "import threading\n\n\nclass Worker(threading.Thread):\n    def $0__init__$0(self, jobs):\n"
                "        self.jobs = jobs\n\n    def run(self):\n        self.jobs.go()\n"
            ),
        ),
        Example(
            "called",
            before=(
                "import threading\n\n\nclass Worker(threading.Thread):\n    def __init__(self, jobs):\n"
                "        super().__init__()\n        self.jobs = jobs\n\n    def run(self):\n        self.jobs.go()\n"
            ),
        ),
        Example(
            "called by the base's name",
            before=(
                "from threading import Thread\n\n\nclass Worker(Thread):\n"
                "    def __init__(self, jobs):\n        Thread.__init__(self)\n        self.jobs = jobs\n\n"
                "    def run(self):\n        self.jobs.go()\n"
            ),
        ),
        Example(
            "data of its own",
            before=(
                "from collections import UserList\n\n\nclass Nodes(UserList):\n    def __init__(self, nodes):\n"
                "        self.nodes = nodes\n\n    @property\n    def data(self):\n        return self.nodes\n"
            ),
        ),
        Example(
            "no data",
            before=(
                "from collections import UserList\n\n\nclass Nodes(UserList):\n    def $0__init__$0(self, nodes):\n"
                "        self.nodes = nodes\n\n    def first(self):\n        return self.nodes[0]\n"
            ),
        ),
        Example(
            "another base",
            before=(
                "class Worker(Base):\n    def __init__(self, jobs):\n        self.jobs = jobs\n\n    def run(self):\n"
                "        self.jobs.go()\n"
            ),
        ),
    ),
)
