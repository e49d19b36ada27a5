# pyright: standard
# A transformer of trees returns nodes of many kinds.
"""Puts probes into a tree: which way tests went, loops, handlers, cases, operands, and what comparisons saw."""

import ast
from typing import Any, List, Optional, Tuple

from .loading import Objects
from .seen import Seen

METHODS = frozenset({"startswith", "endswith", "match", "fullmatch", "search", "get", "pop"})
BORDERS = frozenset({"Lt", "LtE", "Gt", "GtE"})
BORDER = "border"
"""The outcome of probes that are no branch: both sides of an order were equal, or the left one was greater by one."""
FUNCTIONS = {"isinstance": "call", "len": "call", "int": "number", "float": "number"}


Place = Optional[Tuple[int, int, int, int]]
"""First line and column, last line and column of a part that has others beside it on its line; columns in bytes."""


class Prober(ast.NodeTransformer):
    """Changes one module's tree. Invariant: what the code does, its names and its line numbers stay the same."""

    def __init__(self, objects: Objects, seen: Optional[Seen]) -> None:
        self.probes: List[Tuple[str, int, str, int, Place]] = []
        self._objects = objects
        self._seen = seen
        self._where: List[str] = []
        self._inside = 0  # how many functions are around; outside of any nothing is probed

    def module(self, tree: ast.Module) -> ast.Module:
        return self.visit(tree)

    # Scopes

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._where.append(self._local(node.name))
        outer, self._inside = self._inside, 0
        node.body = self._statements(node.body)
        self._where.pop()
        self._inside = outer
        return node

    def visit_FunctionDef(self, node: Any) -> ast.AST:
        node.args = self.visit(node.args)
        self._where.append(self._local(node.name))
        self._inside += 1
        first = 1 if _is_text(node.body[0]) else 0
        called = self._passed("called", node.lineno, node.body[min(first, len(node.body) - 1)])
        node.body = self._block(node.body, "")
        node.body.insert(first, called)
        self._inside -= 1
        self._where.pop()
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.defaults = [self.visit(default) for default in node.defaults]
        node.kw_defaults = [default and self.visit(default) for default in node.kw_defaults]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        self._where.append(self._local("<lambda>"))
        self._inside += 1
        node.body = self._arm("called", node.lineno, node.body)[1]
        self._inside -= 1
        self._where.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.target = self.visit(node.target)
        node.value = node.value and self.visit(node.value)
        return node

    # Statements

    def visit_If(self, node: ast.If) -> ast.AST:
        if not self._inside or _constant_test(node.test):
            return self.generic_visit(node)
        line = node.test.lineno
        one, body = len(self.probes), self._block(node.body, "if true", line)
        other, orelse = len(self.probes), self._block(node.orelse, "if false", line, node.test)
        self._siblings(one, other)
        return _with(node, test=self._operands(node.test), body=body, orelse=orelse)

    def visit_While(self, node: ast.While) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        line = node.test.lineno
        one, body = len(self.probes), self._block(node.body, "loop entered", line)
        orelse = self._statements(node.orelse)
        if not _constant_test(node.test):
            orelse.insert(0, self._passed("loop exhausted", line, node.test))
            self._siblings(one, len(self.probes) - 1)
        return _with(node, test=self._operands(node.test), body=body, orelse=orelse)

    def visit_For(self, node: Any) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        one, body = len(self.probes), self._block(node.body, "loop entered", node.lineno)
        other, orelse = len(self.probes), self._block(node.orelse, "loop exhausted", node.lineno, node.iter)
        self._siblings(one, other)
        return _with(node, iter=self.visit(node.iter), body=body, orelse=orelse)

    visit_AsyncFor = visit_For

    def visit_Try(self, node: Any) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        node.body = self._block(node.body, "")
        for handler in node.handlers:
            handler.type = handler.type and self.visit(handler.type)
            number = len(self.probes)
            handler.body = self._block(handler.body, "except", handler.lineno)
            self._placed(number, handler.type)
        node.orelse = self._block(node.orelse, "no exception") if node.orelse else []
        node.finalbody = self._block(node.finalbody, "")
        return node

    visit_TryStar = visit_Try

    def visit_With(self, node: Any) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        node.items = [self.visit(item) for item in node.items]
        node.body = self._block(node.body, "with entered", node.lineno)
        return node

    visit_AsyncWith = visit_With

    def visit_Match(self, node: Any) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        node.subject = self.visit(node.subject)
        for case in node.cases:
            case.guard = case.guard and self._outcome(case.guard)
            number = len(self.probes)
            case.body = self._block(case.body, "case", case.pattern.lineno)
            self._placed(number, case.pattern)
        last = node.cases[-1]
        if last.guard is not None or not _takes_all(last.pattern):
            rest = self._passed("no case", node.lineno, last.body[-1])
            wildcard = _at(getattr(ast, "MatchAs")(), last.pattern)  # noqa: B009 - there is none before Python 3.10
            node.cases.append(getattr(ast, "match_case")(pattern=wildcard, guard=None, body=[rest]))  # noqa: B009
        return node

    def visit_TypeAlias(self, node: Any) -> ast.AST:
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        return _with(node, test=self._outcome(node.test), msg=node.msg and self.visit(node.msg))

    # Expressions

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if not self._inside or _constant_test(node.test):
            return self.generic_visit(node)
        line = node.test.lineno
        one, body = self._arm("if true", line, node.body)
        other, orelse = self._arm("if false", line, node.orelse)
        self._siblings(one, other)
        return _with(node, test=self._operands(node.test), body=body, orelse=orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        if not self._inside:
            return self.generic_visit(node)
        kind = "and" if isinstance(node.op, ast.And) else "or"
        values = [self.visit(node.values[0])]
        for at, value in enumerate(node.values[1:], 2):
            values.append(self._arm("%s operand %d" % (kind, at), value.lineno, value)[1])
        return _with(node, values=values)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.iter = self.visit(node.iter)
        node.target = self.visit(node.target)
        node.ifs = [self._outcome(test) if self._inside else self.visit(test) for test in node.ifs]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        name = type(node.ops[0]).__name__
        if len(node.ops) > 1 or name in ("Is", "IsNot"):
            return node
        if name in BORDERS and self._inside:
            # A mutant of the operator or of the limit shows where both sides are equal, or one apart.
            border = [ast.Constant(self._probe(BORDER, node.lineno)) for _ in range(2)]
            return self._noted(node, name, name, [*border, node.left, node.comparators[0]])
        return self._noted(node, name, name, [node.left, node.comparators[0]])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            return node
        if isinstance(function, ast.Name) and function.id in FUNCTIONS and not node.keywords:
            return self._noted(node, FUNCTIONS[function.id], function.id, [function, *node.args])
        if isinstance(function, ast.Attribute) and function.attr in METHODS and node.args and not node.keywords:
            name = ast.copy_location(ast.Constant(function.attr), function)
            return self._noted(node, "method", function.attr, [function.value, name, *node.args])
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or isinstance(node.slice, (ast.Slice, ast.Tuple, ast.Starred)):
            return node
        return self._noted(node, "item", "key", [node.value, node.slice])

    # Parts

    def _noted(self, node: Any, recorder: str, kind: str, args: List[Any]) -> ast.AST:
        if self._seen is None or not self._inside:
            return node
        site = self._seen.site(self._name(), node.lineno, kind)
        call = ast.Call(func=self._objects.node(recorder), args=[ast.Constant(site), *args], keywords=[])
        return _at(call, node)

    def _operands(self, test: ast.expr) -> ast.expr:
        """Return a test whose operands tell how they turned out; only its truth is kept, which is all a test needs."""
        if isinstance(test, ast.BoolOp):
            return _with(test, values=[self._part(value) for value in test.values])
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return _with(test, operand=self._operands(test.operand))
        return self.visit(test)

    def _part(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            return _with(value, operand=self._part(value.operand))
        return self._operands(value) if isinstance(value, ast.BoolOp) else self._outcome(value)

    def _outcome(self, test: ast.expr) -> ast.expr:
        """``(test and not hit(k, 1)) or hit(k + 1, 1)``: a hit gives None."""
        line = test.lineno
        true, false = self._probe("true", line, test), self._probe("false", line, test)
        self._siblings(true, false)
        kept = ast.BoolOp(ast.And(), [self._operands(test), ast.UnaryOp(ast.Not(), self._hit(true))])
        return _at(ast.BoolOp(ast.Or(), [kept, self._hit(false)]), test)

    def _arm(self, outcome: str, line: int, value: ast.expr) -> Tuple[int, ast.expr]:
        """Return a probe and the expression ``hit(k, 1) or value``."""
        number = self._probe(outcome, line, value)
        return number, _at(ast.BoolOp(ast.Or(), [self._hit(number), self.visit(value)]), value)

    def _hit(self, number: int) -> ast.expr:
        return ast.Call(self._objects.node("hit"), [ast.Constant(number), ast.Constant(1)], [])

    def _passed(self, outcome: str, line: int, place: ast.AST) -> ast.stmt:
        number = ast.Constant(self._probe(outcome, line))
        target = ast.Subscript(self._objects.node("hits"), number, ast.Store())
        return _at(ast.Assign([target], ast.Constant(1)), place)

    def _probe(self, outcome: str, line: int, part: Optional[ast.AST] = None) -> int:
        self.probes.append((self._name(), line, outcome, -1, None))
        self._placed(len(self.probes) - 1, part)
        return len(self.probes) - 1

    def _placed(self, number: int, part: Any) -> None:
        if part is not None:
            place = (part.lineno, part.col_offset, part.end_lineno, part.end_col_offset)
            self.probes[number] = (*self.probes[number][:4], place)

    def _siblings(self, one: int, other: int) -> None:
        for number, sibling in ((one, other), (other, one)):
            function, line, outcome, _, place = self.probes[number]
            self.probes[number] = (function, line, outcome, sibling, place)

    def _name(self) -> str:
        return ".".join(self._where)

    def _local(self, name: str) -> str:
        return "<locals>." + name if self._inside else name

    def _statements(self, body: List[ast.stmt]) -> List[ast.stmt]:
        return [self.visit(statement) for statement in body]

    def _block(self, body: List[Any], outcome: str, line: int = 0, place: Optional[ast.AST] = None) -> List[Any]:
        """Return the statements visited, behind a probe for ``outcome``, and one before the last of several.

        That last one tells whether what comes before it went through.
        """
        first = [self._passed(outcome, line or body[0].lineno, place or body[0])] if outcome else []
        done = self._statements(body)
        if len(body) > 1 and not (len(body) == 2 and _is_text(body[0])):
            done.insert(len(done) - 1, self._passed("reached", body[-1].lineno, body[-1]))
        return first + done


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _at(node: Any, place: Any) -> Any:
    """Give a node and what it is made of the place's position; parts that have one keep it."""
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return node


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _constant_test(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) or (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING")


def _takes_all(pattern: Any) -> bool:
    """Whether a pattern matches anything: ``_``, a name, or an alternative that does."""
    kind = type(pattern).__name__
    if kind == "MatchAs":
        return pattern.pattern is None or _takes_all(pattern.pattern)
    return kind == "MatchOr" and _takes_all(pattern.patterns[-1])
