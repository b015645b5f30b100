"""Forms as HTML: a button, and before it what may be chosen or typed. Labels and errors are tied to their fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

__all__ = ["Form", "Group", "Line", "as_html", "with_errors"]


@dataclass(frozen=True, slots=True)
class Group:
    """Words to choose from by their values: one (``radio``), or several (``checkbox``)."""

    name: str
    legend: str
    options: Mapping[str, str]
    kind: str = "radio"
    required: bool = False
    chosen: Collection[str] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line to type. ``kind``: ``text`` or ``email``; ``fills``: what browsers may fill it with by themselves.

    ``trap``: no person sees it, and whoever fills it in is a program.
    """

    name: str
    label: str
    kind: str = "text"
    fills: str = ""
    required: bool = False
    value: str = ""
    error: str = ""
    trap: bool = False


Field = Group | Line


@dataclass(frozen=True, slots=True)
class Form:
    """One button that posts ``hidden`` and what stands in the ``fields``.

    ``action``: where to, relative to the page's own address; empty: to that address itself, whatever path a proxy has
    put before it. ``said``: what pressing the button agrees to, right before it.
    """

    button: str
    hidden: Mapping[str, str]
    action: str = ""
    fields: Sequence[Field] = ()
    note: str = ""
    quiet: bool = False
    said: Sequence[str] = ()


def as_html(form: Form, language: str) -> str:
    """The form; it also posts the language that it is written in."""
    hidden = {**form.hidden, "language": language}
    fields = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in hidden.items())
    action = f' action="{escape(form.action)}"' if form.action else ""
    look = ' class="quiet"' if form.quiet else ""
    note = f'\n<p class="note">{escape(form.note)}</p>' if form.note else ""
    return (
        f'<form method="post"{action}>{fields}{"".join(map(_field, form.fields))}{_said(form)}'
        f'<button type="submit"{look}>{escape(form.button)}</button></form>{note}'
    )


def with_errors(form: Form, errors: Mapping[str, str]) -> Form:
    """The same form with what is wrong, by the names of the fields."""
    return replace(form, fields=[replace(field, error=errors.get(field.name, "")) for field in form.fields])


def _said(form: Form) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in form.said)


def _field(field: Field) -> str:
    if isinstance(field, Group):
        return _group(field)
    return _trap(field) if field.trap else _line(field)


def _group(field: Group) -> str:
    if not field.options:
        return ""
    needed = " required" if field.required else ""
    inputs = "".join(
        f'<label><input type="{field.kind}" name="{field.name}" value="{escape(value)}"'
        f"{' checked' if value in field.chosen else ''}{needed}> {escape(words)}</label>"
        for value, words in field.options.items()
    )
    return f"<fieldset{_described(field)}><legend>{escape(field.legend)}</legend>{_error(field)}{inputs}</fieldset>"


def _line(field: Line) -> str:
    # Meets: WCAG 2.2 1.3.5 (the purpose of a field is known to browsers), 3.3.1 (an error is tied to its field)
    fills = f' autocomplete="{field.fills}"' if field.fills else ""
    value = f' value="{escape(field.value)}"' if field.value else ""
    state = (" required" if field.required else "") + (' aria-invalid="true"' if field.error else "")
    return (
        f'<p class="line"><label for="{field.name}">{escape(field.label)}</label>{_error(field)}'
        f'<input type="{field.kind}" id="{field.name}" name="{field.name}" maxlength="254"'
        f"{fills}{value}{state}{_described(field)}></p>"
    )


def _trap(field: Line) -> str:
    return (
        f'<p class="trap" aria-hidden="true"><label>{escape(field.label)} '
        f'<input type="text" name="{field.name}" tabindex="-1" autocomplete="off"></label></p>'
    )


def _described(field: Field) -> str:
    return f' aria-describedby="{field.name}-error"' if field.error else ""


def _error(field: Field) -> str:
    return f'<span class="error" id="{field.name}-error">{escape(field.error)}</span>' if field.error else ""
