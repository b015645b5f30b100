"""The example project with an audience of any size: invented people at many invented companies, some to be held."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.project import ROOT, Project

HEADERS = ("Prénom", "Nom", "Société", "Forme juridique", "Fonction", "E-mail", "Pays", "Effectif")
FIRST = ("Élodie", "Jean-Baptiste", "Anaïs", "Cédric", "Maëlle", "François", "Zoé", "Loïc", "Inès", "Aurélien")
LAST = ("Lefèvre", "Moreau", "Guézennec", "Noël", "Bénard", "Ferreira", "Châtelain", "Roussel", "Étienne", "Vasseur")
TITLES = ("Directrice juridique", "Gérant", "DPO", "Directeur général", "Juriste", "PDG", "Responsable juridique")
HELD_TITLE = "Magasinier"  # not among the functions of the example's offer
HELD_EVERY = 20


def make_project(folder: Path, audience: int, *, held_every: int = HELD_EVERY) -> Project:
    """A project under ``folder`` whose campaign has so many contacts; each ``held_every``-th is held (0: none)."""
    place, home = folder / "project", folder / "home"
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("practice*", "*.db*", "*.log"))
    home.mkdir()
    write_contacts(place / "campaigns" / "spring-contacts.csv", audience, held_every)
    return Project(place, home)


def write_contacts(file: Path, audience: int, held_every: int = HELD_EVERY) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADERS)
        writer.writerows(person(number, held_every) for number in range(audience))


def person(number: int, held_every: int) -> tuple[str, ...]:
    first, last = FIRST[number % 10], f"{LAST[number // 10 % 10]}-{number // 100}"
    company, domain = f"Société {number // 4}", f"societe-{number // 4}.example"
    title = HELD_TITLE if held_every and number % held_every == 0 else TITLES[number % len(TITLES)]
    return first, last, company, "SAS", title, f"p{number}@{domain}", "France", str(number % 500)
