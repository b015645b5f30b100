"""``check`` shows what receivers will find in the DNS, and keeps apart what is wrong and what could not be learned."""

from __future__ import annotations

from collections import Counter

from tests.name_server import Zone, deaf_server, name_server
from tests.project import SPRING, Project

FROM = "eluard.example"
RELAY = {"SENDER_RELAY": "smtp+plain://127.0.0.1:9"}  # nobody listens there, and check does not knock
SOUND: Zone = {
    (FROM, "TXT"): ["v=spf1 ip4:192.0.2.7 -all"],
    (f"_dmarc.{FROM}", "TXT"): ["v=DMARC1; p=none; rua=mailto:dmarc@eluard.example"],
    (FROM, "MX"): ["10 mx.eluard.example"],
    ("mx.eluard.example", "A"): ["192.0.2.25"],
}
BROKEN: Zone = {**SOUND, (FROM, "TXT"): ["v=spf1 a -all", "v=spf1 mx -all"]}


def test_sound_and_broken(project: Project) -> None:
    """What passes is a number; what fails has three parts, in the language of the settings, and status 78."""
    with name_server({}, SOUND) as (address, port):
        sound = project.run("check", SPRING, "--json", SENDER_RESOLVER=f"{address}:{port}", **RELAY)
    with name_server({}, BROKEN) as (address, port):
        asked = {"SENDER_RESOLVER": f"{address}:{port}", **RELAY}
        broken = project.run("check", SPRING, SENDER_LANGUAGE="fr", **asked)

    assert (sound.status, sound.json["exit"]) == (0, 0)
    assert Counter(one["level"] for one in sound.json["preflight"]["remarks"]) == {"passed": 6, "unknown": 2}
    assert sound.json["preflight"]["not_asked"] is None
    assert broken.status == 78
    assert "ce que regarderont les destinataires : 5 réussis, 1 échec, 2 non connus" in broken.out
    lines = broken.out.splitlines()
    at = lines.index(f"échec spf.several: {FROM}")
    assert "2 enregistrements SPF" in lines[at + 1]
    assert "permerror" in lines[at + 2]
    assert "un seul enregistrement" in lines[at + 3]


def test_the_dns_is_silent_or_left_alone(project: Project) -> None:
    """Silence is no pass and no failure; practice and an invented domain ask nobody."""
    with deaf_server() as (address, port):
        asked = {"SENDER_RESOLVER": f"{address}:{port}", **RELAY}
        silent = project.run("check", SPRING, "--json", **asked)
        practice = project.run("check", SPRING, "--json", "--practice", **asked)
    invented = project.run("check", SPRING, **RELAY)

    assert silent.status == 0
    assert {one["level"] for one in silent.json["preflight"]["remarks"] if one["check"] != "letter"} == {"unknown"}
    assert practice.json["preflight"]["not_asked"] == "practice"
    assert {one["check"] for one in practice.json["preflight"]["remarks"]} == {"letter"}
    assert "The DNS was not asked: the sender's domain is an invented one" in invented.out


def test_a_blemish_of_the_letter_is_shown_where_it_stands(project: Project) -> None:
    """Line and column of the template, in practice too; a warning does not stop anybody."""
    template = project.folder / "templates" / "spring" / "mail.html"
    project.replace("templates/spring/mail.html", "</body>", '<p>x\n <a href="www.eluard.example">y</a></p></body>')
    line = template.read_text(encoding="utf-8").split("\n").index(' <a href="www.eluard.example">y</a></p></body>') + 1

    shown = project.run("check", SPRING, "--practice")

    assert shown.status == 0, shown.err
    assert "warning letter.link_no_scheme: " in shown.out
    assert f"templates/spring/mail.html:{line}:2\n" in shown.out
