"""The benchmark's end of a peer_process.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from roster import Peer
from searcher import PeerUnavailable

_SETTINGS = ("OPENBLAS_", "MKL_", "OMP_", "GOTO_", "BLIS_")
_THREAD_COUNTS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
_LONGEST_ANSWER = 600  # seconds
_LONGEST_GOODBYE = 10


class PeerFailed(Exception):
    """The peer's process gave an error in place of an answer, or none."""


def clean_environment() -> dict[str, str]:
    """Ours, without what would tune a BLAS: everybody runs as it comes."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}


class RemotePeer:
    def __init__(self, peer: Peer, cores: int, market: str) -> None:
        environment = clean_environment()
        if peer.blas_threads is not None:
            environment.update(dict.fromkeys(_THREAD_COUNTS, str(peer.blas_threads)))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("peer_process.py")), peer.name, str(cores), market],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the benchmark, which then ends its peers
        )
        assert self._process.stdin and self._process.stdout
        self._orders, self._answers = self._process.stdin, self._process.stdout
        try:
            self._receive()
        except BaseException:
            self.close()
            raise

    def ask(self, **order: Any) -> Any:
        try:
            print(json.dumps(order), file=self._orders, flush=True)
        except BrokenPipeError:
            raise PeerFailed("its process ended") from None
        return self._receive()

    def _receive(self) -> Any:
        watch = threading.Timer(_LONGEST_ANSWER, self._process.terminate)
        watch.start()
        try:
            line = self._answers.readline()
        finally:
            watch.cancel()
        if not line:
            raise PeerFailed("its process ended without an answer")
        answer = json.loads(line)
        if "unavailable" in answer:
            raise PeerUnavailable(answer["unavailable"])
        if "error" in answer:
            raise PeerFailed(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """Ends the process; it ends its workers and removes its shared memory."""
        self._process.terminate()
        try:
            self._process.wait(_LONGEST_GOODBYE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._orders.close()
        self._answers.close()
