"""The whole way: imported, objected, erased, imported again, restored, merged, sent. Neither of the two is mailed."""

from __future__ import annotations

from tests.acceptance.conftest import LocalRelay
from tests.project import HEADER, SPRING, Project

ERASED = "noe@cabinet-tregastel.example"
OBJECTED = "Maelle@cabinet-querouail.example"
MAELLE = "maelle.querouail@cabinet-querouail.example"
SECOND = "b.martin@cabinet-boris.example"
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
        "maelle.querouail@cabinet-querouail.example;Maëlle;QUÉROUAIL;Quérouail Études;SAS;Juriste;FR",
        "b.martin@cabinet-boris.example;Boris;Martin;Boris SAS;SAS;Juriste;FR",
        "",
    ]
    content = "\r\n".join(rows).encode("cp1252")
    for name in ("show.csv", "spring-contacts.csv"):
        (project.folder / "campaigns" / name).write_bytes(content)


def test_who_objected_or_was_erased_is_never_mailed_again(project: Project, relay: LocalRelay) -> None:
    """Whatever is imported, restored and merged after it; who is there twice gets one mail; the journal stays whole."""
    spreadsheet(project)
    wire = {"SENDER_RELAY": relay.url, "SENDER_LANGUAGE": "en"}
    imported = project.here(*IMPORT, "--create", **wire)
    saved = project.here("backup", str(project.home / "yesterday.db"), **wire)
    objected = project.here("person", "object", OBJECTED, **wire)
    erased = project.here("person", "erase", ERASED, "--yes", **wire)
    again = project.here(*IMPORT, **wire)
    restored = project.here("restore", str(project.home / "yesterday.db"), "--yes", **wire)
    merged = project.here("contacts", "merge", MAELLE, OBJECTED, "--yes", **wire)
    one_boris = project.here("contacts", "merge", "boris@cabinet-boris.example", SECOND, "--yes", **wire)
    once_more = project.here(*IMPORT, "--json", **wire)
    sent = project.run(SPRING, "--json", **wire)
    whole = project.here("journal", "verify", **wire)
    base = (project.folder / "campaigns" / "sender.db").read_bytes()

    results = (imported, saved, objected, erased, again, restored, merged, one_boris, once_more, sent, whole)
    assert [result.status for result in results] == [0] * len(results), results
    assert "show.csv: line 3" in erased.out
    assert "1 person whom the backup still held was erased again" in restored.out
    assert [str(mail["To"]) for mail in project.mails(relay.mails)] == ["Boris Martin <boris@cabinet-boris.example>"]
    assert [once_more.json[each] for each in ("new", "doubles", "erased")] == [0, 2, 1]
    assert sent.json["plan"]["erased"] == 1
    assert b"tregastel" not in base.lower()


def test_an_objection_holds_for_every_address_when_the_base_is_lost(project: Project, relay: LocalRelay) -> None:
    """The backup is older than merge and correction; the files apart know whose addresses those are."""
    project.audience("anne", "boris", "carla", "denis")
    wire = {"SENDER_RELAY": relay.url, "SENDER_LANGUAGE": "en"}
    anne, boris, carla, denis = (f"{name}@cabinet-{name}.example" for name in ("anne", "boris", "carla", "denis"))
    file = ("contacts", "import", "spring-contacts.csv", *IMPORT[3:])
    commands = (
        (*file, "--create"),
        ("backup", str(project.home / "before.db")),
        ("contacts", "merge", anne, boris, "--yes"),
        ("person", "object", anne),
        ("person", "rectify", carla, "--email", "carla@new.example"),
        ("person", "object", "carla@new.example"),
    )
    results = [project.here(*command, **wire) for command in commands]
    for left in (project.folder / "campaigns").glob("sender.db*"):
        left.unlink()
    restored = project.here("restore", str(project.home / "before.db"), "--yes", **wire)
    stopped = project.here("contacts", "list", "--suppressed", "--json", **wire).json["contacts"]

    assert [result.status for result in (*results, restored)] == [0] * 7, (results, restored)
    assert "import the lists again" in restored.out
    assert {one["email"] for one in stopped} == {anne, boris, carla}
    assert denis not in {one["email"] for one in stopped}
