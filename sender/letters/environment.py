"""The sandbox that templates run in: what they may call, and how much they may cost.

What bounds a rendering, whatever a template says:

- a source has at most 256 kB, a part at most 50 files;
- every pass of a loop and every call of a macro spends steps and the length of its own fixed text; every value
  that is printed, joined, added, compared, cut, tested, filtered or gone through spends all that it is made of.
  One rendering has a budget of two million;
- ``range`` gives 1,000 numbers at most; recursive loops are not taken;
- the arithmetic works on numbers of 64 bits, ``**`` not at all; only the filters and methods listed here exist, none
  of which makes much out of little. What pays for all this cannot be named by a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateAssertionError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import do_round, do_striptags
from jinja2.runtime import Context, LoopContext, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from sender.letters.context import Absent, Fields
from sender.letters.reasons import CannotCompose
from sender.letters.slots import Slot, worked_on

STEPS = 2_000_000
RANGE = 1_000
_CALL = 50  # a call costs about as much time as printing so many characters
_LARGEST_NUMBER = 2**64
_MOST_DECIMALS = 20

FILTERS = frozenset(
    (
        *("abs", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "forceescape", "int", "join"),
        *("last", "length", "list", "lower", "replace", "reverse", "round", "sort", "string", "striptags", "title"),
        *("trim", "truncate", "unique", "upper", "urlencode", "wordcount"),
    )
)
_STRING_METHODS = frozenset(
    ("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split", "isdigit")
)
_LOOP_METHODS = frozenset(
    (
        *("index", "index0", "revindex", "revindex0", "first", "last", "length", "cycle"),
        *("depth", "depth0", "changed", "previtem", "nextitem"),
    )
)
METHODS: Mapping[type, frozenset[str]] = MappingProxyType(
    {str: _STRING_METHODS, dict: frozenset(("items", "keys", "values", "get")), LoopContext: _LOOP_METHODS}
)


class Budget:
    """What is left of the work one rendering may cost."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise CannotCompose("too_much_work", {"limit": STEPS})


_budget: ContextVar[Budget] = ContextVar("budget")


def with_budget(render: Callable[[], str]) -> str:
    """The rendering, held to one budget."""
    token = _budget.set(Budget())
    try:
        return render()
    finally:
        _budget.reset(token)


@pass_context  # keeps the compiler from working it out beforehand
def _spend(context: Context, steps: int) -> str:
    _budget.get().spend(steps)
    return ""


@pass_context
def _printed(context: Context, value: object) -> object:
    """Count what goes out; see `Undefined` values here, before they become text."""
    if isinstance(value, Slot):
        return value if context.eval_ctx.autoescape else value.raw()
    text = value if isinstance(value, str) else _as_text(value)
    _budget.get().spend(1 + len(text))
    return text


def _as_text(value: object) -> str:
    _weigh(value)  # before it is written: a list of a list of itself, forty times, is a terabyte
    return str(value)


def _weigh(value: object) -> None:
    """Spend for all that a value is made of, as often as it is in it."""
    budget, waiting = _budget.get(), [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str | range | list | tuple | set | dict):
            budget.spend(len(one))
        budget.spend(1)
        if isinstance(one, str):
            worked_on(one)
        elif isinstance(one, dict):
            waiting += (*one.keys(), *one.values())
        elif isinstance(one, list | tuple | set):
            waiting += one


@pass_context
def _weighed(context: Context, value: object) -> object:
    """A value that something is going to work on."""
    _weigh(value)
    return value


@pass_context
def _concatenated(context: Context, parts: Sequence[object]) -> str:
    """``a ~ b``, counted before it is made."""
    texts = [part if isinstance(part, str) else _as_text(part) for part in parts]
    _budget.get().spend(sum(map(len, texts)))
    return markup_join(texts) if context.eval_ctx.autoescape else str_join(texts)


@pass_context
def _join(context: Context, value: Iterable[object], d: str = "") -> str:
    parts = [part for item in value for part in (d, item)][1:]
    return _concatenated(context, parts)


@pass_context
def _replace(context: Context, value: object, old: object, new: object, count: int = -1) -> str:
    text, before, after = str(value), str(old), str(new)
    _budget.get().spend(len(text) + text.count(before) * len(after))
    return text.replace(before, after, count)


def _round(value: Any, precision: int = 0, method: Any = "common") -> float:
    if not -_MOST_DECIMALS <= precision <= _MOST_DECIMALS:
        raise SecurityError(f"round() goes to {_MOST_DECIMALS} decimals at most")
    return do_round(value, precision, method)


def _striptags(value: Any) -> str:
    text = str(value.__html__()) if hasattr(value, "__html__") else str(value)
    _budget.get().spend(len(text) * text.count("<!--"))  # each comment costs a copy of the rest
    return do_striptags(value)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE:
        raise SecurityError(f"range() gives {RANGE} numbers at most")
    return numbers


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with a budget. Foreign code never runs in it; a careless or hostile template ends as an error."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, loader: BaseLoader, *, autoescape: bool) -> None:
        super().__init__(
            loader=loader,
            autoescape=autoescape,
            undefined=StrictUndefined,
            finalize=_printed,
            auto_reload=False,
            keep_trailing_newline=True,
            cache_size=-1,
        )
        self.globals = {"range": _range, "namespace": Namespace}
        own = {"join": _join, "replace": _replace, "round": _round, "striptags": _striptags}
        self.filters = {name: own.get(name, self.filters[name]) for name in FILTERS}
        self.filters |= {"_spend": _spend, "_weighed": _weighed, "_concatenated": _concatenated}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for named in tree.find_all(nodes.Filter):
            if named.name not in FILTERS:  # those that pay take any sum, also one that fills the purse
                raise TemplateAssertionError(f"No filter named {named.name!r}.", named.lineno, name, filename)
        return bounded(tree)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Fields):
            return self.getitem(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, str):
            worked_on(obj)
        if not isinstance(obj, Fields):
            return super().getitem(obj, argument)
        try:
            return obj.field(argument)
        except KeyError:
            return self.undefined(obj=obj, name=argument)

    def wrap_str_format(self, value: Any) -> None:
        """Take ``str.format`` away: a width in it makes a gigabyte of one letter."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if attr.startswith("_"):
            return False
        if isinstance(obj, Namespace) or type(obj).__name__ == "TemplateModule":
            return True
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS.items())

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        _budget.get().spend(_CALL)
        if isinstance(text := getattr(__obj, "__self__", None), str):
            _weigh(text)
            _budget.get().spend(len(text) * max((len(one) for one in args if isinstance(one, str)), default=0))
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, Absent) or isinstance(right, Absent):
            return super().call_binop(context, operator, left, right)
        if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            _budget.get().spend(len(left) + len(right))
        elif operator == "**" or not (_is_number(left) and _is_number(right)):
            raise SecurityError(f"the operator {operator} works on numbers only, and ** not at all")
        return super().call_binop(context, operator, left, right)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < _LARGEST_NUMBER


def bounded(tree: nodes.Template) -> nodes.Template:
    """The tree with all that costs work made to pay, and imports that see what includes see."""
    for loop in tree.find_all(nodes.For):
        loop.body.insert(0, _payment(loop))
    for macro in tree.find_all(nodes.Macro):
        macro.body.insert(0, _payment(macro))
    for call in tree.find_all(nodes.CallBlock):
        call.body.insert(0, _payment(call))
    for module in tree.find_all(nodes.Import):
        module.with_context = True
    for names in tree.find_all(nodes.FromImport):
        names.with_context = True
    _price_parts(tree)
    return tree


def _payment(node: nodes.Node) -> nodes.Node:
    fixed = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
    price = nodes.Filter(nodes.Const(1 + fixed), "_spend", [], [], None, None)
    return nodes.ExprStmt(price).set_lineno(node.lineno)


def _price_parts(node: nodes.Node) -> None:
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _priced(value))
        elif isinstance(value, list):
            value[:] = [_priced(item) if isinstance(item, nodes.Node) else item for item in value]


def _priced(node: nodes.Node) -> nodes.Node:
    """The node, with what it works on weighed first. A default is handed on as it is."""
    _price_parts(node)
    match node:
        case nodes.Concat():
            parts = nodes.List(node.nodes)
            return nodes.Filter(parts, "_concatenated", [], [], None, None).set_lineno(node.lineno)
        case nodes.Filter() if node.name not in {"d", "default", "_spend"}:
            node.node = _weighing(node.node, node)
            _weigh_arguments(node)
        case nodes.Test():
            node.node = _weighing(node.node, node)
            _weigh_arguments(node)
        case nodes.Compare():
            node.expr = _weighing(node.expr, node)
        case nodes.Operand():
            node.expr = _weighing(node.expr, node)
        case nodes.Getitem(arg=nodes.Slice()):
            node.node = _weighing(node.node, node)
        case nodes.For():
            node.iter = _weighing(node.iter, node)
            node.test = _weighing(node.test, node) if node.test else None
    return node


def _weigh_arguments(node: nodes.Filter | nodes.Test) -> None:
    node.args = [_weighing(one, node) for one in node.args]
    for pair in node.kwargs:
        pair.value = _weighing(pair.value, node)


def _weighing(value: nodes.Node | None, node: nodes.Node) -> Any:
    """``value`` is None where a filter works on the block that it stands around."""
    if isinstance(value, nodes.Const):
        return value
    return nodes.Filter(value, "_weighed", [], [], None, None).set_lineno(node.lineno)
