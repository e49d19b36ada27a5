"""VS Code as code-server: the same workbench and extension host, shown in a headless Chromium.

Installed from npm into the editors' cache, without a compiler and without running anybody's install scripts: the native
modules that matter come built, and the one that does not (for logs) gets a stand-in.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import quote

from editors.install import NotHere, cache, find_chromium
from editors.support import ROOT, Home, eventually

EXTENSION = ROOT / "editors/vscode"
WANTED = {"node": ("node@24",), "code": ("code-server@4.139.1",)}
# Of the extensions that come with it those that somebody here looks at; the others only cost time at each window.
_KEPT = frozenset(
    (
        *("python", "json", "markdown-basics", "markdown-language-features", "git", "git-base"),
        *("theme-defaults", "theme-modern-icons", "theme-seti"),
    )
)
_LOGGER = """\
const fs = require("fs");
const NAMES = ["trace", "debug", "info", "warning", "error", "critical"];
class Logger {
  constructor(file) { Object.assign(this, { file, level: 2, plain: false }); }
  say(level, text) {
    const head = this.plain ? "" : `${new Date().toISOString()} [${NAMES[level]}] `;
    const line = head + text + (this.plain ? "" : "\\n");
    if (level >= this.level && this.file) try { fs.appendFileSync(this.file, line); } catch {}
  }
  getLevel() { return this.level; } setLevel(level) { this.level = level; }
  clearFormatters() { this.plain = true; } setPattern() {} flush() {} drop() {}
}
NAMES.forEach((name, level) => {
  Logger.prototype[name === "warning" ? "warn" : name] = function (text) { this.say(level, text); };
});
const make = async (_, file) => new Logger(file);
exports.version = 11100;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = make;
exports.createAsyncRotatingLogger = make;
"""
SETTINGS: dict[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "update.mode": "none",
    "chat.disableAIFeatures": True,
    "editor.accessibilitySupport": "off",
    "editor.minimap.enabled": False,
    "editor.wordBasedSuggestions": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "files.autoSave": "off",
    "git.enabled": False,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "security.workspace.trust.emptyWindow": False,
    "security.workspace.trust.untrustedFiles": "open",
}


def find() -> Path:
    """Return the entry of an installed code-server; installs nothing. Raises: NotHere."""
    entry = _entry()
    if not _stamp().is_file() or json.loads(_stamp().read_text()) != _wanted() or not entry.is_file():
        raise NotHere("VS Code (code-server) is not installed (tests/editors/install.py tries to)")
    find_chromium()
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise NotHere("VS Code (code-server) is driven by playwright, which is not installed") from None
    return entry


def install() -> Path:
    """Return code-server, from npm where it is not there yet. Raises: NotHere."""
    try:
        return find()
    except NotHere:
        if not shutil.which("npm"):
            raise NotHere("VS Code (code-server) comes from npm, which is not installed") from None
    _driver()
    if _entry().is_file() and _stamp().is_file() and json.loads(_stamp().read_text()) == _wanted():
        return find()
    for name, packages in WANTED.items():
        folder = cache() / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        # What was taken out of it does not come back by itself.
        shutil.rmtree(folder / "node_modules/code-server", ignore_errors=True)
        _npm(folder, "install", *packages, *(("--ignore-scripts",) if name == "code" else ()))
    inner = cache() / "code/node_modules/code-server/lib/vscode"
    _npm(inner, "install", "--omit=dev", "--ignore-scripts")
    (inner / "node_modules/@vscode/spdlog/index.js").write_text(_LOGGER)
    for extension in (inner / "extensions").iterdir():
        if extension.is_dir() and extension.name not in _KEPT:
            shutil.rmtree(extension, ignore_errors=True)
    _stamp().write_text(json.dumps(_wanted()))
    return find()


def _driver() -> None:
    """Install what drives Chromium, and uv, with which our extension may set the server up. Raises: NotHere."""
    pins = ["--constraint", "constraints.txt", "--group", "editors"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *pins]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotHere(f"playwright cannot be installed: {done.stderr[-400:]}")


def _entry() -> Path:
    return cache() / "code/node_modules/code-server/out/node/entry.js"


def build_extension() -> Path:
    """Return our extension, packed as users get it. Raises: NotHere - npm cannot be used here."""
    if not shutil.which("npm"):
        raise NotHere("the VS Code extension is built with npm, which is not installed")
    # Several workers may want it at once.
    with (cache() / "vsix.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        done = subprocess.run(["make", "-s", "vsix"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotHere(f"the VS Code extension cannot be built: {(done.stdout + done.stderr)[-800:]}")
    return EXTENSION / "coding-agent.vsix"


def _stamp() -> Path:
    return cache() / "code-server.json"


def _wanted() -> dict[str, list[str]]:
    return {**{name: list(packages) for name, packages in WANTED.items()}, "extensions": sorted(_KEPT)}


def _npm(folder: Path, *arguments: str) -> None:
    quiet = {"npm_config_fund": "false", "npm_config_audit": "false", "npm_config_update_notifier": "false"}
    try:
        done = subprocess.run(
            ["npm", *arguments], cwd=folder, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=900
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"npm {arguments[0]} failed: {error}") from error
    if done.returncode:
        raise NotHere(f"npm {' '.join(arguments)} failed: {(done.stdout + done.stderr)[-800:]}")


def _node() -> dict[str, str]:
    """An environment where ``node`` is the one that code-server wants, once it is there."""
    own = cache() / "node/node_modules/node/bin"
    return {**os.environ, "PATH": os.pathsep.join([*([str(own)] if own.is_dir() else []), os.environ["PATH"]])}


def driver() -> AbstractContextManager[Any]:
    """What drives browsers. One for each process: a second one beside it cannot start."""
    from playwright.sync_api import sync_playwright

    return sync_playwright()


@contextmanager
def browser(driven: Any, profile: Path) -> Iterator[Any]:
    """A Chromium with a profile of its own: two at once cannot share one."""
    context = driven.chromium.launch_persistent_context(
        profile,
        executable_path=find_chromium(),
        args=["--no-sandbox", "--disable-gpu"],
        viewport={"width": 1280, "height": 800},
    )
    yield context
    context.close()


class CodeServer:
    """A VS Code server in a home folder of its own, with extensions installed from .vsix files."""

    def __init__(self, extensions: list[Path], variables: Mapping[str, str]) -> None:
        self._entry, self._extensions = find(), extensions
        self._variables = {**_node(), **variables}
        self._folder = TemporaryDirectory(prefix="code-", ignore_cleanup_errors=True)
        self.data = Path(self._folder.name) / "data"

    def __enter__(self) -> Self:
        self.set({})
        # Extensions get the PATH that a login shell has.
        (Path(self._variables["HOME"]) / ".profile").write_text(f'export PATH="{self._variables["PATH"]}"\n')
        node = cache() / "node/node_modules/node/bin/node"
        folders = ["--user-data-dir", self.data, "--extensions-dir", Path(self._folder.name) / "extensions"]
        base = [node, self._entry, *folders]
        # Workspaces must be able to be untrusted, so trust is left on.
        for vsix in self._extensions:
            subprocess.run([*base, "--install-extension", vsix], env=self._variables, check=True, capture_output=True)
        log = Path(self._folder.name) / "log"
        with log.open("wb") as sink:
            options = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check"]
            self._process = subprocess.Popen(
                [*base, *options], env=self._variables, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
            )
        listening = eventually(
            "code-server listens", lambda: re.search(r"listening on http://(127\.0\.0\.1:\d+)", log.read_text())
        )
        self.authority = listening[1]
        return self

    def __exit__(self, *failure: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._folder.cleanup()

    def set(self, settings: Mapping[str, Any]) -> None:
        """Write the user's settings, beside those that keep VS Code quiet, for windows that open from now on.

        In a remote window, as all of these are, settings that name programs count in the machine's own file only.
        They are written in place, where they differ: a file that is replaced is one that was gone for a moment. Where
        they are the same, who watches the file is told again.
        """
        text = json.dumps({**SETTINGS, **settings}, indent=1)
        for file in (self.data / "User/settings.json", self.data / "Machine/settings.json"):
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.is_file() or file.read_text() != text:
                file.write_text(text)
            else:
                file.touch()

    def url(self, folder: Path, file: Path | None = None) -> str:
        """The address of a window on a folder. Without the authority in the file's, it would be another document."""
        shown = f"http://{self.authority}/?folder={quote(str(folder))}"
        if file is None:
            return shown
        opened = json.dumps([["openFile", f"vscode-remote://{self.authority}{file}"]])
        return f"{shown}&payload={quote(opened)}"

    def log(self, channel: str) -> str:
        """What the extension wrote to a channel, in all windows."""
        files = sorted(self.data.glob(f"logs/*/exthost*/*/{channel}.log"))
        return "".join(file.read_text("utf-8", "replace") for file in files)


def usual(home: Home, **more: Any) -> dict[str, Any]:
    """The user's settings: the server under test, and Workspace Trust off, so that the server asks by itself."""
    return {
        "codingAgent.command": [str(home.folder / "bin/coding-agent")],
        "codingAgent.interpreter": sys.executable,
        "codingAgent.tests.seconds": 6,
        "security.workspace.trust.enabled": False,
        **more,
    }
