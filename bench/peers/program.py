"""maxsharpe itself, as it is used: a process that reads the file, searches, and writes its report."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from remote_peer import PeerFailed, clean_environment
from task import Task

TOP = 50


class Program:
    def __init__(self, path: str, market: str, task: Task) -> None:
        self._words = [
            *(path, "search", market, "--format", "json", "--progress", "never"),
            *("--assets", str(task.assets_per_portfolio), "--max-weight", str(task.max_weight)),
            *("--simulations", str(task.simulations), "--risk-free", str(task.risk_free)),
            *("--periods-per-year", str(task.periods_per_year)),
        ]
        self._total = task.portfolio_count

    def search(self, draws: str, backend: str, portfolios: int = 0) -> tuple[dict[str, Any], float]:
        """The report and the seconds from start to end. 0 portfolios: all; otherwise the best TOP of them are told."""
        words = [*self._words, "--draws", draws, "--backend", backend]
        words += ["--portfolios", f"0:{portfolios or self._total}"]
        words += ["--top", str(TOP)] if portfolios else []
        begin = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, env=clean_environment(), check=False)
        seconds = time.perf_counter() - begin
        if done.returncode != 0:
            raise PeerFailed(done.stderr.strip() or f"exit status {done.returncode}")
        return json.loads(done.stdout), seconds
