"""An XML parser that resolves external entities reads files for whoever wrote the document.

An entity such as ``<!ENTITY x SYSTEM "file:///etc/passwd">`` puts that file into the document, or sends the
program to any address. Parsers of today do not resolve them unless they are told to; the rule speaks
where they are.

The fix turns it off; documents that need other files to be complete are then read without them.

Source: CWE-611, improper restriction of XML external entity reference.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule

_FEATURES = {
    *(f"xml.sax.handler.feature_external_{kind}" for kind in ("ges", "pes")),
    *(f"http://xml.org/sax/features/external-{kind}-entities" for kind in ("general", "parameter")),
}
_OPTIONS: dict[str, object] = {"resolve_entities": True, "no_network": False}
_MESSAGE = "external entities are resolved: the document decides which files and addresses are read"


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "setFeature":
        feature, state = argument(node, 0, "name"), argument(node, 1, "state")
        if feature is not None and state is not None and _is_external(feature, context) and _is_true(state):
            off = context.replace(state, "False", "Turn it off", Applicability.UNSAFE)
            yield context.finding(node, _MESSAGE, off)
        return
    for name, unsafe in _OPTIONS.items():
        given = keyword(node, name)
        if given is not None and is_literal(given.value, unsafe):
            off = context.replace(given.value, str(not unsafe), f"Set {name}={not unsafe}", Applicability.UNSAFE)
            yield context.finding(given, _MESSAGE, off)


def _is_external(feature: ast.expr, context: Context) -> bool:
    said = feature.value if isinstance(feature, ast.Constant) else context.qualified(feature)
    return said in _FEATURES


def _is_true(state: ast.expr) -> bool:
    return is_literal(state, True) or is_literal(state, 1)


RULE = Rule(
    name="xml-external-entities",
    check=check,
    calls=(".setFeature", "lxml.etree.XMLParser", "lxml.etree.iterparse", "lxml.etree.XMLPullParser"),
    cwe=611,
    twins=("ruff:S320", "bandit:B320"),
    examples=(
        Example(
            "lxml",
            before="from lxml import etree\n\nparser = etree.XMLParser($0resolve_entities=True$0)\n",
            after="from lxml import etree\n\nparser = etree.XMLParser(resolve_entities=False)\n",
        ),
        Example(
            "sax",
            before=(
                "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n\n"
                "parser = xml.sax.make_parser()\n$0parser.setFeature(feature_external_ges, True)$0\n"
            ),
            after=(
                "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n\n"
                "parser = xml.sax.make_parser()\nparser.setFeature(feature_external_ges, False)\n"
            ),
        ),
        Example("the default", before="from lxml import etree\n\nparser = etree.XMLParser(huge_tree=True)\n"),
        Example(
            "another feature",
            before=(
                "from xml.sax.handler import feature_namespaces\n\n\n"
                "def prepare(parser):\n    parser.setFeature(feature_namespaces, True)\n"
            ),
        ),
    ),
)
