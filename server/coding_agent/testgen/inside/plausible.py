"""What stands in files and variables of the environment that code reads by name."""

import re
from typing import List

_FILES = (
    (".json", '{"name": "abc"}\n'),
    (".toml", '[abc]\nname = "abc"\n'),
    (".yaml", "name: abc\n"),
    (".yml", "name: abc\n"),
    (".ini", "[abc]\nname = abc\n"),
    (".cfg", "[abc]\nname = abc\n"),
    (".csv", "name,size\nabc,3\n"),
    (".xml", "<abc><name>abc</name></abc>\n"),
    (".env", "NAME=abc\n"),
)
_VARIABLES = (
    (r"(EDITOR|VISUAL)$", "nano"),
    (r"PAGER$", "less"),
    (r"SHELL$", "/bin/sh"),
    (r"(^|_)USER(NAME)?$|LOGNAME$", "alice"),
    (r"(^|_)(URL|URI|ENDPOINT)$", "https://example.com/"),
    (r"(^|_)(HOST|HOSTNAME)$", "example.com"),
    (r"(^|_)PORT$", "8080"),
    (r"(^|_)(LANG|LC_\w+|LANGUAGE)$", "de_DE.UTF-8"),
    (r"(^|_)(HOME|DIR|DIRECTORY|FOLDER|PATH|ROOT)$", "/srv/data"),
    (r"(^|_)(FILE|FILENAME|CONFIG)$", "/srv/data/config.toml"),
    (r"(^|_)(TOKEN|KEY|SECRET|PASSWORD)$", "secret"),
    (r"(^|_)(LEVEL|LOGLEVEL)$", "DEBUG"),
    (r"(^|_)(COLUMNS|WIDTH)$", "120"),
    (r"(^|_)(COLORTERM|TERM)$", "xterm"),
)


def file_text(name: str) -> str:
    """Return what a file of this name may hold."""
    return next((text for ending, text in _FILES if name.endswith(ending)), "name=abc\n")


def settings_of(variable: str) -> List[str]:
    """Return what a variable of this name may be set to; a flag or a number where the name says nothing."""
    return [*(text for pattern, text in _VARIABLES if re.search(pattern, variable)), "1", "abc"][:2]
