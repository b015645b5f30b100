"""What a template's syntax tree says before anything is rendered: which values it prints, and whether always.

A use counts as certain only where nothing in the way can leave it out: plain printing, an alias made by a plain
``set``, ``with``, ``include``, ``extends``, a block that is not overridden, a macro that is called plainly. All else
(conditions, loops, filters that may change or drop the value, computed expressions) counts as conditional.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from sender.errors import Complaint, InputError, Place
from sender.letters.complaints import construction
from sender.letters.context import KNOWN
from sender.letters.shelf import Shelf
from sender.model import VariableUse

_TAG = "{%"
_TRANSPARENT = frozenset({"e", "escape", "forceescape", "string", "trim", "default", "d", "_weighed"})
_GLOBALS = frozenset({"range", "namespace", "self"})
_DEPTH = 30
_MOST_EXPANSIONS = 2_000  # includes and macro calls followed; circles and doublings would have no end


@dataclass(frozen=True, slots=True)
class _Alias:
    name: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _MacroRef:
    node: nodes.Macro
    file: str
    scope: _Scope


_Bound = _Alias | _MacroRef | Mapping[str, _MacroRef] | None  # None: a local value that no rule asks for
_Scope = dict[str, _Bound]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the reader stands: file, names in reach, whether what stands here is certain to be printed."""

    file: str
    scope: _Scope
    conditional: bool
    block: tuple[str, int] = ("", 0)
    depth: int = 0

    def maybe(self) -> _Spot:
        return _Spot(self.file, self.scope, True, self.block, self.depth)

    def inner(self, names: Iterable[str] = (), *, conditional: bool = False) -> _Spot:
        scope = {**self.scope, **dict.fromkeys(names)}
        return _Spot(self.file, scope, self.conditional or conditional, self.block, self.depth)


@dataclass
class SyntaxReader:
    """Reads one part's templates from its entry; ``uses``, ``columns`` and ``complaints`` hold what was found."""

    environment: Environment
    shelf: Shelf
    offsets: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # name -> file, lines before it there
    uses: list[VariableUse] = field(default_factory=list)
    columns: dict[str, Place] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    _expansions: int = 0
    _blocks: dict[str, list[tuple[nodes.Block, str]]] = field(default_factory=dict)

    def read(self, name: str, tree: nodes.Template | None = None) -> None:
        """Follow a template from its first line to its last, and what it includes."""
        self._template(tree or self._tree(name), _Spot(name, {}, False))

    def place(self, name: str, line: int, token: str = "") -> Place:
        """Where a line of a template stands on disk; ``token`` is looked for in it, as Jinja2 knows no columns."""
        if name in self.offsets:
            file, before = self.offsets[name]
            return Place(file, before + line)
        return Place(str(self.shelf.path(name)), line, self._column(name, line, token))

    def _column(self, name: str, line: int, token: str) -> int | None:
        lines = self.shelf.sources.get(name, "").split("\n")
        return column(lines[line - 1], token) if line <= len(lines) else None

    def _expands(self, node: nodes.Node, spot: _Spot) -> bool:
        """Whether one more include, import or macro call may be followed."""
        self._expansions += 1
        if self._expansions == _MOST_EXPANSIONS:
            self._complain(
                node, spot, "includes, imports or macros call each other without end", "Write them out plainly."
            )
        return self._expansions < _MOST_EXPANSIONS

    # --- templates ---

    def _tree(self, name: str) -> nodes.Template:
        source, filename, _ = self.shelf.get_source(self.environment, name)
        try:
            return self.environment.parse(source, name, filename)
        except TemplateSyntaxError as error:
            raise syntax_error(error, self.place(name, error.lineno, culprit(error))) from error

    def _template(self, tree: nodes.Template, spot: _Spot) -> None:
        for block in tree.find_all(nodes.Block):
            self._blocks.setdefault(block.name, []).append((block, spot.file))
        self._refuse(tree, spot)
        parents = [node for node in tree.body if isinstance(node, nodes.Extends)]
        if not parents:
            self._body(tree.body, spot)
            return
        silent = nodes.Output, nodes.Block, nodes.If, nodes.For, nodes.Include, nodes.CallBlock, nodes.FilterBlock
        self._body([node for node in tree.body if not isinstance(node, silent)], spot)
        self._other_file(parents[0].template, parents[0], spot)

    def _refuse(self, tree: nodes.Template, spot: _Spot) -> None:
        """Complain of what a mail cannot have."""
        nested = [node for node in tree.find_all(nodes.Extends) if node not in tree.body]
        for node in nested:
            self._complain(node, spot, "extends stands inside a condition or a loop", "Put it on the first line.")
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                self._complain(loop, spot, "a loop is recursive", "Write a plain loop.")
        for item in tree.find_all(nodes.Getitem):
            if not isinstance(item.arg, nodes.Const | nodes.Slice | nodes.Neg):
                self._complain(item, spot, "the name of a field is computed", "Write the name in quotes.")
        for modifier in tree.find_all(nodes.EvalContextModifier):
            self._complain(modifier, spot, "autoescape is switched", "Take the autoescape block away.")

    def _complain(self, node: nodes.Node, spot: _Spot, what: str, todo: str) -> None:
        why = "What a mail says must be known before it is rendered, and what a contact file says must stay text."
        place = self.place(spot.file, node.lineno, _TAG)
        self.complaints.append(construction(what, why, todo, place))

    def _other_file(self, name: nodes.Expr, node: nodes.Node, spot: _Spot, *, ignore_missing: bool = False) -> None:
        tree = self._named(name, node, spot, ignore_missing=ignore_missing)
        if tree is not None and self._expands(node, spot):
            assert isinstance(name, nodes.Const)  # noqa: S101  (_named takes nothing else)
            self._template(tree, _Spot(name.value, spot.scope, spot.conditional, spot.block, spot.depth + 1))

    def _named(
        self, name: nodes.Expr, node: nodes.Node, spot: _Spot, *, ignore_missing: bool = False
    ) -> nodes.Template | None:
        if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
            self._complain(node, spot, "the name of a template is computed", "Write the file's name in quotes.")
            return None
        if spot.depth >= _DEPTH:
            self._complain(node, spot, f"{name.value} includes itself", "Break the circle.")
            return None
        try:
            return self._tree(name.value)
        except TemplateNotFound:
            if not ignore_missing:
                self.complaints.append(self._not_found(name.value, node, spot))
            return None

    def _not_found(self, name: str, node: nodes.Node, spot: _Spot) -> Complaint:
        folders = ", ".join(map(str, self.shelf.folders))
        return Complaint(
            "SC-407",
            f"{name} is not there",
            f"It was looked for in {folders}, and among the built-in partials.",
            "Correct the name, or put the file there.",
            self.place(spot.file, node.lineno, name),
        )

    # --- statements ---

    def _body(self, body: Sequence[nodes.Node], spot: _Spot) -> None:
        for node in body:
            self._statement(node, spot)

    def _statement(self, node: nodes.Node, spot: _Spot) -> None:
        match node:
            case nodes.Output():
                for child in node.nodes:
                    self._expression(child, spot)
            case nodes.If():
                self._expression(node.test, spot.maybe())
                self._body([*node.body, *node.elif_, *node.else_], spot.maybe())
            case nodes.For():
                self._loop(node, spot)
            case nodes.Block():
                self._block(node.name, 0, spot)
            case nodes.Include():
                self._other_file(node.template, node, spot, ignore_missing=node.ignore_missing)
            case nodes.Import() | nodes.FromImport():
                self._import(node, spot)
            case nodes.Assign():
                self._assign(node.target, node.node, spot)
            case _:
                self._other_statement(node, spot)

    def _other_statement(self, node: nodes.Node, spot: _Spot) -> None:
        match node:
            case nodes.With():
                self._with(node, spot)
            case nodes.Macro():
                spot.scope[node.name] = _MacroRef(node, spot.file, spot.scope)
            case nodes.AssignBlock():
                self._body(node.body, spot.inner(conditional=True))
                spot.scope.update(dict.fromkeys(_targets(node.target)))
            case nodes.FilterBlock():
                self._body(node.body, spot.inner(conditional=True))
            case nodes.CallBlock():
                self._expression(node.call, spot.maybe())
                self._body(node.body, spot.inner(_parameters(node), conditional=True))
            case nodes.Scope():
                self._body(node.body, spot.inner())
            case nodes.ExprStmt():  # what a loop pays; holds no names
                pass
            case nodes.Expr():
                self._expression(node, spot)
            case _:
                self._body(list(node.iter_child_nodes()), spot.maybe())

    def _loop(self, node: nodes.For, spot: _Spot) -> None:
        self._expression(node.iter, spot.maybe())
        inside = spot.inner({*_targets(node.target), "loop"}, conditional=True)
        if node.test:
            self._expression(node.test, inside)
        self._body([*node.body, *node.else_], inside)

    def _block(self, name: str, level: int, spot: _Spot) -> None:
        overrides = self._blocks.get(name, [])
        if level < len(overrides):
            block, file = overrides[level]
            inner = _Spot(file, dict(spot.scope), spot.conditional, (name, level), spot.depth)
            self._body(block.body, inner)

    def _import(self, node: nodes.Import | nodes.FromImport, spot: _Spot) -> None:
        tree = self._named(node.template, node, spot)
        macros: _Scope = {}
        if tree is not None and self._expands(node, spot):
            assert isinstance(node.template, nodes.Const)  # noqa: S101
            there = _Spot(node.template.value, macros, True, spot.block, spot.depth + 1)
            self._body(tree.body, there)
        if isinstance(node, nodes.Import):
            spot.scope[node.target] = {n: m for n, m in macros.items() if isinstance(m, _MacroRef)}
            return
        for name in node.names:
            original, target = name if isinstance(name, tuple) else (name, name)
            spot.scope[target] = macros.get(original)

    def _assign(self, target: nodes.Node, value: nodes.Node, spot: _Spot) -> None:
        alias = self._alias(value, spot)
        if alias is None or not isinstance(target, nodes.Name):
            self._expression(value, spot.maybe())
            spot.scope.update(dict.fromkeys(_targets(target)))
            return
        again = target.name in spot.scope
        spot.scope[target.name] = _Alias(alias.name, alias.certain and not again)

    def _with(self, node: nodes.With, spot: _Spot) -> None:
        inside = spot.inner()
        for target in node.targets:
            for name in _targets(target):
                inside.scope.pop(name, None)
        for target, value in zip(node.targets, node.values, strict=True):
            alias = self._alias(value, spot)
            if alias is None:
                self._expression(value, spot.maybe())
            inside.scope.update(dict.fromkeys(_targets(target), alias))
        self._body(node.body, inside)

    def _alias(self, value: nodes.Node, spot: _Spot) -> _Alias | None:
        """What a plain name stands for; None where the value is computed or local."""
        dotted = _dotted(value)
        if dotted is None:
            return None
        root, _, rest = dotted.partition(".")
        bound = spot.scope.get(root)
        if isinstance(bound, _Alias):
            name = f"{bound.name}.{rest}" if rest else bound.name
            return _Alias(name, bound.certain and not spot.conditional)
        if root in spot.scope or root not in KNOWN:
            return None
        return _Alias(dotted, not spot.conditional)

    # --- expressions ---

    def _expression(self, node: nodes.Node, spot: _Spot) -> None:
        dotted = _dotted(node)
        if dotted is not None:
            self._use(dotted, node, spot)
        elif isinstance(node, nodes.Filter) and node.node is not None:
            self._filter(node, spot)
        elif isinstance(node, nodes.Call):
            self._call(node, spot)
        else:
            for child in node.iter_child_nodes():
                self._expression(child, spot.maybe())

    def _filter(self, node: nodes.Filter, spot: _Spot) -> None:
        assert node.node is not None  # noqa: S101  (asked by the caller)
        if node.name == "_concatenated" and isinstance(node.node, nodes.List):
            for part in node.node.items:
                self._expression(part, spot)
            return
        self._expression(node.node, spot if node.name in _TRANSPARENT else spot.maybe())
        for argument in (*node.args, *node.kwargs):
            self._expression(argument, spot.maybe())

    def _call(self, node: nodes.Call, spot: _Spot) -> None:
        macro = self._macro(node.node, spot)
        if macro is not None and spot.depth < _DEPTH and self._expands(node, spot):
            self._body(macro.node.body, self._bound(macro, node, spot))
            return
        if isinstance(node.node, nodes.Name) and node.node.name == "super":
            self._block(spot.block[0], spot.block[1] + 1, spot)
        elif isinstance(node.node, nodes.Getattr):  # a method: the value before it is what is used
            self._expression(node.node.node, spot.maybe())
        elif macro is None:
            self._expression(node.node, spot.maybe())
        for argument in (*node.args, *(pair.value for pair in node.kwargs)):
            self._expression(argument, spot.maybe())

    def _macro(self, node: nodes.Node, spot: _Spot) -> _MacroRef | None:
        found: object = None
        if isinstance(node, nodes.Name):
            found = spot.scope.get(node.name)
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            module = spot.scope.get(node.node.name)
            found = module.get(node.attr) if isinstance(module, Mapping) else None
        return found if isinstance(found, _MacroRef) else None

    def _bound(self, macro: _MacroRef, call: nodes.Call, spot: _Spot) -> _Spot:
        """The macro's body with its parameters standing for what this call gives them."""
        scope: _Scope = {**macro.scope, **dict.fromkeys(_parameters(macro.node))}
        given = dict(zip((argument.name for argument in macro.node.args), call.args, strict=False))
        given.update({pair.key: pair.value for pair in call.kwargs})
        for name, value in given.items():
            alias = self._alias(value, spot)
            if alias is None:
                self._expression(value, spot.maybe())
            scope[name] = alias
        return _Spot(macro.file, scope, spot.conditional, spot.block, spot.depth + 1)

    def _use(self, written: str, node: nodes.Node, spot: _Spot) -> None:
        dotted, conditional = written, spot.conditional
        root, _, rest = dotted.partition(".")
        if root in spot.scope:
            bound = spot.scope[root]
            if not isinstance(bound, _Alias):
                return
            dotted = f"{bound.name}.{rest}" if rest else bound.name
            conditional = conditional or not bound.certain
        elif root in _GLOBALS:
            return
        place = self.place(spot.file, node.lineno, written)
        unknown = unknown_name(dotted, place)
        if unknown:
            self.complaints.append(unknown)
            return
        self.uses.append(VariableUse(dotted, place, conditional))
        own = _own_column(dotted)
        if own:
            self.columns.setdefault(own, place)


def unknown_name(dotted: str, place: Place) -> Complaint | None:
    """A complaint if no letter can have a value of this name."""
    parent, _, name = dotted.rpartition(".")
    fields = KNOWN.get(dotted) or (("contact.more.<column>",) if dotted == "contact.more" else ())
    if fields:
        what, todo = f"{dotted} is a group of values, not one", f"Name one of them: {', '.join(fields)}."
        return Complaint("SC-404", what, "It cannot be printed.", todo, place)
    if dotted in KNOWN or name in KNOWN.get(parent, ()) or dotted.startswith("contact."):
        return None
    why = "It would stay empty or stop the run at the first letter."
    return Complaint("SC-404", f"{dotted} does not exist", why, _proposal(dotted), place)


def _proposal(dotted: str) -> str:
    """The nearest known name: the first word of a dotted name is put right before the words behind it."""
    known, right = tuple(name for name in KNOWN if "." not in name), ""
    for word in dotted.split("."):
        near = [word] if word in known else get_close_matches(word, known, n=1, cutoff=0.5)
        if not near:
            break
        right = f"{right}.{near[0]}" if right else near[0]
        known = KNOWN.get(right, ())
    if right and right != dotted and not dotted.startswith(f"{right}."):
        return f"Did you mean {right}?"
    return f"{right or 'A letter'} has {', '.join(known)}." if known else f"{right} is one value, without a dot."


def column(line: str, token: str) -> int | None:
    """The first column (from 1) at which ``token`` stands in ``line``, whole; None where it is not there as written."""
    if not token:
        return None
    # spaces, brackets and quotes may stand where the token has dots
    pattern = r"(?:\s*\.\s*|\s*\[\s*['\"])".join(map(re.escape, token.split(".")))
    found = re.search(rf"(?<![\w.]){pattern}(?![\w])" if token[0].isalnum() else re.escape(token), line)
    return found.start() + 1 if found else None


def culprit(error: TemplateSyntaxError) -> str:
    """The word that Jinja2's complaint quotes, else the tag."""
    quoted = re.search(r"'([^']+)'", error.message or "")
    return quoted[1] if quoted else ""


def syntax_error(error: TemplateSyntaxError, place: Place) -> InputError:
    """Jinja2's complaint in three parts."""
    what = (error.message or "the template cannot be read").rstrip(".")
    why = "Nothing is rendered from a template that cannot be read whole."
    todo = "Correct this line; the grammar is at https://jinja.palletsprojects.com/templates/"
    return InputError(Complaint("SC-403", what, why, todo, place))


def _own_column(dotted: str) -> str | None:
    """The column of the contact file that a name means."""
    root, _, name = dotted.partition(".")
    if root != "contact" or name in KNOWN["contact"] or name in {"", "more"}:
        return None
    return name.removeprefix("more.")


def _dotted(node: nodes.Node) -> str | None:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            before, name = _dotted(node.node), node.attr
        case nodes.Getitem(arg=nodes.Const(value=str(name))):
            before = _dotted(node.node)
        case _:
            return None
    return f"{before}.{name}" if before else None


def _targets(target: nodes.Node) -> set[str]:
    names = {node.name for node in target.find_all(nodes.Name)}
    return names | ({target.name} if isinstance(target, nodes.Name) else set())


def _parameters(node: nodes.Macro | nodes.CallBlock) -> set[str]:
    return {*(argument.name for argument in node.args), "caller", "varargs", "kwargs"}
