"""Two peers in Python, as a child each: python in_python.py {smtplib,aiosmtplib} PORT CONNECTIONS, in a peer's folder.

It imports what such a program would, and nothing of ours. aiosmtplib's seconds without start-up are printed.
"""

from __future__ import annotations

import asyncio
import csv
import html
import re
import smtplib
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

FROM = "Éluard Conseil <conseil@eluard.example>"


def letters() -> Iterator[EmailMessage]:
    """As the standard library's manual shows it: one EmailMessage each, text and HTML."""
    text, page = (_template(Path(name).read_text(encoding="utf-8")) for name in ("mail.txt", "mail.html"))
    subject = Path("subject.txt").read_text(encoding="utf-8")
    with Path("people.csv").open(encoding="utf-8", newline="") as file:
        for person in csv.DictReader(file):
            letter = EmailMessage(policy=SMTP)
            letter["From"], letter["To"], letter["Subject"] = FROM, person["email"], subject
            letter.set_content(text.format_map(person))
            letter.add_alternative(
                page.format_map({name: html.escape(value) for name, value in person.items()}), subtype="html"
            )
            yield letter


def _template(written: str) -> str:
    return re.sub(r"{{ (\w+) }}", r"{\1}", written)


def send_by_smtplib(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for letter in letters():
            relay.send_message(letter)


async def send_by_aiosmtplib(port: int, connections: int) -> None:
    import aiosmtplib

    waiting, begun = letters(), time.perf_counter()

    async def one_connection() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as relay:
            for letter in waiting:
                await relay.sendmail("conseil@eluard.example", [letter["To"]], letter.as_bytes())

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    if sys.argv[1] == "smtplib":
        send_by_smtplib(int(sys.argv[2]))
    else:
        asyncio.run(send_by_aiosmtplib(int(sys.argv[2]), int(sys.argv[3])))
