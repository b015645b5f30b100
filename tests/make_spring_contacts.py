"""Writes campaigns/spring-contacts.csv as a French Excel saves it: cp1252, semicolons, CRLF. All people are invented.

python tests/make_spring_contacts.py
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

TARGET = Path(__file__).parents[1] / "campaigns" / "spring-contacts.csv"

HEADERS = (
    "Prénom", "Nom", "Société", "Forme juridique", "Fonction", "E-mail", "Pays",
    "Source", "Référence", "Collecté le", "Information donnée le", "Opposition proposée", "Effectif",
)  # fmt: skip

# Rows to which everything that the campaign file says about the fair applies: they may be written to.
MAY_BE_SENT = """
Élodie|Lefèvre|Aubépine Logistique|SAS|Directrice juridique|elodie.lefevre@aubepine-logistique.example
Jean-Baptiste|Moreau|Moreau & Fils|SARL|Gérant|jb.moreau@moreau-fils.example
Anaïs|D’Hérouville|Ateliers du Cœur|SAS|DPO|anais.dherouville@ateliers-du-coeur.example
Cédric|Œuvrard|Verrerie de l’Œuvre|SA|Directeur général|cedric.oeuvrard@verrerie-oeuvre.example
Maëlle|Guézennec|Biscuiterie Guézennec|SAS|Déléguée à la protection des données|maelle@guezennec.example
François|Noël|Noël Transports|SARL|Gérant|francois.noel@noel-transports.example
Zoé|Bénard-Thuillier|Thuillier Emballages|SAS|Juriste|zoe.benard@thuillier-emballages.example
Loïc|Le Goff|Chantiers Le Goff|SAS|PDG|loic@chantiers-legoff.example
Inès|Ferreira|Soleil Vert Énergies|SAS|Responsable juridique|i.ferreira@soleil-vert.example
Aurélien|Châtelain|Groupe Châtelain|SA|Directeur juridique|aurelien.chatelain@groupe-chatelain.example
Bérénice|Roussel|Papeterie Roussel|SARL|Gérante|berenice@papeterie-roussel.example
Mickaël|Étienne|Fonderies d’Étienne|SAS|Président|m.etienne@fonderies-etienne.example
Noémie|Saint-Aubin|Saint-Aubin Conseil|SASU|Présidente|noemie@saint-aubin-conseil.example
Gaëtan|Prévost|Prévost Mécanique|SAS|Directeur général|gaetan.prevost@prevost-mecanique.example
Hélène|Vasseur|Mutuelle des Deux Rives|Mutuelle|Déléguée à la protection des données|dpd.vasseur@deux-rives.example
Stéphane|Cœurderoy|Imprimerie Cœurderoy|EURL|Gérant|stephane@coeurderoy.example
Clémence|Bâcle|Maison Bâcle|SAS|Directrice générale|clemence.bacle@maison-bacle.example
Raphaël|Hoareau|Hoareau Distribution|SARL|Co-gérant|raphael@hoareau-distribution.example
Océane|Lemaître|Lemaître Santé|SELAS|Juriste|oceane.lemaitre@lemaitre-sante.example
Benoît|Garçon|Garçon Frères|SARL|Gérant|benoit.garcon@garcon-freres.example
Léa|Nuñez|Nuñez Traiteur|SAS|Présidente|lea@nunez-traiteur.example
Thaïs|Müller-Roy|Laboratoires Roy|SAS|Responsable RGPD|thais.muller@laboratoires-roy.example
Grégoire|Le Bœuf|Abattoirs de l’Ouest|SA|Directeur juridique|gregoire.leboeuf@abattoirs-ouest.example
Amélie|Delaunay|Delaunay Immobilier|SAS|Directrice juridique|amelie@delaunay-immobilier.example
Jérôme|Péan|Coopérative du Léman|SCOP|Directeur général|jerome.pean@coop-leman.example
Célia|Öberg|Öberg France|SAS|Responsable juridique|celia.oberg@oberg-france.example
Hervé|L’Hostis|Pêcheries L’Hostis|SARL|Gérant|herve@lhostis.example
Solène|Quéré|Quéré Nautisme|SAS|DPO|solene.quere@quere-nautisme.example
Tristan|Dœuff|Dœuff Informatique|SAS|PDG|tristan@doeuff-informatique.example
Manon|Fougère|Jardins Fougère|EURL|Gérante|manon@jardins-fougere.example
Rémi|Bœglin|Textiles Bœglin|SAS|Directeur général|remi.boeglin@textiles-boeglin.example
Adèle|Joly-Crémieux|Crémieux Assurances|SA|Directrice juridique|adele.joly@cremieux-assurances.example
Mathéo|Ségur|Eaux de Ségur|SAS|Responsable juridique|matheo.segur@eaux-de-segur.example
Yaëlle|Azoulay|Azoulay Optique|SARL|Gérante|yaelle@azoulay-optique.example
Kévin|N’Guessan|N’Guessan Textile|SAS|Président|kevin.nguessan@nguessan-textile.example
Apolline|Théry|Théry Béton|SAS|Juriste|apolline.thery@thery-beton.example
Côme|Desprès|Desprès & Associés|SAS|Délégué à la protection des données|come@despres-associes.example
Agnès|Vallée|Vallée Formation|SASU|Présidente|agnes@vallee-formation.example
Ulysse|Pâris|Caisse à 1 € – Pâris|SAS|Directeur général|ulysse@caisse-un-euro.example
||Charpentes Rivière|SARL||contact@charpentes-riviere.example
||Menuiserie Prat SARL|||contact@menuiserie-prat.example
"""

# Rows that a gate holds, each for one reason of its own, with the cells that make it so. "!" begins a gate's rows.
HELD = """
! address: the desk for complaints about abuse serves the domain, not offers
||Réseaux Alizé|SAS|Directeur général|abuse@reseaux-alize.example|
! source: guessed, scraped, bought without a reference, unknown
Paul|Giraud|Giraud Levage|SAS|Directeur général|paul.giraud@giraud-levage.example|Source=Adresse devinée
Nadège|Périer|Périer Media|SAS|Directrice juridique|nadege@perier-media.example|Source=LinkedIn;Collecté le=02/02/2026
Olivier|Séchet|Séchet Carrelage|SARL|Gérant|olivier@sechet.example|Source=Fichier acheté;Collecté le=15/01/2026
Sandrine|Bégué|Bégué Vins|SARL|Gérante|sandrine@begue-vins.example|Source=Inconnue
! notice: not told (a sole trader's contact@ is their own, unlike a company's); told a month late; could not object
||Plomberie Estève|EI|Gérant|contact@plomberie-esteve.example|Source=Client;Collecté le=03/02/2026
Patrice|Crépin|Crépin Outillage|SAS|PDG|patrice@crepin-outillage.example|Source=Carte de visite;Collecté le=20/02/2026
Valérie|Hénon|Hénon Couture|SAS|DPO|valerie@henon-couture.example|Information donnée le=15/04/2026
Didier|Maréchal|Maréchal Bois|SAS|Directeur général|didier@marechal-bois.example|Opposition proposée=non
! basis: Germany asks for consent; nobody employs them, so they are a consumer
Jürgen|Weiß|Weiß Maschinenbau|GmbH|Geschäftsführer|j.weiss@weiss-maschinenbau.example|Pays=Allemagne
Lucie|Abadie|||Juriste|lucie.abadie@courrier-abadie.example|
! relevance: another function; one that nobody can tell; none
Bruno|Fréchet|Fréchet Acier|SAS|Responsable maintenance|bruno.frechet@frechet-acier.example|
Coralie|Hervé|Hervé Tourisme|SAS|Chargée de mission|coralie@herve-tourisme.example|
Damien|Ménard|Ménard Audio|SAS||damien.menard@menard-audio.example|
Éric|Lévêque|Lévêque Pneus|SARL|Magasinier|eric@leveque-pneus.example|
! retention: nothing came from them for more than three years
Françoise|Barthélemy|Barthélemy Tissus|SAS|Directrice juridique|francoise@barthelemy-tissus.example|Référence=Salon du droit 2021;Collecté le=18/03/2021;Information donnée le=18/03/2021
! country: a name that nobody knows, so the strictest law applies
Marc|Ölander|Ölander Papier|SAS|PDG|marc@olander-papier.example|Pays=Syldavie
"""  # noqa: E501 (one row, one line)

# Rows that are no contacts of their own.
NOT_CONTACTS = """
Élodie|Lefèvre|Aubépine Logistique|SAS|Directrice juridique|Elodie.Lefevre@Aubepine-Logistique.example
Arnaud|Beaufrère|Beaufrère Serrures|SARL|Gérant|arnaud.beaufrere(at)beaufrere-serrures.example
"""


def rows() -> list[dict[str, str]]:
    sent = [_row(line) for line in MAY_BE_SENT.strip().splitlines()]
    held = [_row(line) for line in HELD.strip().splitlines() if not line.startswith("!")]
    double, bad = (_row(line) for line in NOT_CONTACTS.strip().splitlines())
    return [*sent[:20], *held[:9], *sent[20:], bad, *held[9:], double]


def _row(line: str) -> dict[str, str]:
    cells = line.split("|")
    row = dict(zip(HEADERS[:6], cells, strict=False)) | {"Pays": "France"}
    row["Effectif"] = str(10 + 7 * len(cells[2]))
    return row | dict(pair.split("=") for pair in "".join(cells[6:]).split(";") if pair)


def content() -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue().encode("cp1252")


if __name__ == "__main__":
    TARGET.write_bytes(content())
