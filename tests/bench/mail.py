"""The mail that everybody sends in the bench: some 10 kB, twelve substitutions in the HTML and twelve in the text."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from tests.system.size_project import FIRST, LAST, TITLES

SUBJECT = "Vos fichiers de prospection sont-ils conformes ?"
SENTENCES = {
    "first_name": "Bonjour {},",
    "last_name": "votre nom, {}, figure parmi les visiteurs du salon du droit qui nous ont remis leurs coordonnées.",
    "company": "Les fichiers de {} ont une histoire : une collecte, une information, une durée de conservation.",
    "title": "C’est à vous, {}, que l’on demandera cette histoire le jour d’un contrôle de la CNIL.",
    "city": "Nos auditeurs se déplacent à {} et demandent à vos équipes moins d’une journée de présence.",
    "hall": "Nous nous étions croisés dans le hall {}, où nous présentions cet audit de conformité RGPD.",
    "stand": "Le stand {} était le nôtre ; le dossier que nous y avions ouvert vous attend toujours.",
    "expert": "{} vous accompagnera du premier inventaire jusqu’au rapport de vingt pages, classé par risque.",
    "subject_matter": "Son domaine est celui-ci : {}, et les preuves que l’on oublie de garder quand tout va bien.",
    "document": "Vous recevrez d’abord le document {}, qui dit ce que nous lisons et ce que nous ne lisons pas.",
    "deadline": "L’audit dure deux semaines ; commencé avant le {}, il s’achève avant votre prochaine campagne.",
    "effort": "Il vous en coûtera {} heures de travail, et un prix qui est fixé d’avance, frais compris.",
}
FIELDS = tuple(SENTENCES)
_MORE = (
    "D’où vient chaque adresse ? Qui a été informé, quand, et par quelles mentions ? Ce sont les premières questions, "
    "et celles auxquelles on peine le plus à répondre sans avoir tenu le registre au jour le jour."
)
_PARAGRAPH = '<p style="margin:0 0 16px 0;font-size:16px;line-height:1.5;color:#1d2a33">'

Mark = Callable[[str], str]
"""How a template names a field."""


def text(mark: Mark, foot: str) -> str:
    paragraphs = [f"{said.format(mark(field))}\n" for field, said in SENTENCES.items()]
    return "\n".join([*paragraphs, *[f"{_MORE}\n"] * 4, foot])


def html(mark: Mark, foot: str) -> str:
    paragraphs = [f"{_PARAGRAPH}{said.format(mark(field))}</p>" for field, said in SENTENCES.items()]
    paragraphs += [f"{_PARAGRAPH}{_MORE}</p>"] * 10
    head = f'<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><title>{SUBJECT}</title></head>'
    return "\n".join([head, '<body style="background:#ffffff">', *paragraphs, foot, "</body></html>"])


def write_people(file: Path, count: int) -> None:
    """Invented people, each with a value of their own in every field; commas stand between fields only."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow((*FIELDS, "email", "legal_form", "country"))
        writer.writerows(_person(number) for number in range(count))


def _person(number: int) -> tuple[str, ...]:
    own = {field: f"{field} {number}" for field in FIELDS} | {
        "first_name": FIRST[number % 10],
        "last_name": f"{LAST[number // 10 % 10]}-{number // 100}",
        "company": f"Société {number // 4}",
        "title": TITLES[number % len(TITLES)],
    }
    return *own.values(), f"p{number}@societe-{number // 4}.example", "SAS", "France"
