"""Automatic mutants: every small change of a function's source, one change at a time.

A mutant is what a slip of the hand makes: another operator, constant, axis, sign, index or name, a
keyword more or less, a statement or a call left out. Most are wrong; the checks must notice each.

Changes that cannot matter whatever the code are not made: a sign inside a square, the order of the
arguments of `maximum`, minus zero, work in place on an array that nothing else reads.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.checks import Exercise
from autograder.mistakes import variants_of
from autograder.release.source import read_solution, solution_names

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult, ast.Div),
    ast.Sub: (ast.Add, ast.Mult, ast.Div),
    ast.Mult: (ast.Div, ast.Add, ast.Sub, ast.Pow),
    ast.Div: (ast.Mult, ast.Add, ast.Sub, ast.FloorDiv),
    ast.Pow: (ast.Mult, ast.Add, ast.Div),
    ast.FloorDiv: (ast.Div, ast.Mult, ast.Mod),
    ast.Mod: (ast.FloorDiv, ast.Mult),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMMUTE = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)
COMPARISONS = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ALIKE = {  # names of NumPy and torch that are taken one for the other
    "mean": ("sum", "max"),
    "sum": ("mean", "max"),
    "average": ("sum", "median"),
    "var": ("std",),
    "std": ("var",),
    "sqrt": ("square", "abs"),
    "square": ("sqrt", "abs"),
    "abs": ("square",),
    "rsqrt": ("sqrt",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "max": ("min", "mean"),
    "min": ("max", "mean"),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "all": ("any",),
    "any": ("all",),
    "float64": ("float32", "float16"),
    "float32": ("float64", "float16"),
    "append": ("extend",),
}
EVEN = ("square", "abs")  # functions that a sign does not reach through
COMMUTATIVE = ("maximum", "minimum", "add", "multiply")
ZEROS = ("zeros", "zeros_like", "empty", "empty_like")
KEEP, UNBIASED = ("keepdims", True), ("ddof", 1)
REDUCTIONS = {"mean": (KEEP,), "sum": (KEEP,), "var": (KEEP, UNBIASED), "std": (KEEP, UNBIASED)}
NEGATABLE = (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute)


@dataclass(frozen=True)
class Source:
    """Code to mutate: one function or class, right as it stands.

    Args:
        origin: whose it is: "solution", "reference" or a variant's id.
        name: the name that the exercise asks for, which this defines.
        text: its source, a str.
        namespace: the names that its module offers it.
    """

    origin: str
    name: str
    text: str
    namespace: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Mutant:
    """One small change of a source.

    Args:
        source: what was changed.
        kind: the sort of change, such as "operator".
        text: the whole source after it.
        before, after: the lines that differ, without indentation; "" where a line has gone.
    """

    source: Source = field(repr=False)
    kind: str
    text: str = field(repr=False)
    before: str
    after: str


def sources_of(exercise: Exercise) -> list[Source]:
    """Return the source of the solution, or of the reference, and of the variants to be mutated.

    Args:
        exercise: whose.

    Returns:
        A list of `Source`, docstrings and the catalogue's decorators left out.
    """
    sources = solution_sources(exercise)
    if not sources:
        sources = [
            source_of("reference", name, inspect.getsource(thing), module_names(thing))
            for name, thing in exercise.reference.items()
            if inspect.isfunction(thing) or inspect.isclass(thing)
        ]
    for variant in (variant for variant in variants_of(exercise.name) if variant.mutated):
        namespace = module_names(variant.function)
        sources.append(source_of(variant.id, variant.of, variant.source(), namespace))
    return sources


def solution_sources(exercise: Exercise) -> list[Source]:
    """Return the source of each name that the exercise's solution defines; none without a file.

    A class that inherits from one of its own cell goes with all of that cell's classes.
    """
    try:
        notebook = read_solution(exercise)
    except FileNotFoundError:
        return []
    namespace, sources = solution_names(exercise), []
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        body = ast.parse(cell.source).body
        asked = [node for node in body if getattr(node, "name", None) in exercise.reference]
        classes = [node for node in body if isinstance(node, ast.ClassDef)]
        bases = {ast.unparse(base) for node in classes for base in node.bases}
        if bases & {node.name for node in classes}:
            text = "\n\n".join(ast.unparse(node) for node in classes)
            sources.append(source_of("solution", asked[0].name, text, namespace))
            asked = [node for node in asked if node not in classes]
        sources += [
            source_of("solution", node.name, ast.unparse(node), namespace) for node in asked
        ]
    return sources


def module_names(thing: Any) -> dict[str, Any]:
    """Return the names of the module that defines a function or class."""
    return vars(sys.modules[thing.__module__])


def source_of(origin: str, name: str, text: str, namespace: dict[str, Any]) -> Source:
    """Return a `Source` in normal form; see there for the arguments."""
    tree = ast.parse(textwrap.dedent(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return Source(origin, name, ast.unparse(tree), namespace)


def mutants_of(source: Source) -> list[Mutant]:
    """Return every mutant of a source, each text once, those that do not compile left out."""
    tree = ast.parse(source.text)
    seen, mutants = {ast.unparse(tree)}, []
    for kind in changes(tree):
        text = ast.unparse(tree)
        if text in seen or not compiles(text):
            continue
        seen.add(text)
        mutants.append(Mutant(source, kind, text, *difference(source.text, text)))
    return mutants


def compiles(text: str) -> bool:
    """Return whether Python accepts the text."""
    try:
        compile(text, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def difference(before: str, after: str) -> tuple[str, str]:
    """Return the lines in which two texts differ, stripped and joined by newlines."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return tuple("\n".join(line.strip() for line in lines) for lines in (old, new))


def changes(tree: ast.AST) -> Iterator[str]:
    """Make each change in the tree, yield its kind while the tree has it, and take it back."""
    for node, parent, name, index in list(places(tree)):
        whole = getattr(parent, name)
        scope = Scope(tree, node)
        for kind, new in alternatives(node, parent, name, scope):
            if index is None:
                setattr(parent, name, new)
            else:
                new = new if isinstance(new, list) else [new]
                setattr(parent, name, whole[:index] + new + whole[index + 1 :])
            if getattr(parent, name) == [] and name == "body":
                setattr(parent, name, [ast.Pass()])
            yield kind
            setattr(parent, name, whole)


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, str, int | None]]:
    """Walk the tree: each node with its parent, its field there and its place in the field."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield value, parent, name, None
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield item, parent, name, index


class Scope:
    """The names that could stand in a node's place: those of the functions around it.

    Args:
        tree: the whole source.
        node: a node in it.
    """

    def __init__(self, tree, node):
        around = [
            function
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.Lambda)
            and any(inner is node for inner in ast.walk(function))
        ]
        self.arguments = self._in_order(
            inner.arg for f in around for inner in ast.walk(f) if isinstance(inner, ast.arg)
        )
        self.names = self.arguments + self._in_order(
            inner.id
            for f in around
            for inner in ast.walk(f)
            if isinstance(inner, ast.Name)
            and isinstance(inner.ctx, ast.Store)
            and inner.id not in self.arguments
        )
        fresh = {  # names bound only once, to the result of arithmetic, which is a new array
            assignment.targets[0].id
            for f in around
            for assignment in ast.walk(f)
            if isinstance(assignment, ast.Assign)
            and isinstance(assignment.targets[0], ast.Name)
            and isinstance(assignment.value, ast.BinOp)
        }
        uses = [
            (inner.id, type(inner.ctx))
            for f in around
            for inner in ast.walk(f)
            if isinstance(inner, ast.Name)
        ]
        self.read_once = {
            name
            for name in fresh
            if uses.count((name, ast.Load)) == 1 and uses.count((name, ast.Store)) == 1
        }
        self.attributes = self._in_order(
            inner.attr
            for inner in ast.walk(tree)
            if isinstance(inner, ast.Attribute)
            and isinstance(inner.value, ast.Name)
            and inner.value.id in ("self", "ctx")
        )
        self.keys = self._in_order(
            inner.slice.value
            for f in around
            for inner in ast.walk(f)
            if isinstance(inner, ast.Subscript)
            and isinstance(inner.slice, ast.Constant)
            and isinstance(inner.slice.value, str)
        )

    @staticmethod
    def _in_order(names):
        return list(dict.fromkeys(names))


def sign_is_lost(parent, name):
    """Return whether a parent squares what stands in its field, so that its sign is lost."""
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) and name == "left":
        power = parent.right
        return isinstance(power, ast.Constant) and power.value % 2 == 0
    return isinstance(parent, ast.Call) and called(parent) in EVEN and name == "args"


def called(call):
    """Return the last part of the name of what is called; None where it has no name."""
    function = call.func
    return getattr(function, "attr", getattr(function, "id", None))


def alternatives(node, parent, name, scope) -> Iterator[tuple[str, Any]]:
    """Yield (kind, what to put in the node's place): a node, or for a statement a list of them."""
    if isinstance(node, ast.stmt):
        yield from statements(node, parent, scope)
        return
    if name in ("decorator_list", "ifs"):
        yield "deletion", []
    if not isinstance(node, ast.expr) or isinstance(parent, ast.Raise | ast.JoinedStr):
        return  # the words of an error are not graded
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    even = sign_is_lost(parent, name)
    if even and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        exchanged = ast.unparse(ast.BinOp(node.right, node.op, node.left))
    else:
        exchanged = None
    maker = MAKERS.get(type(node))
    if maker:
        for kind, new in maker(node, parent, scope):
            if exchanged is None or ast.unparse(new) != exchanged:
                yield kind, new
    signed = isinstance(parent, ast.BinOp | ast.Return | ast.Tuple | ast.List | ast.Assign)
    zero = isinstance(node, ast.Call) and called(node) in ZEROS
    if signed and isinstance(node, NEGATABLE) and not even and not zero:
        yield "sign", ast.UnaryOp(ast.USub(), node)


def statements(node, parent, scope):
    """Yield changes of a whole statement."""
    if isinstance(parent, ast.Module | ast.ClassDef) and isinstance(node, ast.ClassDef):
        return
    if not isinstance(parent, ast.Module):
        yield "deletion", []
    if isinstance(node, ast.If):
        yield "condition", node.body
        yield "condition", node.orelse
        negated = ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield "condition", negated
    if isinstance(node, ast.With):
        yield "deletion", node.body
    if isinstance(node, ast.Break):
        yield "loop", ast.Continue()
    if isinstance(node, ast.Continue):
        yield "loop", ast.Break()
    if isinstance(node, ast.AugAssign):
        for operator in OPERATORS.get(type(node.op), ()):
            yield "operator", ast.AugAssign(node.target, operator(), node.value)
        yield "assignment", ast.Assign([node.target], node.value, lineno=0)
        yield "repetition", [node, node]
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        if targets(node) & variables(node.value):
            yield "repetition", [node, node]
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Return):
        yield from in_place(node, scope)


def targets(node):
    """Return the names and attributes that an assignment writes to, as text."""
    target = node.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    whole = (part.value if isinstance(part, ast.Subscript) else part for part in parts)
    return {ast.unparse(part) for part in whole}


def variables(node):
    """Return the names and attributes that an expression holds, as text."""
    parts = (part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute))
    return {ast.unparse(part) for part in parts}


def in_place(node, scope):
    """Yield `a -= b; c = a` for `c = a - b`: the slip that changes the caller's array."""
    for value, parent, name, index in list(places(node)):
        if not (isinstance(value, ast.BinOp) and isinstance(value.left, ast.Name)):
            continue
        if value.left.id not in scope.names or value.left.id in scope.read_once:
            continue
        whole = getattr(parent, name)
        put = value.left if index is None else [*whole[:index], value.left, *whole[index + 1 :]]
        target = ast.Name(value.left.id, ast.Store())
        setattr(parent, name, put)
        yield "in place", [ast.AugAssign(target, value.op, value.right), node]
        setattr(parent, name, whole)


def of_binary(node, parent, scope):
    """Yield other operators, the operands exchanged, and each operand alone."""
    for operator in OPERATORS.get(type(node.op), ()):
        yield "operator", ast.BinOp(node.left, operator(), node.right)
    if not isinstance(node.op, COMMUTE):
        yield "operands", ast.BinOp(node.right, node.op, node.left)
    yield "operands", node.left
    yield "operands", node.right


def of_unary(node, parent, scope):
    """Yield the operand without its sign or its `not`."""
    yield "sign", node.operand


def of_comparison(node, parent, scope):
    """Yield other comparisons, True and False."""
    for operator in COMPARISONS[type(node.ops[0])]:
        yield "comparison", ast.Compare(node.left, [operator(), *node.ops[1:]], node.comparators)
    for value in (True, False):
        yield "condition", ast.Constant(value)


def of_boolean(node, parent, scope):
    """Yield the other connective, and each part left out."""
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "condition", ast.BoolOp(other, node.values)
    for i in range(len(node.values)):
        rest = node.values[:i] + node.values[i + 1 :]
        yield "condition", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def of_conditional(node, parent, scope):
    """Yield each branch alone, and the two exchanged."""
    yield "condition", node.body
    yield "condition", node.orelse
    yield "condition", ast.IfExp(node.test, node.orelse, node.body)


def of_constant(node, parent, scope):
    """Yield neighbours of a number, the other truth value, another key."""
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int | float):
        near = [value + 1, value - 1, 0, 1]
        if isinstance(value, float):
            near = [2 * value, value / 2, 10 * value, value / 10, 0.0, 1.0]
        if value:
            near.append(-value)
        for other in near:
            yield "constant", ast.Constant(other)
    elif isinstance(value, str) and not is_message(parent):
        others = [key for key in scope.keys if key != value]
        for other in others if isinstance(parent, ast.Subscript) else [value + "_"]:
            yield "constant", ast.Constant(other)
    elif value is None and isinstance(parent, ast.Tuple):
        yield "index", ast.Slice()


def is_message(parent):
    """Return whether what stands in a parent is the words of an error, which are not graded."""
    return isinstance(parent, ast.Call) and str(called(parent)).endswith("Error")


def of_call(node, parent, scope):
    """Yield a call with an argument more, fewer or elsewhere, and what it was called on."""
    name = called(node)

    def call(args, keywords):
        return ast.Call(node.func, args, keywords)

    for i, argument in enumerate(node.args):
        if not isinstance(argument, ast.Starred | ast.GeneratorExp):
            yield "wrapper", argument
        if len(node.args) > 1:
            yield "argument", call(node.args[:i] + node.args[i + 1 :], node.keywords)
    if isinstance(node.func, ast.Attribute):
        yield "wrapper", node.func.value
    for i in range(len(node.args) - 1 if name not in COMMUTATIVE else 0):
        swapped = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        yield "argument", call(swapped, node.keywords)
    for i in range(len(node.keywords)):
        yield "keyword", call(node.args, node.keywords[:i] + node.keywords[i + 1 :])
    given = {keyword.arg for keyword in node.keywords}
    for option, value in REDUCTIONS.get(name, ()):
        if option not in given:
            added = ast.keyword(option, ast.Constant(value))
            yield "keyword", call(node.args, [*node.keywords, added])
    if name == "len":
        yield from off_by_one(node)
    if name == "range":
        last = node.args[-1]
        for changed in (
            [*node.args[:-1], ast.BinOp(last, ast.Add(), ast.Constant(1))],
            [*node.args[:-1], ast.BinOp(last, ast.Sub(), ast.Constant(1))],
            [ast.Constant(1), last] if len(node.args) == 1 else node.args,
        ):
            yield "loop", call(changed, node.keywords)


def of_subscript(node, parent, scope):
    """Yield the whole in place of a part, the indices exchanged, a size off by one."""
    yield "index", node.value
    if isinstance(node.slice, ast.Tuple):
        parts = node.slice.elts
        for i in range(len(parts)):
            rest = parts[:i] + parts[i + 1 :]
            part = rest[0] if len(rest) == 1 else ast.Tuple(rest, ast.Load())
            yield "index", ast.Subscript(node.value, part, node.ctx)
        flipped = ast.Tuple(parts[::-1], ast.Load())
        yield "index", ast.Subscript(node.value, flipped, node.ctx)
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        yield from off_by_one(node)


def off_by_one(node):
    """Yield a size with 1 more and 1 less."""
    for operator in (ast.Add(), ast.Sub()):
        yield "constant", ast.BinOp(node, operator, ast.Constant(1))


def of_slice(node, parent, scope):
    """Yield a slice that begins, ends or steps elsewhere."""
    one = ast.Constant(1)
    yield "index", ast.Slice(None, node.upper, node.step)
    yield "index", ast.Slice(node.lower, None, node.step)
    if node.lower is None:
        yield "index", ast.Slice(one, node.upper, node.step)
    if node.upper is None:
        yield "index", ast.Slice(node.lower, ast.Constant(-1), node.step)


def of_sequence(node, parent, scope):
    """Yield neighbours exchanged, and each element left out."""
    parts = node.elts
    for i in range(len(parts)):
        yield "argument", type(node)(parts[:i] + parts[i + 1 :], node.ctx)
        if i + 1 < len(parts) and not (isinstance(parent, ast.keyword) and parent.arg == "axis"):
            swapped = [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
            yield "argument", type(node)(swapped, node.ctx)


def of_dict(node, parent, scope):
    """Yield each entry left out."""
    for i in range(len(node.keys)):
        yield (
            "deletion",
            ast.Dict(node.keys[:i] + node.keys[i + 1 :], node.values[:i] + node.values[i + 1 :]),
        )


def of_attribute(node, parent, scope):
    """Yield names of the library, or of the object, that are taken one for the other."""
    on_self = isinstance(node.value, ast.Name) and node.value.id in ("self", "ctx")
    others = ALIKE.get(node.attr, ())
    if on_self and not (isinstance(parent, ast.Call) and parent.func is node):
        others = [attribute for attribute in scope.attributes if attribute != node.attr]
    for other in others:
        yield "name", ast.Attribute(node.value, other, node.ctx)
    if node.attr == "T":
        yield "wrapper", node.value


def of_name(node, parent, scope):
    """Yield the other names in scope."""
    if node.id not in scope.names or (isinstance(parent, ast.Call) and parent.func is node):
        return
    for other in scope.names:
        if other != node.id:
            yield "name", ast.Name(other, node.ctx)


MAKERS = {
    ast.BinOp: of_binary,
    ast.UnaryOp: of_unary,
    ast.Compare: of_comparison,
    ast.BoolOp: of_boolean,
    ast.IfExp: of_conditional,
    ast.Constant: of_constant,
    ast.Call: of_call,
    ast.Subscript: of_subscript,
    ast.Slice: of_slice,
    ast.Tuple: of_sequence,
    ast.List: of_sequence,
    ast.Dict: of_dict,
    ast.Attribute: of_attribute,
    ast.Name: of_name,
}
