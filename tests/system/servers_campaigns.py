"""Campaigns for the servers: the example, and one of as many contacts as wanted. All people are invented."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.project import ROOT, Project

FIRST = ("Élodie", "François", "Anaïs", "Cédric", "Zoé", "Loïc", "Bérénice", "Mickaël", "Noémie", "Gaëtan")
LAST = ("Lefèvre", "D’Hérouville", "Œuvrard", "Guézennec", "Noël", "Bâcle", "Nuñez", "Öberg", "Ségur", "Théry")
HEAD = "Prénom;Nom;Société;Forme juridique;Fonction;E-mail;Pays\n"
ROW = "{first};{last} {n};Société n° {n} & Fils;SAS;Directrice juridique;contact{n}@societe-{n}.example;France\n"


def example_project(folder: Path) -> Project:
    """A copy of the example project, and a home beside it."""
    for name in ("campaigns", "templates"):
        kept = shutil.ignore_patterns("practice*", "*.db*", "*.log")
        shutil.copytree(ROOT / name, folder / "project" / name, ignore=kept)
    (folder / "home").mkdir()
    return Project(folder / "project", folder / "home")


def large_campaign(project: Project, count: int) -> Path:
    """The example to other people: ``count`` of them, each with a name and a company of their own."""
    return campaign_to(project, "large", [contact(number) for number in range(count)])


def contact(number: int) -> str:
    first, last = FIRST[number % 10], LAST[number // 10 % 10]
    return ROW.format(first=first, last=last, n=number)


def campaign_to(project: Project, name: str, rows: list[str]) -> Path:
    folder = project.folder / "campaigns"
    (folder / f"{name}.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    text = (folder / "spring.yaml").read_text(encoding="utf-8")
    text = text.replace("spring-2026", name).replace("spring-contacts.csv", f"{name}.csv")
    campaign = folder / f"{name}.yaml"
    campaign.write_text(text, encoding="utf-8")
    return campaign
