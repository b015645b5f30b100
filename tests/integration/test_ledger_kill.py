"""A real death: a process with letters on the wire is killed, and the next one goes on at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from sender.model import Sums
from sender.store import Store
from tests.unit.ledger.scene import ACCEPTED, Scene

VICTIM = """
import sys, time
from pathlib import Path
from sender.ledger import State
from sender.store import Store
from tests.unit.ledger.scene import ACCEPTED, Scene
scene = Scene(Store.open(sys.argv[1]), State(Path(sys.argv[2])), campaign=1)
run = scene.start()
scene.send(run, ACCEPTED, 3)
opened = scene.open(run, scene.claim(run, 2))
scene.claim(run, 4)
print(len(opened), flush=True)
sys.stdin.read()
"""


def test_after_a_kill_the_next_process_goes_on_at_once(tmp_path: Path) -> None:
    """Two letters were on the wire: they are unknown; all others are sent exactly once, without waiting for a lease."""
    file, folder = tmp_path / "s.db", tmp_path / "state"
    store = Store.open(str(file), create=True)
    scene = Scene.make(store, folder, audience=10)
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(file), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"2\n"
        assert scene.sums() == Sums(accepted=3, sending=2, waiting=5)
        victim.send_signal(signal.SIGKILL)
        victim.wait(30)

    run = scene.start()

    assert scene.sums() == Sums(accepted=3, unknown=2, waiting=5)
    assert len(scene.send(run, ACCEPTED)) == 5
    assert scene.sums() == Sums(accepted=8, unknown=2)
    store.close()
