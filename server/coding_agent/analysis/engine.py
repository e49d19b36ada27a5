"""Analyses one piece: the walk, the rules, the suppressions."""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from coding_agent.analysis.context import ClassInfo, Context, Layout
from coding_agent.analysis.facts import defined_by_words, definitions, imported
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts, Report
from coding_agent.analysis.ruleset import Enabled, RuleSet
from coding_agent.analysis.scope import Scope
from coding_agent.analysis.suppress import apply_suppressions
from coding_agent.analysis.walk import Walk
from coding_agent.syntax.pieces import Piece, Role
from coding_agent.syntax.suppressions import suppressions

_NONE = frozenset[str]()
_IMPORTS = frozenset((ast.Import, ast.ImportFrom))


class RuleFailed(Exception):
    """A rule raised; the other rules went on. ``__cause__`` is what it raised."""

    def described(self) -> tuple[str, str, str]:
        """The rule, the type of what it raised, and where as ``module:line``; no source text."""
        cause = self.__cause__
        deepest = cause.__traceback__ if cause is not None else None
        while deepest is not None and deepest.tb_next is not None:
            deepest = deepest.tb_next
        where = f"{deepest.tb_frame.f_globals.get('__name__', '?')}:{deepest.tb_lineno}" if deepest is not None else "?"
        return str(self.args[0]), type(cause).__name__, where


def analyse(
    piece: Piece,
    body: list[ast.stmt],
    names: Mapping[str, str | None],
    owner: ClassInfo | None,
    rules: RuleSet,
    path: str,
    fixes: bool = False,
    failed: "list[RuleFailed] | None" = None,
) -> Report:
    """Analyse a piece whose statements are ``body``.

    ``names`` says what the module's names mean. ``fixes`` makes the fixes too: only asked for at a place,
    since fixes hold nodes and text. A rule that raises is added to ``failed``.
    """
    if piece.failure is not None:
        # Half-typed code goes on defining what it defines; else every key would change what names mean.
        return Report(binds={} if piece.role is Role.MEMBER else defined_by_words(piece.text), broken=True)
    indented = piece.role is Role.MEMBER
    walk = Walk(body, indented)
    layout = Layout(piece.text, indented)
    context = Context(layout, walk, names, owner, path, fixes)
    found = _run(context, walk, rules, failed)
    if len(found) > 1:
        found.sort(key=lambda finding: (finding.span, finding.rule, finding.message))
    comments = suppressions(piece.text)
    kept = apply_suppressions(found, comments, layout.text, context, rules)
    symbols, members = definitions(body, context, indented)
    return Report(
        findings=kept,
        symbols=symbols,
        members=members,
        binds={} if indented else dict(walk.top.bound),
        reads=walk.reads(),
        imports=tuple(imported(body, context)) if not indented and not _IMPORTS.isdisjoint(walk.found) else (),
        info=_class_info(body, context) if piece.role is Role.CLASS else None,
        allowed_in_file=frozenset(name for each in comments if each.whole_file for name in each.names)
        if comments
        else _NONE,
        comments=tuple(each for each in comments if not each.whole_file) if comments else (),
        suppressed=len(found) - len(kept),
    )


def analyse_siblings(
    facts: ClassFacts | ModuleFacts,
    names: Mapping[str, str | None],
    rules: RuleSet,
    path: str,
    failed: "list[RuleFailed] | None" = None,
) -> list[tuple[Member, Finding]]:
    """Run the siblings rules over the facts of one class or module."""
    context = Context(Layout("", False), Walk([], False), names, None, path, False)
    found: list[tuple[Member, Finding]] = []
    for each in rules.siblings:
        _fenced(each, (facts,), context, failed, found)
    return found


def _run(context: Context, walk: Walk, rules: RuleSet, failed: list[RuleFailed] | None) -> list[Finding]:
    wanted, seen = rules.by_node, walk.found
    asked = [(wanted[kind], nodes) for kind, nodes in seen.items() if kind in wanted]
    if walk.calls:
        asked += [((rules.enabled[each],), nodes) for each, nodes in _calls(context, walk.calls, rules).items()]
    found: list[Finding] = []
    try:
        for these, nodes in asked:
            for each in these:
                context.said_by = each
                check = each.loaded or each.check
                for node in nodes:
                    said = check(node, context)
                    if said:
                        found += said
    except Exception:  # A rule is broken: once more, each behind a fence of its own.
        found.clear()
        for these, nodes in asked:
            for each in these:
                _fenced(each, nodes, context, failed, found)
    return found


def _calls(context: Context, found: list[tuple[ast.Call, Scope]], rules: RuleSet) -> dict[int, list[ast.AST]]:
    """The calls that rules asked for by name, by the index of the rule."""
    tails, wanted = rules.call_tails, rules.by_call
    asked: dict[int, list[ast.AST]] = {}
    for call, scope in found:
        callee = call.func
        if isinstance(callee, ast.Attribute):
            if callee.attr not in tails:
                continue
            by_method = wanted.get("." + callee.attr, ())
            meaning = context.qualified(callee, scope)
        elif isinstance(callee, ast.Name):
            by_method = ()
            meaning = context.meaning(callee.id, scope)
        else:
            continue
        by_name = wanted.get(meaning, ()) if meaning is not None else ()
        # A rule that asks for a call both by its name and as a method sees it once.
        for index in dict.fromkeys((*by_method, *by_name)) if by_method or by_name else ():
            asked.setdefault(index, []).append(call)
    return asked


def _fenced(
    enabled: Enabled, given: Iterable[Any], context: Context, failed: list[RuleFailed] | None, found: list[Any]
) -> None:
    """Run one rule over what it wants to see; the one fence around rules."""
    context.said_by = enabled
    try:
        check = enabled.check
        for each in given:
            found.extend(check(each, context))
    except Exception as error:
        report = RuleFailed(enabled.rule.name)
        report.__cause__ = error
        if failed is None:
            raise report from error
        failed.append(report)


def _class_info(body: list[ast.stmt], context: Context) -> ClassInfo | None:
    node = body[-1]
    if not isinstance(node, ast.ClassDef):
        return None

    def said(expression: ast.expr) -> str:
        target = expression.func if isinstance(expression, ast.Call) else expression
        return context.qualified(target) or ast.unparse(target)

    return ClassInfo(node.name, tuple(map(said, node.bases)), tuple(map(said, node.decorator_list)))
