"""A new function does what another of the project, or of a package it needs, does already.

A second one is found by the next reader only, and from then on one of them is corrected and the other is not. This is
said while it is written, in editors whose project is indexed (`coding-agent search`): of functions that were not there
when the file was opened, once nobody has typed for a second. Either both have the same shape, whatever their names
("already does this"), or what is written so far is how the other begins ("begins just like this"), or name and
parameters are the same and both are near in meaning ("may already do this"). Tests, special methods and what is small
are left alone, and so is what is only declared, as overloads are.

What helps: call the other one; move it to where both can. Where the two only happen to be alike today, allow it.

Source: A. Hunt, D. Thomas, "The Pragmatic Programmer" (1999), "The Evils of Duplication".
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.report import Elsewhere
from coding_agent.analysis.rule import Example, Kind, Rule

_SAID = {"does": "already does this", "begins": "begins just like this", "may": "may already do this"}


def check(known: Elsewhere, context: Context) -> Iterator[Finding]:
    finding = context.finding(known.span, f"'{known.name}' in {known.place} {_SAID[known.why]}")
    yield finding.about(known.address, f"'{known.name}'") if known.address else finding


_SLUG = (
    "# file: web/text.py\ndef slugify(title, limit=50):\n    words = []\n    for word in title.lower().split():\n"
    "        if word.isalnum() and word not in STOP:\n            words.append(word)\n"
    '    return "-".join(words)[:limit]\n'
)

RULE = Rule(
    name="already-exists",
    check=check,
    kind=Kind.INDEX,
    severity=Severity.INFORMATION,
    examples=(
        Example(
            "under other names, in another form",
            before=(
                f"{_SLUG}# file: blog/post.py\ndef $0address_of$0(heading, most=50):\n"
                '    return "-".join([each for each in heading.lower().split() if each.isalnum() and each not in STOP])'
                "[:most]\n"
            ),
        ),
        Example(
            "not finished yet",
            before=(
                f"{_SLUG}# file: blog/post.py\ndef $0address_of$0(heading, most=50):\n    parts = []\n"
                "    for each in heading.lower().split():\n        if each.isalnum() and each not in STOP:\n"
                "            parts.append(each)\n"
            ),
        ),
        Example(
            "something else with the same words",
            before=(
                f"{_SLUG}# file: blog/post.py\ndef stopped(title, limit=50):\n    words = set()\n"
                "    for word in title.split():\n        if word in STOP or not word.isalnum():\n"
                "            words.add(word.lower())\n    return sorted(words)[-limit:]\n"
            ),
        ),
        Example(
            "too small to say",
            before=(
                "# file: web/text.py\ndef title(self):\n    return self.data.title\n"
                "# file: blog/post.py\ndef title(self):\n    return self.data.title\n"
            ),
        ),
    ),
)
