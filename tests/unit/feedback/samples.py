"""Mails that come back, in the shapes that servers and people give them; made here, after the standards and by look.

``SAMPLES``: name, the mail, what it is, its status code. ``OURS`` is the Message-ID of the letter that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from sender.feedback import Kind

OURS = f"<{'4f' * 16}@eluard.example>"
OTHERS = "<a@b.example>"
TOKEN = "A" * 89 + "w"
_BOUNDARY = "=_report"
_RECIPIENT = "maelle@querouail.example"


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    raw: bytes
    kind: Kind
    status: str | None = None
    about: tuple[str, ...] = (OURS,)


def mail(body: str, **headers: str) -> bytes:
    """Underscores in names stand for hyphens."""
    head = {"From": "x@relay.example", "To": "stop@eluard.example"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return "\r\n".join([*(f"{name}: {value}" for name, value in head.items()), "", *body.splitlines()]).encode()


def letter(message_id: str = OURS) -> str:
    return dedent(
        f"""\
        From: =?utf-8?q?=C3=89luard_Conseil?= <conseil@eluard.example>
        To: {_RECIPIENT}
        Subject: Vos fichiers
        Message-ID: {message_id}
        List-Unsubscribe: <mailto:stop@eluard.example?subject=unsubscribe%20{TOKEN}>
        """
    )


def report(
    fields: str,
    *,
    words: str = "I'm sorry to have to inform you that your message could not be delivered.",
    returned: str | None = None,
    kind: str = "text/rfc822-headers",
    part: str = "message/delivery-status",
    report_type: str = "delivery-status",
    **headers: str,
) -> bytes:
    """A multipart/report. ``fields``: the blocks of the machine's part."""
    pieces = [("text/plain; charset=utf-8", words), (part, dedent(fields))]
    if returned != "":
        pieces.append((kind, letter() if returned is None else returned))
    body = "".join(f"--{_BOUNDARY}\nContent-Type: {type_}\n\n{content}\n" for type_, content in pieces)
    content_type = f'multipart/report; report-type={report_type}; boundary="{_BOUNDARY}"'
    given = {"From": "MAILER-DAEMON@relay.example", "Subject": "Undelivered Mail", "Content_Type": content_type}
    return mail(f"{body}--{_BOUNDARY}--\n", **(given | headers))


def failed(status: str, diagnostic: str = "", action: str = "failed", **more: str) -> bytes:
    said = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return report(
        f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; {_RECIPIENT}\n"
        f"Action: {action}\nStatus: {status}\n{said}",
        **more,
    )


def complaint(feedback: str = "abuse", **more: str) -> bytes:
    fields = f"Feedback-Type: {feedback}\nUser-Agent: SomeFBL/1.0\nVersion: 1\nSource-IP: 192.0.2.1\n"
    given = {"part": "message/feedback-report", "report_type": "feedback-report", "kind": "message/rfc822"}
    return report(fields, **(given | {"words": "This is an email abuse report."} | more))


def answer(body: str, subject: str = "Re: Vos fichiers", **more: str) -> bytes:
    return mail(body, From="maelle@querouail.example", Subject=subject, In_Reply_To=OURS, **more)


def two_recipients(first: str, second: str) -> bytes:
    block = "Final-Recipient: rfc822; {who}\nAction: {action}\nStatus: {status}\n"
    blocks = "\n".join(
        block.format(who=f"{n}@list.example", action=action, status="5.1.1" if action == "failed" else "2.0.0")
        for n, action in enumerate((first, second))
    )
    return report(f"Reporting-MTA: dns; list.example\n\n{blocks}")


QUOTED = f"\n\nLe 2 avril, Éluard Conseil a écrit :\n> Bonjour,\n> désinscription : https://x.example/u/{TOKEN}\n"
OUTLOOK = "\n\n-----Message d'origine-----\nDe : Éluard Conseil\nEnvoyé : jeudi\nObjet : Vos fichiers\n\nstop\n"

_POSTFIX = dedent(
    f"""\
    Reporting-MTA: dns; mx.postfix.example
    X-Postfix-Queue-ID: 4F1A2B3C4D
    X-Postfix-Sender: rfc822; bounces@eluard.example
    Arrival-Date: Thu,  2 Apr 2026 09:00:00 +0200 (CEST)

    Final-Recipient: rfc822; {_RECIPIENT}
    Original-Recipient: rfc822;{_RECIPIENT}
    Action: failed
    Status: 5.1.1
    Remote-MTA: dns; mail.querouail.example
    Diagnostic-Code: smtp; 550 5.1.1 <{_RECIPIENT}>: Recipient address rejected:
        User unknown in virtual mailbox table
    """
)
_EXIM = dedent(
    f"""\
    Reporting-MTA: dns; exim.example

    Action: failed
    Final-Recipient: rfc822;{_RECIPIENT}
    Status: 5.0.0
    Remote-MTA: dns; mail.querouail.example
    Diagnostic-Code: smtp; 550 5.1.1 no such user here
    """
)
_EXCHANGE = dedent(
    f"""\
    Reporting-MTA: dns;AM0PR01.prod.exchange.example
    Received-From-MTA: dns;relay.example
    Arrival-Date: Thu, 2 Apr 2026 07:00:00 +0000

    Final-Recipient: rfc822;{_RECIPIENT}
    Action: failed
    Status: 5.1.10
    Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
    X-Display-Name: Maelle
    """
)
_OPENSMTPD = dedent(
    f"""\
    Reporting-MTA: dns; opensmtpd.example

    Final-Recipient: rfc822; {_RECIPIENT}
    Action: failed
    Status: 5.1.1
    """
)
_QMAIL = f"""\
Hi. This is the qmail-send program at qmail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{_RECIPIENT}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <conseil@eluard.example>
{letter()}
Bonjour
"""
_OLD_EXIM = f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {_RECIPIENT}
    all relevant MX records point to non-existent hosts

------ This is a copy of the message, including all the headers. ------

{letter()}
Bonjour
"""

DSN = (
    Sample("postfix", report(_POSTFIX, words="This is the mail system at host mx."), Kind.HARD, "5.1.1"),
    Sample("postfix-whole-letter", report(_POSTFIX, kind="message/rfc822"), Kind.HARD, "5.1.1"),
    Sample("exim-code-in-the-diagnostic", report(_EXIM), Kind.HARD, "5.1.1"),
    Sample("exchange", report(_EXCHANGE, kind="message/rfc822"), Kind.HARD, "5.1.10"),
    Sample("opensmtpd", report(_OPENSMTPD), Kind.HARD, "5.1.1"),
    Sample("no-such-domain", failed("5.1.2", "550 5.1.2 host not found"), Kind.HARD, "5.1.2"),
    Sample("null-mx", failed("5.1.10", "556 5.1.10 recipient has null MX"), Kind.HARD, "5.1.10"),
    Sample("mailbox-full", failed("5.2.2", "552 5.2.2 over quota"), Kind.SOFT, "5.2.2"),
    Sample("mailbox-full-for-days", failed("4.2.2", "452 4.2.2 over quota"), Kind.SOFT, "4.2.2"),
    Sample("disabled", failed("5.2.1", "550 5.2.1 mailbox disabled"), Kind.SOFT, "5.2.1"),
    Sample("too-large", failed("5.3.4", "552 5.3.4 message too big"), Kind.SOFT, "5.3.4"),
    Sample("expired", failed("4.4.7", "delivery time expired"), Kind.SOFT, "4.4.7"),
    Sample("no-answer", failed("4.4.1", "connect to mail.example: timed out"), Kind.SOFT, "4.4.1"),
    Sample("routing-loop", failed("5.4.6", "554 5.4.6 too many hops"), Kind.SOFT, "5.4.6"),
    Sample("policy", failed("5.7.1", "550 5.7.1 blocked by policy"), Kind.SOFT, "5.7.1"),
    Sample("dmarc", failed("5.7.26", "550-5.7.26 unauthenticated mail"), Kind.SOFT, "5.7.26"),
    Sample("spam", failed("5.7.0", "554 5.7.0 looks like spam"), Kind.SOFT, "5.7.0"),
    Sample("policy-that-says-user-unknown", failed("5.7.1", "550 5.7.1 user unknown or blocked"), Kind.SOFT, "5.7.1"),
    Sample("undefined", failed("5.0.0"), Kind.SOFT, "5.0.0"),
    Sample("undefined-with-an-exact-word", failed("5.0.0", "550 5.1.1 unknown"), Kind.HARD, "5.1.1"),
    Sample("word-of-another-class", failed("4.0.0", "550 5.1.1 unknown"), Kind.SOFT, "4.0.0"),
    Sample("no-status", report("Reporting-MTA: dns; x\n\nAction: failed\n"), Kind.SOFT),
    Sample("action-with-a-comment", failed("5.1.1", action="failed (really)"), Kind.HARD, "5.1.1"),
    Sample("action-in-capitals", failed("5.1.1", action="FAILED"), Kind.HARD, "5.1.1"),
    Sample("delayed", failed("4.4.1", action="delayed"), Kind.ON_ITS_WAY),
    Sample("delayed-with-a-5", failed("5.1.1", action="delayed"), Kind.ON_ITS_WAY),
    Sample("delivered", failed("2.0.0", action="delivered"), Kind.ON_ITS_WAY),
    Sample("relayed", failed("2.0.0", action="relayed"), Kind.ON_ITS_WAY),
    Sample("expanded", failed("2.0.0", action="expanded"), Kind.ON_ITS_WAY),
    Sample("list-that-lost-one", two_recipients("failed", "delivered"), Kind.ON_ITS_WAY),
    Sample("list-that-lost-all", two_recipients("failed", "failed"), Kind.HARD, "5.1.1"),
    Sample("no-recipients", report("Reporting-MTA: dns; x\n"), Kind.OTHER),
    Sample("nothing-returned", report(_POSTFIX, returned=""), Kind.HARD, "5.1.1", ()),
    Sample("somebody-elses", report(_POSTFIX, returned=letter(OTHERS)), Kind.HARD, "5.1.1", (OTHERS,)),
    Sample("utf-8-report", report(_POSTFIX, part="message/global-delivery-status"), Kind.HARD, "5.1.1"),
    Sample("utf-8-letter", report(_POSTFIX, kind="message/global-headers"), Kind.HARD, "5.1.1"),
    Sample("qmail", mail(_QMAIL, From="MAILER-DAEMON@qmail.example", Subject="failure notice"), Kind.HARD, "5.1.1"),
    Sample("old-exim", mail(_OLD_EXIM, From="Mail Delivery System <Mailer-Daemon@x.example>"), Kind.SOFT),
    Sample("old-by-null-sender", mail(_OLD_EXIM, Return_Path="<>"), Kind.SOFT),
    Sample("old-warning", mail(f"will be retried (4.4.1)\n\n{letter()}", Return_Path="<>"), Kind.ON_ITS_WAY, "4.4.1"),
    Sample("code-in-the-copy-only", mail(f"failed\n\n{letter()}\n5.1.1", Return_Path="<>"), Kind.SOFT),
    Sample("sendmail", failed("5.1.1", "550 5.1.1 <m@q.example>... User unknown"), Kind.HARD, "5.1.1"),
    Sample(
        "gmail", failed("5.1.1", "550-5.1.1 The account that you tried to reach does not exist"), Kind.HARD, "5.1.1"
    ),
    Sample("gmail-full", failed("5.2.2", "552-5.2.2 The inbox is out of storage space"), Kind.SOFT, "5.2.2"),
    Sample("yahoo", failed("5.0.0", "554 delivery error: dd This user has no account"), Kind.SOFT, "5.0.0"),
    Sample("outlook-blocked", failed("5.7.1", "550 5.7.1 network on our block list"), Kind.SOFT, "5.7.1"),
    Sample("orange-too-many", failed("4.2.0", "421 4.2.0 too many connections, slow down"), Kind.SOFT, "4.2.0"),
    Sample("greylisted-too-long", failed("4.2.0", "450 4.2.0 greylisted"), Kind.SOFT, "4.2.0"),
    Sample("french-words", report(_POSTFIX, words="Non remis : désinscription, stop."), Kind.HARD, "5.1.1"),
    Sample("tls-needed", failed("5.7.10", "550 5.7.10 encryption needed"), Kind.SOFT, "5.7.10"),
    Sample("bad-syntax", failed("5.1.3", "501 5.1.3 bad address syntax"), Kind.SOFT, "5.1.3"),
    Sample("address-like-a-code", failed("5.1.1", "550 host [10.5.1.1] said no"), Kind.HARD, "5.1.1"),
)
COMPLAINED = (
    Sample("abuse", complaint(), Kind.COMPLAINT),
    Sample("abuse-capitals", complaint("Abuse"), Kind.COMPLAINT),
    Sample("abuse-headers-only", complaint(kind="text/rfc822-headers"), Kind.COMPLAINT),
    Sample("fraud", complaint("fraud"), Kind.COMPLAINT),
    Sample("opt-out", complaint("opt-out"), Kind.COMPLAINT),
    Sample("not-spam", complaint("not-spam"), Kind.OTHER),
    Sample("auth-failure", complaint("auth-failure"), Kind.OTHER),
    Sample("virus", complaint("virus"), Kind.OTHER),
    Sample("no-kind", report("Version: 1\n", part="message/feedback-report"), Kind.OTHER),
)
STOPS = (
    Sample("stop", answer(f"STOP{QUOTED}"), Kind.STOP),
    Sample("stop-polite", answer(f"Bonjour,\n\nStop svp.\n\nMerci{QUOTED}"), Kind.STOP),
    Sample("stop-and-signature", answer(f"stop\n-- \nMaëlle Quérouail\nDirectrice juridique{QUOTED}"), Kind.STOP),
    Sample("accents", answer(f"Désinscription{QUOTED}"), Kind.STOP),
    Sample("sentence", answer(f"Merci de ne plus recevoir vos messages : désinscrivez-moi.{QUOTED}"), Kind.STOP),
    Sample("typographic", answer(f"Je souhaite ne plus recevoir d’e-mails.{QUOTED}"), Kind.STOP),
    Sample("outlook", answer(f"Retirez-moi de votre liste{OUTLOOK}"), Kind.STOP),
    Sample("subject", answer(f"{QUOTED}", subject="STOP"), Kind.STOP),
    Sample("subject-of-an-answer", answer(f"{QUOTED}", subject="Re: Unsubscribe"), Kind.STOP),
    Sample("english", answer("Please remove me from your list.\n\nOn Thu, Éluard wrote:\n> hello"), Kind.STOP),
    Sample("german", answer("Bitte keine weiteren Mails!\n\nAm 2.4.2026 schrieb Éluard:\n> hallo"), Kind.STOP),
    Sample("spanish", answer("No deseo recibir más correos."), Kind.STOP),
    Sample("italian", answer("Non desidero ricevere altre comunicazioni."), Kind.STOP),
    Sample("dutch", answer("Uitschrijven aub"), Kind.STOP),
    Sample(
        "html",
        answer(
            "<html><head><style>stop{}</style></head><body><p>Stop</p><blockquote>Bonjour</blockquote>",
            Content_Type="text/html; charset=utf-8",
        ),
        Kind.STOP,
    ),
    Sample("question", answer(f"Bonjour, quel est votre tarif ?{QUOTED}"), Kind.OTHER),
    Sample("quoted-word", answer(f"Avec plaisir, appelez-moi.{OUTLOOK}"), Kind.OTHER),
    Sample("quoted-token", answer(f"Merci !{QUOTED}"), Kind.OTHER),
    Sample("the-contrary", answer(f"Please don't unsubscribe me, I like it.{QUOTED}"), Kind.OTHER),
    Sample("long", answer("Nous avons stop. " + "Notre juriste vous répondra sur chacun des points. " * 8), Kind.OTHER),
    Sample("word-within", answer("Nous serons non-stop au salon."), Kind.OTHER),
    Sample("no-letter", mail("STOP", Subject="STOP"), Kind.OTHER, about=()),
    Sample("empty", answer(""), Kind.OTHER),
)
MACHINES = (
    Sample("vacation", answer("Je suis absente.", Auto_Submitted="auto-replied"), Kind.ABSENT, about=()),
    Sample("vacation-stop", answer("stop", Auto_Submitted="auto-replied (vacation)"), Kind.ABSENT, about=()),
    Sample("exchange-absent", answer("Absent", subject="Réponse automatique : Vos fichiers"), Kind.ABSENT, about=()),
    Sample("english-absent", answer("Away", subject="Automatic reply: Vos fichiers"), Kind.ABSENT, about=()),
    Sample("old-robot", answer("Away", Precedence="auto_reply"), Kind.ABSENT, about=()),
    Sample("autoreply-header", answer("Away", X_Autoreply="yes"), Kind.ABSENT, about=()),
    Sample("auto-submitted-no", answer("stop", Auto_Submitted="no"), Kind.STOP),
)
TOKENS = (
    Sample("mailto", mail("", Subject=f"unsubscribe {TOKEN}"), Kind.UNSUBSCRIBE, about=()),
    Sample("mailto-folded", mail("", Subject=f"unsubscribe\r\n {TOKEN}"), Kind.UNSUBSCRIBE, about=()),
    Sample("mailto-answered", mail("", Subject=f"Re: unsubscribe {TOKEN}"), Kind.UNSUBSCRIBE, about=()),
    Sample(
        "mailto-encoded",
        mail("", Subject=f"=?utf-8?Q?unsubscribe_{TOKEN[:40]}?=\r\n =?utf-8?Q?{TOKEN[40:]}?="),
        Kind.UNSUBSCRIBE,
        about=(),
    ),
    Sample(
        "mailto-by-a-machine",
        mail("", Subject=f"unsubscribe {TOKEN}", Auto_Submitted="auto-generated"),
        Kind.UNSUBSCRIBE,
        about=(),
    ),
    Sample("token-too-short", mail("", Subject=f"unsubscribe {TOKEN[1:]}"), Kind.OTHER, about=()),
    Sample("token-too-long", mail("", Subject=f"unsubscribe {TOKEN}A"), Kind.OTHER, about=()),
)
SAMPLES = (*DSN, *COMPLAINED, *STOPS, *MACHINES, *TOKENS)
