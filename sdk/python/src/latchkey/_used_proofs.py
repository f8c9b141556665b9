"""The proofs of possession that were used, in memory."""

from __future__ import annotations

import threading
import time

from ._keys import Clock
from ._proof import Proof

# A proof is usable for 65 seconds, so this is 1500 requests a second.
_CAPACITY = 100_000


class UsedProofs:
    """Remembers proofs in the memory of this process; behind one address there may be one process.

    If no more can be remembered, requests are refused, because a proof that is not remembered could be used again.
    """

    def __init__(self, clock: Clock = time, capacity: int = _CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], int] = {}

    def __call__(self, proof: Proof) -> bool:
        key = (proof.thumbprint, proof.id)
        with self._lock:
            if len(self._used) >= self._capacity:
                now = int(self._clock.time())
                self._used = {used: until for used, until in self._used.items() if until >= now}
            if key in self._used or len(self._used) >= self._capacity:
                return False
            self._used[key] = proof.usable_until
            return True
