"""One part of a title: who, of what.

    name ...                        "Juriste en droit social"             the name's functions
    name field                      "Chef de projet informatique"         both, where the name joins
    head modifier* field ...        "Responsable régional des achats"     the field's functions
    head modifier* name ...         "Chef comptable"                      the name's functions
    field* head                     "Purchasing Manager"                  the last field's functions
    field                           "Ressources humaines"                 the field's functions, with less confidence

A word that nobody knows, where the function should stand, leaves the part unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sender.functions.seniority import leads
from sender.functions.title import key_of
from sender.functions.tokens import Token, kinds_of
from sender.functions.vocabulary import Fallback, Kind, vocabulary

__all__ = ["NOTHING", "Reading", "read_part"]

_SURE, _LIKELY, _DEFAULT, _BARE = 1.0, 0.9, 0.7, 0.6


@dataclass(frozen=True, slots=True)
class Reading:
    """What one part says, and what a part that follows may add to it.

    ``open_head``: a head whose field is still to come; ``continues``: nothing unread stands behind the decisive words;
    ``adds``: what its head adds to a field;
    ``joins``: a field may still be added; ``from_field``: no name says it; ``headed_behind``: English order;
    ``lost``: there was a head, and its field is unknown.
    """

    functions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    confidence: float = 0.0
    open_head: bool = False
    continues: bool = False
    adds: tuple[str, ...] = ()
    joins: bool = False
    bare: bool = False
    from_field: bool = False
    headed_behind: bool = False
    lost: bool = False

    def plus(self, other: Reading) -> Reading:
        functions = tuple(dict.fromkeys(self.functions + other.functions))
        return replace(other, functions=functions, evidence=self.evidence + other.evidence)


NOTHING = Reading()
_LOST = Reading(lost=True)
_TELLING = Kind.NAME | Kind.HEAD | Kind.ASSISTANT | Kind.FIELD
_ALONE = (Fallback.ALONE, Fallback.ALWAYS)
# Of French nouns and adjectives; brands and firms seldom end so.
_ENDINGS = "e ees al el if eur urs ien ion ions ment oir oirs ier iques aux"
_COMMON_ENDINGS = tuple(_ENDINGS.split())
_ADVISERS = {key_of("conseiller"), key_of("advisor"), key_of("adviser")}
_OF_COMPUTERS = frozenset({"it", "software_development", "data", "information_security", "sales"})


def read_part(part: Sequence[Token], under_head: Reading | None = None) -> Reading:
    """What ``part`` says; ``under_head``: the part before, whose head or list it may carry on."""
    kinds = kinds_of(part)
    if kinds & Kind.PRODUCT:
        part = _without_products(part)
    if kinds & Kind.NOTHING:
        if (saying := _before_nothing(part)) is None:
            return _LOST
        part = saying
    start = _core(part)
    if start is None:
        return _without_core(part, under_head)
    strange = start > 0 and any(token.only(Kind.OTHER) for token in part[:start])
    core, rest = part[start], part[start + 1 :]
    if under_head and not strange and core.may_be(Kind.FIELD) and not _headed(rest):
        return _carried_on(core, rest, under_head)
    if core.may_be(Kind.NAME):
        return NOTHING if strange and (core.linked or core.may_be(Kind.FIELD)) else _named(core, rest, strange)
    if core.may_be(Kind.HEAD):
        return _strange_head(core, rest) if strange else _behind_head(core, rest)
    if core.may_be(Kind.ASSISTANT):
        return NOTHING if strange else _behind_head(core, rest)
    return _fielded(part, start, strange)


def _before_nothing(part: Sequence[Token]) -> Sequence[Token] | None:
    """The part up to a phrase that says nothing, if a name stands first: "Chef de projet transformation digitale"."""
    for place, token in enumerate(part):
        if token.may_be(Kind.NOTHING):
            return part[:place] if place and part[0].only(Kind.NAME) and not token.linked else None
    return part


def _without_products(part: Sequence[Token]) -> Sequence[Token]:
    """ "HR software sales", "Commercial logiciels de paie": for whom a product is made is not what its seller does."""
    gone: set[int] = set()
    for place, token in enumerate(part):
        if token.may_be(Kind.PRODUCT):
            after = place + 1 < len(part) and _is_used_by(part[place + 1])
            before = place > 0 and not token.linked and _is_used_by(part[place - 1])
            if after or before:
                gone |= {place, place + 1 if after else place - 1}
    return [token for place, token in enumerate(part) if place not in gone]


def _is_used_by(field: Token) -> bool:
    """Whether software of this field is a product that somebody sells, and not the trade of who writes or runs it."""
    return field.only(Kind.FIELD) and not _OF_COMPUTERS.intersection(field.phrase.fields)


def _core(part: Sequence[Token]) -> int | None:
    for place, token in enumerate(part):
        if token.phrase.kinds & _TELLING:
            return place
    return None


def _without_core(part: Sequence[Token], under_head: Reading | None) -> Reading:
    """Modifiers alone leave the head before them open; unknown words close it."""
    if under_head and all(token.only(Kind.MODIFIER) for token in part):
        return replace(NOTHING, open_head=under_head.open_head, continues=under_head.continues, adds=under_head.adds)
    return NOTHING


def _carried_on(field: Token, rest: Sequence[Token], head: Reading) -> Reading:
    names = head.adds
    ends = all(token.only(Kind.MODIFIER) for token in rest)
    functions = (*names, *field.phrase.fields, *_beside(field, rest))
    return Reading(functions, (field.shown,), _LIKELY, continues=ends, from_field=not names)


def _headed(rest: Sequence[Token]) -> bool:
    return any(
        token.may_be(Kind.HEAD | Kind.NAME) and not token.may_be(Kind.FIELD) and not token.linked for token in rest
    )


def _named(name: Token, rest: Sequence[Token], strange: bool) -> Reading:
    compound = _english_compound(rest)
    if compound is not None:
        return compound
    functions, evidence = name.phrase.names, [name.shown]
    behind = _skip_modifiers(rest, Kind.HEAD) if name.phrase.joins else _skip_modifiers(rest)
    ends = not behind
    if name.phrase.joins and behind and behind[0].may_be(Kind.FIELD):
        functions += behind[0].phrase.fields + _beside(behind[0], behind[1:])
        evidence.append(behind[0].shown)
        ends = not _skip_modifiers(behind[1:])
    confidence = _DEFAULT if strange else _LIKELY if rest else _SURE
    joins = name.phrase.joins and functions == name.phrase.names
    headed = name.may_be(Kind.NAME) and _ends_in_head(name)
    return Reading(functions, tuple(evidence), confidence, continues=ends, joins=joins, headed_behind=headed)


def _ends_in_head(name: Token) -> bool:
    """ "Compliance officer" is a field and a head, so that "legal &" may stand before it; "recruiter" is not."""
    last = vocabulary().phrases.get(name.key[-1:])
    return len(name.key) > 1 and last is not None and bool(last.kinds & Kind.HEAD)


def _english_compound(rest: Sequence[Token]) -> Reading | None:
    """ "Teacher Training Manager", "Lawyer Relations Officer": the name only says for whom the others work."""
    last = next((token for token in reversed(rest) if not token.only(Kind.MODIFIER)), None)
    if last is None or last.linked:
        return None
    if last.only(Kind.NAME) and last.shown.endswith(" manager"):
        return Reading(last.phrase.names, (last.shown,), _LIKELY)
    if last is rest[0] or not (last.phrase.english and last.may_be(Kind.HEAD)):
        return None
    before = rest[: _index(rest, last)]
    if any(token.linked for token in before):
        return None
    governing = before[-1]
    if governing.may_be(Kind.FIELD):
        return Reading(governing.phrase.fields, (governing.shown,), _LIKELY, continues=True, from_field=True)
    return _LOST if governing.only(Kind.OTHER) else None


def _index(tokens: Sequence[Token], wanted: Token) -> int:
    return next(place for place, token in enumerate(tokens) if token is wanted)


def _strange_head(head: Token, rest: Sequence[Token]) -> Reading:
    """An unknown word before a head: a "Wealth manager" is not read, nor is a "Kubernetes engineer"."""
    if head.phrase.fallback is Fallback.ALWAYS and not head.linked and not rest:
        return Reading(head.phrase.names, (head.shown,), _DEFAULT)
    return _LOST


def _behind_head(head: Token, rest: Sequence[Token]) -> Reading:
    """What stands behind a head: its field, a name, another head; else what the head says by itself."""
    behind = _skip_modifiers(rest)
    if not behind:
        return _alone(head)
    behind = _past_administration(behind)
    decisive, tail = behind[0], behind[1:]
    found = _decided(head, decisive, tail)
    if found.functions and head.phrase.joins:
        found = replace(found, functions=(*head.phrase.names, *found.functions), from_field=False)
    if not found.functions and _stands_beside(head, decisive) and not _speaks_of_a_field(rest):
        return Reading(head.phrase.names, (head.shown,), _DEFAULT)
    return found


def _stands_beside(head: Token, word: Token) -> bool:
    """ "Ingénieur hydraulicien", but not "Ingénieur Airbus": what kind of one it is, a common word says."""
    fallback = head.phrase.fallback
    return fallback is Fallback.ALWAYS or (fallback is Fallback.BESIDE and word.shown.endswith(_COMMON_ENDINGS))


def _speaks_of_a_field(tokens: Sequence[Token]) -> bool:
    """ "Ingénieur de réalisation informatique": of what kind this engineer is, is open."""
    return any(token.may_be(Kind.FIELD) for token in tokens)


def _past_administration(behind: Sequence[Token]) -> Sequence[Token]:
    """ "Responsable administrative du personnel", "Cadre administratif des ventes": the other field is meant."""
    if len(behind) > 1 and behind[0].phrase.fields == ("administration",) and behind[1].may_be(Kind.FIELD):
        return behind[1:]
    return behind


def _alone(head: Token) -> Reading:
    if head.phrase.fallback not in _ALONE:
        return Reading(open_head=True, adds=head.phrase.names if head.phrase.joins else ())
    return Reading(head.phrase.names, (head.shown,), _LIKELY, continues=True)


def _decided(head: Token, decisive: Token, tail: Sequence[Token]) -> Reading:
    if decisive.may_be(Kind.FIELD):
        return _field_behind(head, decisive, tail)
    if decisive.may_be(Kind.NAME):
        if _advises(head, decisive):
            return _LOST
        return Reading(decisive.phrase.names, (decisive.shown,), _LIKELY, continues=not tail)
    if decisive.may_be(Kind.HEAD | Kind.ASSISTANT):
        return _behind_head(decisive, tail)
    return _LOST


def _field_behind(head: Token, field: Token, tail: Sequence[Token]) -> Reading:
    """In French the first field governs, in English compounds the last: where that is open, nothing is said."""
    if _makes(head, field):
        return Reading(head.phrase.names, (head.shown,), _LIKELY)
    behind = _skip_modifiers(tail)
    if head.phrase.english and head.key != ("manager",) and behind and not behind[0].linked:
        other = behind[0]
        if other.may_be(Kind.FIELD) and not _go_together(field, other):
            return _LOST
    ends = all(token.only(Kind.MODIFIER) or token in _partners(field, tail) for token in tail)
    functions = (*field.phrase.fields, *_beside(field, tail))
    return Reading(functions, (field.shown,), _LIKELY, continues=ends, from_field=True)


def _advises(head: Token, name: Token) -> bool:
    """Who is "conseiller du président" is not the president; an "adjoint" is, for he stands in for him."""
    return name.linked and (head.key in _ADVISERS or (not head.may_be(Kind.MODIFIER) and leads(name.shown)))


def _makes(head: Token, field: Token) -> bool:
    """ "Développeur paie": who writes software for a field does not work in it."""
    made = vocabulary().makers
    return any(made.get(own, frozenset()).issuperset(field.phrase.fields) for own in head.phrase.names)


def _partners(field: Token, tail: Sequence[Token]) -> list[Token]:
    """Fields beside another without "et": "Responsable marketing communication"."""
    behind = _skip_modifiers(tail)
    if behind and behind[0].may_be(Kind.FIELD) and not behind[0].linked and _go_together(field, behind[0]):
        return [behind[0]]
    return []


def _beside(field: Token, tail: Sequence[Token]) -> tuple[str, ...]:
    return tuple(
        slug for token in _partners(field, tail) for slug in token.phrase.fields if slug not in field.phrase.fields
    )


def _go_together(one: Token, other: Token) -> bool:
    pairs = vocabulary().together
    return all(
        any({mine, theirs} <= group for group in pairs) for mine in one.phrase.fields for theirs in other.phrase.fields
    )


def _fielded(part: Sequence[Token], start: int, strange: bool) -> Reading:
    """A field first: with a head behind it ("Purchasing Manager"), or bare."""
    fields = [part[start]]
    for place in range(start + 1, len(part)):
        token = part[place]
        if token.linked and not token.may_be(Kind.FIELD):
            return NOTHING
        if token.may_be(Kind.HEAD | Kind.ASSISTANT) or (token.may_be(Kind.NAME) and not token.may_be(Kind.FIELD)):
            return _before_head(fields, token, part[place + 1 :])
        if token.may_be(Kind.FIELD):
            fields.append(token)
        elif not token.may_be(Kind.MODIFIER):
            return NOTHING
    if strange or any(token.linked for token in fields[1:]) or not fields[0].phrase.bare:
        return NOTHING
    beside = _beside(fields[0], fields[1:])
    if len(fields) > 1 and not beside and fields[1].phrase.fields != fields[0].phrase.fields:
        return NOTHING  # "IT procurement" and "achats informatiques": which governs depends on the language
    functions = (*fields[0].phrase.fields, *beside)
    return Reading(functions, (fields[0].shown,), _BARE, bare=True, from_field=True)


def _before_head(fields: Sequence[Token], head: Token, rest: Sequence[Token]) -> Reading:
    """The last field governs: an "IT Procurement Manager" buys."""
    last = fields[-1]
    evidence = (last.shown, head.shown)
    if head.may_be(Kind.NAME) and not head.phrase.joins:
        return _named(head, rest, strange=False)
    if _makes(head, last):
        return Reading(head.phrase.names, (head.shown,), _LIKELY, continues=not rest)
    if head.phrase.fallback is not Fallback.NEVER and not vocabulary().crafts.issuperset(last.phrase.fields):
        return _LOST
    own = head.phrase.names if head.phrase.joins else ()
    before = fields[-2].phrase.fields if len(fields) > 1 and _go_together(fields[-2], last) else ()
    functions = tuple(dict.fromkeys((*own, *before, *last.phrase.fields)))
    alone = len(fields) == 1 or bool(before)
    return Reading(functions, evidence, _LIKELY, continues=not rest, from_field=True, headed_behind=alone)


def _skip_modifiers(tokens: Sequence[Token], more: int = 0) -> Sequence[Token]:
    skipped = Kind.MODIFIER | more
    for place, token in enumerate(tokens):
        kinds = token.phrase.kinds
        if not kinds & skipped or kinds & (Kind.FIELD | Kind.NAME):
            return tokens[place:]
    return ()
