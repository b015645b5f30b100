"""Why one letter cannot be written while the others can."""

from __future__ import annotations

from collections.abc import Mapping

from sender.errors import Place
from sender.model import Fact, Facts, Finding

REASONS: Mapping[str, Mapping[str, str]] = {
    "absent_value": {
        "fr": "le modèle écrit {field}, que ce contact n’a pas",
        "en": "the template prints {field}, which this contact does not have",
    },
    "unprintable": {
        "fr": "{field} contient des caractères de commande ou d’inversion du sens de lecture",
        "en": "{field} holds control characters or characters that reverse the reading direction",
    },
    "empty_part": {
        "fr": "la partie {part} de cette lettre est vide",
        "en": "the {part} of this letter is empty",
    },
    "too_large": {
        "fr": "la lettre dépasse {limit} octets",
        "en": "the letter is larger than {limit} bytes",
    },
    "too_much_work": {
        "fr": "le modèle demande plus de {limit} pas de calcul",
        "en": "the template asks for more than {limit} steps of work",
    },
    "header": {
        "fr": "la valeur de l’en-tête {header} ne peut pas être écrite",
        "en": "the value of the header {header} cannot be written",
    },
    "address": {
        "fr": "l’adresse ne peut pas être écrite dans un en-tête",
        "en": "the address cannot be written in a header",
    },
    "no_unsubscribe": {
        "fr": "aucun moyen de désinscription pour cette lettre",
        "en": "there is no way to unsubscribe from this letter",
    },
}
"""Each code with its sentence in both languages; the words in braces are facts."""


class CannotCompose(Exception):  # noqa: N818  (a reason to hold one letter, not an error)
    """This contact's letter cannot be written; it is held with this reason, and the others go on.

    ``facts`` name fields and limits, never what a field holds.
    """

    def __init__(self, code: str, facts: Facts | None = None, place: Place | None = None) -> None:
        self.code = code
        self.facts: dict[str, Fact] = dict(facts or {})
        self.place = place
        super().__init__(REASONS[code]["en"].format(**self.facts))

    @property
    def finding(self) -> Finding:
        """The same reason as the ledger and the report take it."""
        return Finding(self.code, self.facts, place=self.place)
