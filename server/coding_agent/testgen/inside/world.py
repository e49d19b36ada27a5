# pyright: standard
# Any object of the user's passes through here.
"""What is known of the module under test while its inputs are made: live objects, trees, annotations, spelling."""

import ast
import builtins
import enum
import importlib
import inspect
import sys
import typing
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from .usage import Use, Uses, constants_of, dotted, uses_of

Node = Any


class Unresolved:
    """An annotation that could not be evaluated."""

    def __init__(self, text: str) -> None:
        self.text = text


class World:
    """The module, indexed. ``spell`` gives the expression by which a test reaches a qualified name of it."""

    def __init__(self, module: ModuleType, tree: ast.Module, spell: Callable[[str], str] = str) -> None:
        self.module = module
        self.tree = tree
        self.spell = spell
        self.nodes: Dict[str, Node] = {}
        self.package = module.__name__.split(".")[0]
        self.examples: Dict[str, List[Any]] = {}  # class or function name -> Values seen to make one
        self.seeds: Dict[str, List[Any]] = {}  # "function:parameter" -> Values seen for it
        self.sessions: List[Any] = []  # Examples in docstrings and seeds
        self.made: Dict[Tuple[int, int], List[Any]] = {}  # (id of a class, depth) -> Values
        self.maker: Optional[Any] = None  # a Maker, where objects can be tried
        self.notes: Dict[str, Any] = {}  # what others found out once
        self._uses: Dict[str, Uses] = {}
        self._namespace: Optional[Dict[str, Any]] = None
        self._index(tree, "")
        self.annotations = self._named_annotations()

    def noted(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what was found out once under a key."""
        if key not in self.notes:
            self.notes[key] = make()
        return self.notes[key]

    def mentions(self, name: str) -> List[str]:
        """Return the dotted names in a function or class, each once, whole chains and their beginnings."""
        node = self.nodes.get(name)
        return [] if node is None else self.noted(f"mentions {name}", lambda: list(dict.fromkeys(_mentions(node))))

    def _index(self, node: Node, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                # The last definition of a name is the one that counts, but overloads and setters share the name.
                if prefix + child.name in self.nodes and any(
                    dotted(item).endswith((".setter", ".deleter")) for item in child.decorator_list
                ):
                    continue
                self.nodes[prefix + child.name] = child
                if isinstance(child, ast.ClassDef):
                    self._index(child, prefix + child.name + ".")
            elif isinstance(child, (ast.If, ast.Try, ast.With)):
                self._index(child, prefix)

    def _named_annotations(self) -> Dict[str, str]:
        """Return the annotation most given to a parameter or field: here the same name means the same thing."""
        counts: Dict[str, Dict[str, int]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.arg) and node.annotation is not None:
                text = ast.unparse(node.annotation)
                counts.setdefault(node.arg, {})[text] = counts.get(node.arg, {}).get(text, 0) + 1
            elif isinstance(node, ast.ClassDef):
                for field in node.body:
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                        counts.setdefault(field.target.id, {}).setdefault(ast.unparse(field.annotation), 1)
        return {name: max(texts, key=lambda text: texts[text]) for name, texts in counts.items()}

    # Annotations

    def namespace(self) -> Dict[str, Any]:
        """Return the names annotations may use: the module's, typing's, and what is imported for type checkers only."""
        if self._namespace is None:
            names: Dict[str, Any] = {**vars(typing), **vars(builtins), "typing": typing}
            for node in ast.walk(self.tree):
                if isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING"):
                    for statement in node.body:
                        names.update(self._imported(statement))
            names.update(vars(self.module))
            self._namespace = names
        return self._namespace

    def _imported(self, statement: ast.stmt) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return found
        for alias in statement.names:
            lines = ast.unparse(
                ast.Import([alias])
                if isinstance(statement, ast.Import)
                else ast.ImportFrom(statement.module, [alias], statement.level)
            )
            try:
                exec(lines, {"__package__": self.module.__package__, "__name__": self.module.__name__}, found)
            except Exception:
                continue
        return found

    def resolved(self, annotation: Any, names: Optional[Dict[str, Any]] = None) -> Any:
        """Return an annotation evaluated; ``Unresolved`` where that fails."""
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        if not isinstance(annotation, str):
            return annotation
        scope = {**self.namespace(), **(names or {})}
        for text in (annotation, _unions_spelled_out(annotation)):
            try:
                found = eval(text, scope)
                return self.resolved(found, names) if isinstance(found, str) and found != annotation else found
            except Exception:
                continue
        return Unresolved(annotation)

    # Uses

    def uses(self, name: str, depth: int = 2) -> Uses:
        """Return the uses of a function or class, what it hands to functions of this module followed two calls deep."""
        if name not in self._uses:
            node = self.nodes.get(name)
            uses = uses_of(node) if node is not None else {}
            self._uses[name] = uses
            if depth:
                self._follow(name, uses, depth)
        return self._uses[name]

    def attribute(self, name: str) -> Use:
        """Return what the functions of this module do with an attribute of this name, of whatever object."""
        return self.noted(f"attribute {name}", lambda: self._attribute("." + name))

    def _attribute(self, ending: str) -> Use:
        found = Use()
        for name, node in self.nodes.items():
            if not isinstance(node, ast.ClassDef):
                for path, use in self.uses(name).items():
                    if path.endswith(ending):
                        found.merge(use)
        return found

    def _follow(self, name: str, uses: Uses, depth: int) -> None:
        owner = name.rpartition(".")[0]
        for path, use in list(uses.items()):
            for callee, place in list(use.passed):
                if place == "**":
                    # ``cls(**data)``: the keys are the parameters of the class.
                    kind = owner if callee in ("cls", "type()", "self.__class__") else callee
                    if kind in self.nodes:
                        use.unpacked.append(kind)
                    continue
                target = callee.replace("self.", owner + ".", 1).replace("cls.", owner + ".", 1)
                target = target if target in self.nodes else f"{target}.__init__"
                inner = self.nodes.get(target)
                if inner is None or isinstance(inner, ast.ClassDef) or target == name:
                    continue
                parameters = [arg.arg for arg in [*inner.args.posonlyargs, *inner.args.args]]
                shift = 1 if parameters[:1] in (["self"], ["cls"]) else 0
                given = (
                    place
                    if isinstance(place, str)
                    else parameters[place + shift]
                    if place + shift < len(parameters)
                    else ""
                )
                for other, far in list(self.uses(target, depth - 1).items()):
                    if given and (other == given or other.startswith((given + ".", given + "[", given + "("))):
                        uses.setdefault(path + other[len(given) :], Use()).merge(far)

    def constants(self, name: str) -> List[Any]:
        """Return the constants a function can meet: its own, of the functions it calls here, of the tables it reads."""
        found: Dict[Tuple[type, Any], Any] = {}
        todo: List[str] = [name]
        done: Set[str] = set()
        while todo and len(done) < 12:
            current = todo.pop(0)
            node = self.nodes.get(current)
            if node is None or current in done:
                continue
            done.add(current)
            for value in self.noted(f"constants {current}", lambda node=node: constants_of(node)):
                found.setdefault((type(value), value), value)
            owner = current.rpartition(".")[0]
            for mention in self.mentions(current):
                text = mention.replace("self.", owner + ".", 1) if owner else mention
                if text in self.nodes:
                    todo.append(text)
                elif text in vars(self.module):
                    for value in _plain_items(vars(self.module)[text]):
                        found.setdefault((type(value), value), value)
        return list(found.values())[:150]

    # Spelling

    def name_of(self, value: Any) -> str:
        """Return the expression for a class or function of the module or the builtins; empty for others."""
        qualified = getattr(value, "__qualname__", "")
        if (
            getattr(value, "__module__", "") == self.module.__name__
            and "<" not in qualified
            and self.member(qualified) is value
        ):
            return self.spell(qualified)
        if getattr(value, "__module__", "") == "builtins" and getattr(builtins, qualified, None) is value:
            return qualified
        return ""

    def reference(self, value: Any) -> Tuple[str, Tuple[str, ...]]:
        """Return expression and imports for a class or function of anywhere; an empty expression for none."""
        name = self.name_of(value)
        if name:
            return name, ()
        module, qualified = getattr(value, "__module__", "") or "", getattr(value, "__qualname__", "")
        home = sys.modules.get(module)
        if not qualified or "<" in qualified or home is None or module == "__main__":
            return "", ()
        top = qualified.split(".")[0]
        if getattr(home, top, None) is None or (
            hasattr(self.module, top) and getattr(self.module, top) is not getattr(home, top)
        ):
            return "", ()
        return qualified, (f"from {module} import {top}",)

    def member(self, qualified: str) -> Any:
        """Return the live object of a qualified name; None where the module has none."""
        value: Any = self.module
        for part in qualified.split("."):
            try:
                value = inspect.getattr_static(value, part) if isinstance(value, type) else getattr(value, part)
            except Exception:  # AttributeError, or what a proxy says without its context
                return None
        return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value

    def classes(self) -> List[type]:
        """Return the classes that the module defines, in their order."""
        return [
            value
            for value in vars(self.module).values()
            if isinstance(value, type) and value.__module__ == self.module.__name__
        ]

    def visible_classes(self) -> List[type]:
        """Return the classes the module defines or imports from its own project."""
        return [
            value
            for value in vars(self.module).values()
            if isinstance(value, type) and value.__module__.split(".")[0] == self.package
        ]

    def near_classes(self) -> List[type]:
        """Return the visible classes, then those of modules of the project that the module names; plain ones first."""
        modules = [
            value
            for value in vars(self.module).values()
            if isinstance(value, ModuleType) and value.__name__.split(".")[0] == self.package
        ]
        there = [
            value
            for module in modules
            for value in vars(module).values()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
        return list(dict.fromkeys([*self.visible_classes(), *sorted(there, key=lambda kind: len(kind.__mro__))]))

    def spelled(self, value: Any) -> str:
        """Return the expression for an enum member or class met at run time; empty where it has none here."""
        if isinstance(value, enum.Enum):
            owner = self.name_of(type(value))
            return f"{owner}.{value.name}" if owner and value.name else ""
        return self.name_of(value) if isinstance(value, type) else ""

    def import_module(self, name: str) -> Any:
        """Return a module by its name; None where it cannot be imported."""
        try:
            return importlib.import_module(name)
        except Exception:
            return None


def _mentions(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, (ast.Name, ast.Attribute)):
            text = dotted(child)
            if text:
                yield text


def _plain_items(value: Any) -> List[Any]:
    if isinstance(value, (str, int, float, bytes)) and not isinstance(value, bool):
        return [value]
    if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) < 300:
        found = [item for item in value if isinstance(item, (str, int, float))]
        return sorted(found, key=repr)[:25] if isinstance(value, (set, frozenset)) else found[:25]
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return [item for member in value for item in (member.name, member.value) if isinstance(item, (str, int))][:25]
    return []


class _Spelled(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.BitOr):
            return node
        sides: Any = ast.Tuple([node.left, node.right], ast.Load())
        return ast.Subscript(ast.Name("Union", ast.Load()), sides, ast.Load())


def _unions_spelled_out(text: str) -> str:
    """Return the annotation with ``a | b`` as ``Union[a, b]``, for Python 3.9."""
    try:
        return ast.unparse(ast.fix_missing_locations(_Spelled().visit(ast.parse(text, mode="eval"))))
    except (SyntaxError, ValueError):
        return text
