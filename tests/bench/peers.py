"""Other programs that send the mail of the bench, each built by its own means: where they come from, how they start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import mail
from tests.bench.in_python import FROM
from tests.bench.measuring import CONNECTIONS, Spent, child, tool

_ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
_STOP = "https://courrier.eluard.example/u/"
_FOOT = "Éluard Conseil, SAS au capital de 50 000 €, RCS Paris 123 456 782, 12 rue de la Paix, 75002 Paris. Stop : "
_MAILMERGE = """TO: {{{{ email }}}}
SUBJECT: {subject}
FROM: {sender}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="boundary"

--boundary
Content-Type: text/plain; charset=utf-8

{text}

--boundary
Content-Type: text/html; charset=utf-8

{html}
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """``send``: in a folder, to the sink's port, so many messages. ``share``: slow ones send only part of them.

    ``missing``: why it cannot be had here.
    """

    name: str
    note: str
    send: Callable[[Path, int, int], Spent]
    share: float = 1.0
    missing: str = ""


@contextmanager
def peers() -> Iterator[tuple[Peer, ...]]:
    """The limit first. Programs of other houses are fetched for the time of the measurement only."""
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        node, merge = Path(folder, "node"), Path(folder, "mailmerge")
        yield (
            Peer("smtp-source", f"{CONNECTIONS} connections, constant bytes: the limit", _smtp_source),
            Peer(
                "nodemailer",
                f"{CONNECTIONS} connections",
                partial(_in_folder, ("node", node / "nodemailer.mjs", "{port}", str(CONNECTIONS))),
                missing=_fetch_nodemailer(node),
            ),
            Peer("aiosmtplib", f"{CONNECTIONS} connections, EmailMessage", by_aiosmtplib, 1 / 3),
            Peer("smtplib", "1 connection, EmailMessage", by_smtplib, 1 / 3),
            Peer(
                "mailmerge",
                "a connection a message",
                partial(_in_folder, (merge / "bin" / "mailmerge", "--no-dry-run", "--no-limit")),
                1 / 10,
                missing=_fetch_mailmerge(merge),
            ),
        )


def _smtp_source(_folder: Path, port: int, messages: int) -> Spent:
    words = [tool("smtp-source") or "", "-d", "-s", str(CONNECTIONS), "-l", "10000", "-m", str(messages)]
    return child([*words, f"127.0.0.1:{port}"])


def _in_folder(words: tuple[str | Path, ...], folder: Path, port: int, messages: int) -> Spent:
    lay_out(folder, port, messages)
    return child([str(word).format(port=port) for word in words], cwd=folder, env=_ENVIRONMENT)


_SCRIPT = Path(__file__).with_name("in_python.py")
by_smtplib = partial(_in_folder, (sys.executable, _SCRIPT, "smtplib", "{port}"))
by_aiosmtplib = partial(_in_folder, (sys.executable, _SCRIPT, "aiosmtplib", "{port}", str(CONNECTIONS)))


def lay_out(folder: Path, port: int, messages: int) -> None:
    """The mail, the people, and what mailmerge wants to read besides."""
    text = mail.text("{{{{ {} }}}}".format, _FOOT + _STOP)
    page = mail.html("{{{{ {} }}}}".format, f'<p>{_FOOT}<a href="{_STOP}">{_STOP}</a></p>')
    merged = _MAILMERGE.format(subject=mail.SUBJECT, sender=FROM, text=text, html=page)
    for name, written in {
        "mail.txt": text,
        "mail.html": page,
        "subject.txt": mail.SUBJECT,
        "mailmerge_template.txt": merged,
        "mailmerge_server.conf": f"[smtp_server]\nhost = 127.0.0.1\nport = {port}\nratelimit = 0\n",
    }.items():
        (folder / name).write_text(written, encoding="utf-8")
    mail.write_people(folder / "people.csv", messages)
    shutil.copy(folder / "people.csv", folder / "mailmerge_database.csv")


# --- fetched when the bench runs, into a folder that is gone afterwards; the answer is why not


def _fetch_nodemailer(folder: Path) -> str:
    node, npm = tool("node"), tool("npm")
    if not node or not npm:
        return "node or npm is missing"
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("nodemailer.mjs"), folder)
    return _fetched([npm, "install", "--no-audit", "--no-fund", "--prefix", folder, "nodemailer"], "npm's registry")


def _fetch_mailmerge(folder: Path) -> str:
    return _fetched([sys.executable, "-m", "venv", folder], "venv") or _fetched(
        [folder / "bin" / "python", "-m", "pip", "--quiet", "install", "mailmerge"], "pip's index"
    )


def _fetched(words: list[str | Path], where: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{where}: {type(error).__name__}"
    return "" if done.returncode == 0 else f"{where} does not give it"
