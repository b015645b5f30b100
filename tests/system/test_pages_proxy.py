"""From the mail to the next campaign: a provider's POST through the proxy of the how-to, and who is left out then."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.test_serve import serving
from tests.project import ROOT, SPRING, Project
from tests.system.servers import HOST, done, free_ports, needed, open_folder, until

NAME = "courrier.eluard.example"
HOW_TO = ROOT / "docs" / "how-to" / "run-the-public-pages.md"
AUTUMN = SPRING.replace("spring", "autumn")


def location(pages: Path) -> str:
    """What the how-to has for nginx, as it stands there but for the name of the socket."""
    found = re.search(r"```nginx\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1].replace("/run/send-campaign/pages.sock", str(pages))


@contextmanager
def nginx(folder: Path, pages: Path) -> Iterator[int]:
    """The port of a proxy with a certificate in the name of the pages."""
    (port,) = free_ports(1)
    made = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key")
    done("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *made, "-out", folder / "cert")
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; user root; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{
            access_log {folder}/access.log;
            server {{
                listen {HOST}:{port} ssl;
                ssl_certificate {folder}/cert;
                ssl_certificate_key {folder}/key;
                {location(pages)}
            }}
        }}
        """,
        encoding="utf-8",
    )
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        until((folder / "pid").exists, lambda: (folder / "error.log").read_text())
        yield port
    finally:
        process.terminate()
        process.wait(30)


def posted(folder: Path, port: int, url: str, *how: str) -> tuple[str, str]:
    """Headers and body of the answer to curl, which finds the proxy behind the name."""
    way = ("--cacert", folder / "cert", "--connect-to", f"{NAME}:443:{HOST}:{port}", "--dump-header", folder / "said")
    body = done("curl", "--silent", "--show-error", *way, *how, url)
    return (folder / "said").read_text().lower(), body


def one_click(project: Project, person: str) -> str:
    (mail,) = [mail for mail in project.mails() if person in str(mail["To"])]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    return found[1]


def test_who_was_unsubscribed_by_a_provider_is_left_out_next_time(project: Project) -> None:
    """The header's address, both kinds of body, no cookie, no redirect; the next plan leaves them out and says why."""
    # Meets: RFC 8058 sections 3.1, 3.2
    needed("nginx", "curl", "openssl")
    project.audience("anne", "boris", "carla")
    project.practise()
    urlencoded = ("--data", "List-Unsubscribe=One-Click")
    multipart = ("--form", "List-Unsubscribe=One-Click")
    with open_folder("nginx") as folder, serving(project, "--unix-socket", str(folder / "pages.sock")):
        with nginx(folder, folder / "pages.sock") as port:
            first = posted(folder, port, one_click(project, "anne"), *urlencoded)
            second = posted(folder, port, one_click(project, "boris"), *multipart)
            looked_at = posted(folder, port, one_click(project, "carla"))
        logged = (folder / "access.log").read_text()

    for said, _ in (first, second, looked_at):
        assert said.startswith("http/1.1 200")
        assert "set-cookie" not in said
        assert "location:" not in said
    assert "cabinet" not in logged
    autumn = project.campaign.read_text().replace("spring-2026", "autumn-2026").replace("sont-ils", "restent-ils")
    (project.folder / AUTUMN).write_text(autumn)
    plan = project.run("check", AUTUMN, "--practice", "--json").json["plan"]
    sent = project.run(AUTUMN, "--practice", "--yes")
    explained = project.run("law", "explain", "anne@cabinet-anne.example", AUTUMN, "--practice")

    assert sent.status == 0
    assert plan["to_send"] == 1
    assert "objected" in str(plan)
    assert "object" in explained.out
    assert [str(mail["To"]) for mail in project.mails()].count("Carla Martin <carla@cabinet-carla.example>") == 2
    assert sum("anne" in str(mail["To"]) for mail in project.mails()) == 1
