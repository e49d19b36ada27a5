"""The page of a rule in Markdown: what it is, why, its examples, and what is to be known about it."""

from collections.abc import Iterator

from coding_agent.analysis.rule import Example, Rule
from coding_agent.report.model import SEVERITY_NAMES


def rule_page(rule: Rule, family: str, text: str) -> str:
    """Return the page of a rule; ``text`` is the docstring of its module."""
    return "\n".join((f"# {rule.name}", "", text.strip(), "", *_facts(rule, family), *_examples(rule.examples)))


def marked(example: str) -> tuple[str, tuple[int, int] | None]:
    """Return an example's code without its ``$0`` marks, and the span between them, None where it has no mark."""
    before, mark, rest = example.partition("$0")
    if not mark:
        return example, None
    inside, second, after = rest.partition("$0")
    if not second:
        return before + inside, (len(before), len(before))
    return before + inside + after, (len(before), len(before) + len(inside))


def _facts(rule: Rule, family: str) -> Iterator[str]:
    yield f"- family: {family}"
    yield f"- severity: {SEVERITY_NAMES[rule.severity]}" + ("" if rule.on else ", off by default")
    if rule.cwe:
        yield f"- weakness: [CWE-{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)"
    yield "- fix: " + ("for some of what it finds" if any(item.after is not None for item in rule.examples) else "none")
    if rule.twins:
        yield f"- seen also by: {', '.join(rule.twins)}; where one of them is on in the project, this rule is silent"
    for name, value in rule.options.items():
        yield f"- option `rules.{rule.name}.{name}`, by default {_value(value)}"
    yield f"- allowed at one place by `# coding-agent: allow {rule.name}`"


def _value(value: int | str | bool | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "empty"


def _examples(examples: tuple[Example, ...]) -> Iterator[str]:
    for example in examples:
        code, span = marked(example.before)
        yield from ("", f"## {example.title[:1].upper()}{example.title[1:]}", "")
        if example.options:
            yield from ("With " + ", ".join(f"`{name} = {value}`" for name, value in example.options.items()) + ".", "")
        yield "Found:" if span else "Left alone:"
        yield from ("", "```python", code.rstrip("\n"), "```")
        if example.after is not None:
            yield from ("", "Fixed:", "", "```python", example.after.rstrip("\n"), "```")
    yield ""
