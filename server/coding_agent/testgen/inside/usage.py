# pyright: standard
# Values of any kind.
# ruff: noqa: PLR0911, PLR0912 - one question after the other is what these functions are
"""What a function does with what it is given, read from its tree: attributes, calls, keys, comparisons, loops.

Everything is keyed by the *path* of a subject: ``text``, ``text.name``, ``rows[]`` (an item), ``options['key']``,
``requests.get()`` (what a call returned), ``self.size``.
"""

import ast
from typing import Any, Dict, List, Optional, Set, Tuple, Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


MOST = 300
"""Notes on one subject."""


class Use:
    """What happens to one subject."""

    def __init__(self) -> None:
        self.attributes: Set[str] = set()
        self.methods: Dict[str, List[Any]] = {}
        self.keys: List[Any] = []
        self.constants: List[Any] = []
        self.names: List[str] = []  # expressions it is compared with that are no constants
        self.classes: List[str] = []  # expressions it is an instance of
        self.passed: List[Tuple[str, Union[int, str]]] = []
        self.flags: Set[str] = set()
        self.arities: List[int] = []
        self.unpacked: List[str] = []  # qualified names of what is called with it as ``**keywords``

    def merge(self, other: "Use") -> "Use":
        """Take over what another use says, and return this one."""
        if len(self.names) + len(self.constants) + len(self.passed) > MOST:
            return self  # It is known well enough.
        self.attributes |= other.attributes
        self.flags |= other.flags
        for name, values in other.methods.items():
            self.methods.setdefault(name, []).extend(values)
        self.keys += other.keys
        self.constants += other.constants
        self.names += other.names
        self.classes += other.classes
        self.passed += other.passed
        self.arities += other.arities
        self.unpacked += other.unpacked
        return self

    def known(self) -> bool:
        """Tell whether anything at all is done with it."""
        return bool(
            self.attributes or self.methods or self.keys or self.constants or self.classes or self.passed or self.flags
        )


Uses = Dict[str, Use]


def uses_of(function: ast.AST) -> Uses:
    """Return the uses of every subject of one function, methods of a class included when a class is given."""
    reader = _Reader()
    for _ in range(2):  # Aliases bound late in a loop body are known the second time.
        reader.uses = {}
        reader.visit(function)
    return reader.uses


def constants_of(node: ast.AST) -> List[Any]:
    """Return the plain constants of a tree in the order they stand, docstrings left out."""
    found: Dict[Tuple[type, Any], Any] = {}
    skip: Set[int] = set()
    for child in ast.walk(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(
            child, clean=False
        ):
            skip.add(id(child.body[0].value))  # type: ignore[attr-defined]
        if isinstance(child, ast.JoinedStr):
            skip.update(id(value) for value in child.values)
        if isinstance(child, ast.Constant) and id(child) not in skip and child.value is not Ellipsis:
            found.setdefault((type(child.value), child.value), child.value)
    return list(found.values())


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of names, else the empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return inner and f"{inner}.{node.attr}"
    return ""


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.uses: Uses = {}
        self.aliases: Dict[str, str] = {}

    def path(self, node: Optional[ast.AST], depth: int = 0) -> str:
        if node is None or depth > 6:
            return ""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self.path(node.value, depth + 1)
        if isinstance(node, ast.Attribute):
            inner = self.path(node.value, depth + 1)
            return inner and f"{inner}.{node.attr}"
        if isinstance(node, ast.Subscript):
            inner = self.path(node.value, depth + 1)
            key = node.slice
            if isinstance(key, ast.Slice):
                return inner
            return (
                inner and f"{inner}[{key.value!r}]"
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
                else inner and f"{inner}[]"
            )
        if isinstance(node, ast.Call):
            inner = self.path(node.func, depth + 1)
            if (
                inner
                in ("iter", "list", "sorted", "tuple", "set", "reversed", "enumerate", "cast", "typing.cast", "aiter")
                and node.args
            ):
                return self.path(node.args[-1 if inner.endswith("cast") else 0], depth + 1)
            return inner and f"{inner}()"
        if isinstance(node, ast.BoolOp):
            return self.path(node.values[0], depth + 1)
        return ""

    def use(self, node: Optional[ast.AST]) -> Optional[Use]:
        path = self.path(node)
        return self.uses.setdefault(path, Use()) if path else None

    def flag(self, node: Optional[ast.AST], name: str) -> None:
        use = self.use(node)
        if use is not None:
            use.flags.add(name)

    def bind(self, target: ast.AST, path: str) -> None:
        if (
            isinstance(target, ast.Name)
            and path
            and path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0].split("(", maxsplit=1)[0] != target.id
        ):
            self.aliases[target.id] = path

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(node.value, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Await)):
                self.bind(target, self.path(node.value))
            if isinstance(target, ast.Tuple):
                self.flag(node.value, "unpacked")
            if isinstance(target, ast.Attribute) and isinstance(node.value, (ast.Name, ast.BoolOp, ast.Call)):
                use = self.use(node.value)
                if use is not None:
                    use.names.append("=" + self.path(target))
            if isinstance(target, ast.Subscript):
                self.flag(target.value, "item set")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit_Assign(ast.Assign(targets=[node.target], value=node.value))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.bind(node.target, self.path(node.value))
        self.generic_visit(node)

    def visit_With(self, node: Any) -> None:
        for item in node.items:
            self.flag(item.context_expr, "entered")
            if item.optional_vars is not None:
                self.bind(item.optional_vars, self.path(item.context_expr))
        self.generic_visit(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        for item in node.items:
            self.flag(item.context_expr, "entered async")
        self.visit_With(node)

    def loop(self, target: ast.AST, source: ast.AST) -> None:
        self.flag(source, "iterated")
        path = self.path(source)
        if isinstance(source, ast.Call) and dotted(source.func) == "enumerate" and isinstance(target, ast.Tuple):
            self.bind(target.elts[1], path and f"{path}[]")
        elif isinstance(target, ast.Tuple):
            if not path.endswith("items()"):
                self.flag(source, "pairs")
        else:
            self.bind(target, path and f"{path}[]")

    def visit_For(self, node: Any) -> None:
        self.loop(node.target, node.iter)
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.flag(node.iter, "iterated async")
        self.visit_For(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        if node.is_async:
            self.flag(node.iter, "iterated async")
        self.loop(node.target, node.iter)
        self.generic_visit(node)

    def _comprehension(self, node: Any) -> None:
        for generator in node.generators:
            self.visit(generator)
        self.generic_visit(node)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def visit_Attribute(self, node: ast.Attribute) -> None:
        use = self.use(node.value)
        if use is not None and isinstance(node.ctx, ast.Load):
            use.attributes.add(node.attr)
        elif use is not None:
            use.flags.add("attribute set")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        use = self.use(node.value)
        if use is not None:
            if isinstance(node.slice, ast.Constant):
                use.keys.append(node.slice.value)
            else:
                use.flags.add("sliced" if isinstance(node.slice, ast.Slice) else "indexed")
                self.flag(node.slice, "key")
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        self.flag(node.value, "awaited")
        self.generic_visit(node)

    def visit_Yield(self, node: ast.Yield) -> None:
        self.generic_visit(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.flag(node.value, "iterated")
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        self.flag(node.value, "iterated")
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = dotted(node.func)
        if isinstance(node.func, ast.Attribute):
            use = self.use(node.func.value)
            if use is not None:
                constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                use.methods.setdefault(node.func.attr, []).extend(constants)
                if (
                    node.func.attr in ("get", "pop", "setdefault")
                    and constants
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    use.keys.append(constants[0])
            for arg in node.args:
                self.flag(arg, "argument of " + node.func.attr)
        called = self.use(node.func)
        if called is not None:
            called.flags.add("called")
            called.arities.append(-1 if any(isinstance(arg, ast.Starred) for arg in node.args) else len(node.args))
        if ("isinstance" in name or "is_instance" in name or name == "issubclass") and len(node.args) == 2:
            subject = self.use(node.args[0])
            if subject is not None:
                subject.classes.append(ast.unparse(node.args[1]))
                subject.flags.add("a class" if name == "issubclass" else "checked")
        elif name in ("hasattr", "getattr") and len(node.args) >= 2 and isinstance(node.args[1], ast.Constant):
            subject = self.use(node.args[0])
            if subject is not None:
                subject.flags.add(f"may have {node.args[1].value}")
        elif name:
            for place, arg in enumerate(node.args):
                subject = self.use(arg)
                if subject is not None:
                    subject.passed.append((self.aliases.get(name, name), place))
            for keyword in node.keywords:
                subject = self.use(keyword.value)
                if subject is not None:
                    subject.passed.append((self.aliases.get(name, name), keyword.arg or "**"))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for left, op, right in zip(sides, node.ops, sides[1:]):
            self._compared(left, op, right)
            self._compared(right, op, left, mirrored=True)
        self.generic_visit(node)

    def _compared(self, side: ast.expr, op: ast.cmpop, other: ast.expr, mirrored: bool = False) -> None:
        if isinstance(side, ast.Call) and dotted(side.func) in ("type", "len") and side.args:
            if dotted(side.func) == "type":
                use = self.use(side.args[0])
                if use is not None:
                    use.classes.append(ast.unparse(other))
            return
        use = self.use(side)
        if use is None:
            return
        if isinstance(op, (ast.In, ast.NotIn)):
            if mirrored:
                use.flags.add("contains")
                if isinstance(other, ast.Constant):
                    use.keys.append(other.value)
                return
            if isinstance(other, (ast.Tuple, ast.List, ast.Set)):
                use.constants += [item.value for item in other.elts if isinstance(item, ast.Constant)]
            elif isinstance(other, ast.Constant):
                use.flags.add("text")
                use.constants += list(other.value)[:6] if isinstance(other.value, str) else []
            else:
                use.names.append("in " + ast.unparse(other))
            return
        if isinstance(other, ast.Constant):
            use.constants.append(other.value)
        else:
            use.names.append(ast.unparse(other))
        if isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            use.flags.add("ordered")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            use = self.use(side)
            if use is None:
                continue
            if isinstance(node.op, ast.Mod) and side is node.right and isinstance(other, (ast.Constant, ast.JoinedStr)):
                continue
            if (isinstance(other, ast.Constant) and isinstance(other.value, str)) or isinstance(other, ast.JoinedStr):
                use.flags.add("text" if isinstance(node.op, ast.Add) else "number")
            elif (isinstance(other, ast.Constant) and isinstance(other.value, (int, float))) or not isinstance(
                node.op, (ast.Add, ast.BitOr, ast.BitAnd)
            ):
                use.flags.add("number")
            else:
                use.flags.add("operand")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        use = self.use(node.value)
        if use is not None and isinstance(node.op, (ast.Sub, ast.Mult, ast.Div)):
            use.flags.add("number")
        self.generic_visit(node)

    def tested(self, node: ast.expr) -> None:
        """Mark what is only asked for its truth."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.tested(value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.tested(node.operand)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            self.flag(node, "tested")

    def visit_If(self, node: Any) -> None:
        self.tested(node.test)
        self.generic_visit(node)

    visit_IfExp = visit_While = visit_If
