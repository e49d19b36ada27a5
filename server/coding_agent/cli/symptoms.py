"""What docs/trouble.md tells beside the table of `troubles`: what only the user can see, and where to look."""

from typing import Final

BEFORE: Final = """\
# When something is wrong

```
coding-agent doctor            # this machine, and the project around the current folder
coding-agent doctor FILE       # also whether FILE is looked at
```

It runs nothing of your project and writes nothing. `LOOK` is what should be mended, `note` matters to who uses it,
and below each stands what to do. The word in brackets, `[not-on-path]`, is a row of the first table. Run it where
the server runs: in the WSL distribution, on the far machine, in the container. In VS Code, *Coding Agent: Copy
Debug Info* tells which server was started and why it was chosen.
"""

SYMPTOMS: Final = {
    "No findings at all": """
1. `coding-agent check FILE` in a terminal. Where it finds nothing either, the code is clean by the rules that run:
   `coding-agent rules` lists them, and `select = ["all"]` in `[tool.coding-agent]` runs every one.
2. `coding-agent doctor FILE` says whether the file counts, how many rules run, and how many findings the baseline
   knows.
3. Ours are silent where ruff or pyright says the same by default or by your ruff configuration. `analysis.twins =
   false` lets all speak. Syntax errors are left to other servers altogether.
4. Where the terminal finds something and the editor does not, the server does not run for this file: see the next
   sections.
""",
    "The server does not start in VS Code": """
The status item at the lower right tells the state; click it for the menu. *Coding Agent: Show Logs* tells where the
server was looked for: the setting `codingAgent.command`, the environment of the selected interpreter, `PATH`, the
environment that *Coding Agent: Set Up the Server* makes.

- "No server": run *Coding Agent: Set Up the Server* once. Without a package index, see "Behind a proxy, and
  offline" below.
- A `coding-agent` on your `PATH` is not found: VS Code started from a menu has the `PATH` of your login, not of
  your terminal. Start it by `code .` from the terminal, or name the program in `codingAgent.command`.
- In Restricted Mode a server that lies inside of the folder is not started, nor a command that the folder names.
  Trust the folder, or use another one.
- It ended again and again: *Show Logs* has its last words. *Coding Agent: Restart Server* tries anew.
""",
    "The server does not start in Neovim": """
`:checkhealth coding_agent` and `:checkhealth vim.lsp` say whether the server is found, enabled and attached to this
buffer.

- Not enabled: `vim.lsp.enable('coding_agent')` has to run, and the folder `editors/neovim` has to be on
  `runtimepath` before it.
- Not attached: `:set filetype?` has to say `python`.
- Not found: `:echo exepath('coding-agent')` is what Neovim would start. Name another by
  `vim.lsp.config('coding_agent', { cmd = { PATH, 'serve' } })`.
""",
    "The server does not start in Helix": """
`hx --health python` lists the servers of the language and whether each is on `PATH`. A server has to be named twice
in `languages.toml`: as `[language-server.coding-agent]` and in `language-servers` of the language, which replaces
Helix's own list. `:lsp-restart` starts it anew.
""",
    "The server does not start in Emacs": """
`M-x eglot` in a Python buffer; it says which program it starts. Where it starts another server, the entry in
`eglot-server-programs` came too late or stands behind another for the same mode. `M-: (executable-find
"coding-agent")` is what Emacs would start; Emacs started from a menu has the `PATH` of your login, and
`(add-to-list 'exec-path "FOLDER")` adds to it. eglot runs one server for a buffer.
""",
    "Findings are shown twice": """
- Two of our servers run: an extension and a generic client, or two entries for the language. Keep one.
- The message is the same and the other source is ruff or pyright: the rule is not known to us as its twin, or you
  named ours in `select`, which lets it run all the same. Take it out there or put it into `ignore`. If you did not
  name it, report it, with both rule names.
- Hover shows everything twice beside another Python server: `hover.ours-only = true` leaves signature and docstring
  to the other one.
""",
    "No hover": """
- Hover is about names and functions; over a comment or a blank there is none.
- It says less for a package's names where its environment is not known: `[interpreter-setting]`,
  `[broken-environment]` above. In a folder that you have not trusted, its Python is not asked, and its packages are
  read from `pyvenv.cfg` alone.
- The first one of a session may say less: jedi starts meanwhile, and the next hover has it.
- `jedi.enabled = false` in your settings switches signatures and types off.
""",
    "Generate tests does nothing, or is refused": """
A message says why; these are the usual ones.

- *not trusted*: it runs your code, so it asks once for each folder. `coding-agent trust FOLDER` allows it,
  `[refused]` above takes a no back. Your home, and folders that everybody writes to, cannot be trusted: open the
  project itself.
- *nothing here can hold code*: `[no-sandbox]` above. macOS and Windows have nothing that can; in a container it may
  need bubblewrap, or a newer kernel.
- *changes that are not saved*: what is on disk is run, so save first. Files over SSH that an editor mounts by
  itself are not on this disk.
- *cannot be imported*: the project's Python lacks a package. The message names both; doctor says how that Python
  was found.
- *no test was kept*: the report says what stood in the way, such as calls that needed the network. `coding-agent
  tests FILE` shows it in full.
- No lens above the function: `lens.tests`, and the editor's own switch for code lenses.
""",
    "It is slow": """
The first start after an installation compiles our modules, once. Tables and generated code of many thousand
characters are looked at in another process, and their findings come later. `coding-agent paths` shows the caches;
on a network drive they are slow: `XDG_CACHE_HOME` moves them.
""",
}

AFTER: Final = """\
## Where the logs are

The server writes one line for each event to its standard error output, without your source text; each editor keeps
it.

| editor | the server's log | the messages between both |
|---|---|---|
| VS Code | *Coding Agent: Show Logs* | channel *Coding Agent Trace*, with `codingAgent.trace.server` |
| Neovim | the file `:lua =vim.lsp.log.get_filename()` names | the same, after `:lua vim.lsp.log.set_level('debug')` |
| Helix | the file that `:log-open` opens | the same, when started as `hx -v` |
| Emacs | `M-x eglot-stderr-buffer` | `M-x eglot-events-buffer` |

## WSL, SSH and containers

The server belongs where your files and your Python are, never on the machine you only look from.

- **VS Code**: the extension runs on the far side by itself (*WSL*, *SSH* or *Dev Container* at the lower left).
  Install it there, and set the server up there: its environment, its settings of scope *user* and its trust are
  those of the far machine.
- **Dev containers**: name the extension in `devcontainer.json` under `customizations.vscode.extensions` (or the
  path of its `.vsix`), and install the server when the image is built (`postCreateCommand`), or each new container
  asks for it again. Most containers let no program make namespaces: doctor then shows Landlock in use, which needs
  Linux 6.7 on the machine below.
- **WSL**: keep the project in the Linux file system. Below `/mnt/c` every file is slow to read, and changes made by
  Windows are noticed late.
- **Neovim, Helix and Emacs** run where you start them; Emacs starts the server on the far side by TRAMP where
  `coding-agent` is on the `PATH` there.

## Behind a proxy, and offline

The server itself opens no connection. Only its installation does, by uv or pip, with their own settings:
`HTTPS_PROXY`, `UV_DEFAULT_INDEX` or pip's `index-url`, `SSL_CERT_FILE` for an authority of your own. VS Code
started from a menu does not see variables that your terminal sets.

Without any network: on a machine that has one, run

```
pip wheel --wheel-dir wheels /path/to/the/clone
```

under the same system and the same minor version of Python, carry the folder over, and there

```
python3 -m venv ~/coding-agent
~/coding-agent/bin/python -m pip install --no-index --find-links wheels coding-agent-lsp
```

then put `~/coding-agent/bin/coding-agent` on `PATH`, or name it in `codingAgent.command`. The extension installs
from a file: *Extensions: Install from VSIX...*.

## Report a bug

```
coding-agent doctor --format json > doctor.json
```

Look through it first: it names folders of yours. Add the text that shows it, cut down as far as you can, what you
did and expected, and the lines of the log from that moment. For a wrong fix or refactoring, the file before and
after says everything. A message that begins with "a mistake in Coding Agent" names the place in our code; send it
as it is.
"""
