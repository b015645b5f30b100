"""Letters composed and signed by one process a core, beside ``openssl speed rsa2048`` times as many cores.

Both count seconds of a processor, as openssl does: what other programs take of the machine is in neither.

python tests/bench/signing.py [--letters N]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sender.dkim import Identity, Signer, make_key  # noqa: E402  (the path must stand first)
from sender.letters import Composer, Links, Moulds, Templates, synthetic_contacts  # noqa: E402
from sender.pipeline import read  # noqa: E402

SECONDS = 3  # of openssl
TRIES = 3  # in turn, the best of each counts: what other programs take away is not ours
WAYS: tuple[tuple[str, ...], ...] = ((), ("rsa",), ("rsa", "ed25519"))
_LINK = "https://courrier.eluard.example/u/AQEBkq0"


@dataclass(frozen=True, slots=True)
class Signing:
    """Per second of a processor, times ``cores``. ``openssl``: None where it is not installed."""

    cores: int
    openssl: float | None
    unsigned: float
    rsa: float
    both: float


def measure(letters: int) -> Signing:
    """``letters``: for each process and each way."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:

        def together(kinds: tuple[str, ...]) -> float:
            return sum(pool.map(compose, [letters] * cores, [kinds] * cores))

        together(())  # every process has its imports behind it
        tries = [(openssl(cores), *map(together, WAYS)) for _ in range(TRIES)]
    best = [max(rates) if None not in rates else None for rates in zip(*tries, strict=True)]
    return Signing(cores, *best)  # type: ignore[arg-type]  only the first may be None


def compose(letters: int, kinds: tuple[str, ...]) -> float:
    """Letters a second of this process, each of another person, all but the first out of a mould."""
    brief = read(ROOT / "campaigns" / "spring.yaml")
    keys = tuple(Identity(make_key(kind), "eluard.example", kind) for kind in kinds)  # type: ignore[arg-type]
    signer, templates = Signer(keys) if keys else None, Templates.load(brief.campaign)
    moulds = Moulds(templates, Composer(brief.campaign, templates, signer=signer))
    contact, now = synthetic_contacts(brief.campaign, templates.columns)[0], datetime.now(UTC)
    moulds.letter(contact, Links(_LINK), message_id="<0@eluard.example>", date=now)
    begun = time.process_time()
    for number in range(letters):
        person = replace(contact, last_name=f"Martin-{number}")
        moulds.letter(person, Links(f"{_LINK}{number}"), message_id=f"<{number}@eluard.example>", date=now)
    return letters / (time.process_time() - begun)


def openssl(cores: int) -> float | None:
    """Signs a second with 2048 bits, of one core, times their number."""
    program = shutil.which("openssl")
    if program is None:
        return None
    words = [program, "speed", "-seconds", str(SECONDS), "rsa2048"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^rsa\s+2048 bits\s+\S+s\s+\S+s\s+([0-9.]+)", said, re.MULTILINE)
    assert found, said
    return float(found[1]) * cores


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=3000)
    found = measure(parser.parse_args().letters)
    print(f"{found.cores} cores, a second")
    for name in ("openssl", "unsigned", "rsa", "both"):
        value = getattr(found, name)
        share = f"x {value / found.openssl:.2f}" if value and found.openssl else ""
        print(f"{name:<10} {value or 0:>8,.0f}  {share}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
