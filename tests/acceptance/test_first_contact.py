"""People whose address came from others: told by the first mail, within the month, on somebody's word."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.project import Project

HEAD = "Prénom;Nom;Société;Forme juridique;Fonction;E-mail;Pays;Source;Référence;Collecté le;Information donnée le\n"
WORD = ', indirect_override: "C. Durand"}'


def listed(project: Project, days: int) -> None:
    """One lawyer, found in a directory so many days ago, who was told nothing."""
    on = datetime.now().astimezone().date() - timedelta(days=days)
    row = f"Léa;Petit;Verre SA;SA;Directrice juridique;lea.petit@verre.example;France;page publique;ANN-7;{on};\n"
    (project.folder / "campaigns" / "spring-contacts.csv").write_text(HEAD + row, encoding="utf-8")
    project.replace(
        "campaigns/spring.yaml", '  notice: {version: "2026-01", given_on: 2026-03-12, objection_offered: true}', ""
    )
    for kind in ("html", "txt"):
        include = f'{{% include "partials/legal-footer.{kind}" %}}'
        notice = f'{{% include "partials/first-contact-notice.{kind}" %}}'
        project.replace(f"templates/spring/mail.{kind}", include, f"{include}\n{notice}")


@pytest.mark.parametrize(("days", "signed", "sent"), [(5, True, 1), (5, False, 0), (40, True, 0)])
def test_the_first_mail_tells_within_the_month(project: Project, days: int, signed: bool, sent: int) -> None:
    """In time and signed for it goes out, with the notice in both parts; otherwise nothing goes."""
    listed(project, days)
    if signed:
        project.replace("campaigns/spring.yaml", "balancing_test: lia-2026.md}", "balancing_test: lia-2026.md" + WORD)

    result = project.practise("--json")

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted"] == sent
    for mail in project.mails():
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                assert "ANN-7" in part.get_content()
                assert "CNIL" in part.get_content()
