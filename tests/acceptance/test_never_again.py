"""The whole way: imported, objected, erased, imported again, restored, sent. Neither of the two is mailed."""

from __future__ import annotations

from tests.acceptance.conftest import LocalRelay
from tests.project import HEADER, SPRING, Project

ERASED = "noe@cabinet-tregastel.example"
IMPORT = (
    "contacts",
    "import",
    "show.csv",
    "--source",
    "trade-show",
    "--collected-on",
    "2026-03-12",
    "--notice",
    "2026-01",
)


def spreadsheet(project: Project) -> None:
    """As a French Excel writes it; the addresses in another case than people type them."""
    rows = [
        HEADER,
        "maelle@Cabinet-Querouail.example;Maëlle;Quérouail;Quérouail Études;SAS;Juriste;FR",
        "Noe@cabinet-tregastel.example;Noé;Trégastel;Trégastel SAS;SAS;Juriste;FR",
        "boris@cabinet-boris.example;Boris;Martin;Boris SAS;SAS;Juriste;FR",
        "",
    ]
    content = "\r\n".join(rows).encode("cp1252")
    for name in ("show.csv", "spring-contacts.csv"):
        (project.folder / "campaigns" / name).write_bytes(content)


def test_who_objected_or_was_erased_is_never_mailed_again(project: Project, relay: LocalRelay) -> None:
    """Whatever is imported and restored after it; the journal stays whole."""
    spreadsheet(project)
    wire = {"SENDER_RELAY": relay.url, "SENDER_LANGUAGE": "en"}
    imported = project.here(*IMPORT, "--create", **wire)
    saved = project.here("backup", str(project.home / "yesterday.db"), **wire)
    objected = project.here("person", "object", "Maelle@cabinet-querouail.example", **wire)
    erased = project.here("person", "erase", ERASED, "--yes", **wire)
    again = project.here(*IMPORT, **wire)
    restored = project.here("restore", str(project.home / "yesterday.db"), "--yes", **wire)
    once_more = project.here(*IMPORT, **wire)
    sent = project.run(SPRING, "--json", **wire)
    whole = project.here("journal", "verify", **wire)
    base = (project.folder / "campaigns" / "sender.db").read_bytes()

    results = (imported, saved, objected, erased, again, restored, once_more, sent, whole)
    assert [result.status for result in results] == [0] * 9, results
    assert "show.csv: line 3" in erased.out
    assert "1 person whom the backup still held was erased again" in restored.out
    assert [str(mail["To"]) for mail in project.mails(relay.mails)] == ["Boris Martin <boris@cabinet-boris.example>"]
    assert sent.json["plan"]["erased"] == 1
    assert b"tregastel" not in base.lower()
