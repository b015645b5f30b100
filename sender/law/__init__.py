"""The law as data: rule packs of countries, the resolver that combines them, the classes of addresses.

In: two countries and the packs that the operator accepted; an address with what is known of its firm. Out: ``Rules``,
each with its citation; an ``AddressClass``. The packs are engineering input, not legal advice: what a pack says is
marked as sourced or to be verified, and loosens the strict default only once accepted. It knows no campaign, no
contact and no data base.
"""

from sender.law.addresses import classify, is_disposable, is_never_mail
from sender.law.allowances import allowances, loosened
from sender.law.pack import Pack, fingerprint, load, pack_ids
from sender.law.resolver import accepted_by, resolve
from sender.law.rules import Permission, Rules, Ruling

__all__ = [
    "Pack",
    "Permission",
    "Rules",
    "Ruling",
    "accepted_by",
    "allowances",
    "classify",
    "fingerprint",
    "is_disposable",
    "is_never_mail",
    "load",
    "loosened",
    "pack_ids",
    "resolve",
]
