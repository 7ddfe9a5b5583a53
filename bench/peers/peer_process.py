"""One peer in a process of its own, so that its threads and its BLAS settings are its own.

    peer_process.py NAME CORES MARKET

reads orders from standard input, a JSON object a line, and answers each with a line: {"result": ...}, {"unavailable":
why} or {"error": what}. It ends with its input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from typing import Any

import threadpoolctl
import numpy as np

from roster import build, roster
from searcher import PeerUnavailable, Searcher
from task import Task, read_returns


def _libraries() -> dict[str, Any]:
    """What computes in this process (and in its workers, which have the same environment)."""
    found: dict[str, Any] = {
        "numpy": np.__version__,
        "threads": [
            {key: pool.get(key) for key in ("internal_api", "version", "architecture", "num_threads")}
            for pool in threadpoolctl.threadpool_info()
        ],
    }
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        found["torch"] = torch.__version__
        if torch.cuda.is_available():
            found["gpu"] = torch.cuda.get_device_name()
    if sys.modules.get("cupy") is not None:
        cupy = sys.modules["cupy"]
        found["cupy"] = cupy.__version__
        found["gpu"] = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    return found


def _obey(searcher: Searcher, order: dict[str, Any]) -> Any:
    if order["do"] == "libraries":
        return _libraries()
    if order["do"] == "search program's draws":
        return [searcher.search(first, end, canonical=True) for first, end in order["ranges"]]
    if order["do"] == "sample":
        sample = searcher.sample(order["simulations"])
        return {
            "mean": float(sample.sharpe.mean()),
            "deviation": float(sample.sharpe.std()),
            "simulations": len(sample.sharpe),
            "attempts": sample.attempts,
        }
    if order["do"] == "time":
        begin = time.perf_counter()
        searcher.search(0, order["portfolios"])  # its answer is on the host, so a GPU has finished too
        return time.perf_counter() - begin
    raise ValueError(f"no such order: {order}")


def _answer(searcher: Searcher, line: str) -> dict[str, Any]:
    try:
        return {"result": _obey(searcher, json.loads(line))}
    except Exception as error:  # whatever a library raises is this peer's failure, not the benchmark's
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def main(name: str, cores: str, market: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is below `finally` is done
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    peer = next(peer for peer in roster(int(cores)) if peer.name == name)
    try:
        searcher = build(peer, Task(read_returns(market)))
    except PeerUnavailable as why:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        say({"unavailable": str(why)})
        return
    try:
        say({"result": "ready"})
        for line in sys.stdin:
            say(_answer(searcher, line))
    finally:
        searcher.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if __name__ == "__main__":
    main(*sys.argv[1:])
