"""A contact as one row of the table ``contacts``, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sender.address import stored
from sender.functions import match
from sender.model import (
    Choices,
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    Notice,
    Provenance,
    Sale,
    SourceKind,
)

_FORMS = {form.value: form for form in CompanyForm}
_decoded = json.JSONDecoder().decode  # what json.loads asks first is known: it is text, without a byte-order mark


def columns_of(contact: Contact) -> dict[str, Any]:
    """The contact's own columns; not its hashes and times.

    ``functions`` are kept as the title was understood on the day it was written down, for the record; whoever decides
    by them asks the vocabulary of the day.
    """
    return {
        "id": contact.id,
        "email_key": contact.email.key,
        "email": contact.email.spec,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
        "legal_form": contact.legal_form,
        "form": contact.form.value,
        "title": contact.title,
        "country": contact.country,
        "language": contact.language,
        **provenance_columns(contact.provenance),
        "last_inbound_on": contact.last_inbound_on,
        "published_for_this": contact.published_for_this,
        "company_number": contact.company_number,
        "topics": _listed(contact.topics),
        "functions": _listed(match(contact.title).functions),
        "more": json.dumps(dict(contact.more), ensure_ascii=False, sort_keys=True) if contact.more else "{}",
    }


@lru_cache(maxsize=4096)
def _listed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def provenance_columns(provenance: Provenance) -> dict[str, Any]:
    """Spelt alike in ``contacts``, where the newest word stands, and in ``provenances``, where all of them do."""
    return {
        "source_kind": provenance.kind.value,
        "source_record": provenance.record,
        "collected_on": provenance.collected_on,
        "notice_given": provenance.notice.given,
        "notice_version": provenance.notice.version,
        "notice_given_on": provenance.notice.given_on,
        "objection_offered": provenance.notice.objection_offered,
    }


def provenance_of(row: Mapping[Any, Any]) -> Provenance:
    notice = row["notice_given"], row["notice_version"], row["notice_given_on"], row["objection_offered"]
    return _provenance(row["source_kind"], row["source_record"], row["collected_on"], *notice)


@lru_cache(maxsize=1024)
def _provenance(
    kind: str,
    record: str | None,
    collected_on: date | None,
    given: bool,
    version: str | None,
    given_on: date | None,
    offered: bool,
) -> Provenance:
    """The same value for all who came with the same words, as those of one file do."""
    return Provenance(SourceKind(kind), record, collected_on, Notice(given, version, given_on, offered))


def contact_of(row: Mapping[Any, Any], consent: Consent | None, sale: Sale | None, choices: Choices) -> Contact:
    return Contact(
        id=ContactId(row["id"]),
        email=stored(row["email"], row["email_key"]),
        first_name=row["first_name"],
        last_name=row["last_name"],
        company=row["company"],
        legal_form=row["legal_form"],
        form=_FORMS[row["form"]],
        title=row["title"],
        country=row["country"],
        language=choices.language or row["language"],
        provenance=provenance_of(row),
        last_inbound_on=row["last_inbound_on"],
        published_for_this=row["published_for_this"],
        consent=consent,
        sale=sale,
        more=_decoded(row["more"]) if row["more"] != "{}" else {},
        company_number=row["company_number"],
        topics=tuple(_decoded(row["topics"])) if row["topics"] != "[]" else (),
        choices=choices,
    )
