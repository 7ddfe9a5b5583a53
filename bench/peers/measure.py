"""Times, their medians, and the machine that took them."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import subprocess
from pathlib import Path
from typing import Any, Callable

_SHORTEST_TRIAL = 0.3  # seconds; below, a rate says little
_GROWTH = 4


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def portfolios_for(seconds: float, time_of: Callable[[int], float], total: int) -> int:
    """How many portfolios take so long; all of them where they take less than twice that. Warms up, too."""
    portfolios = min(16, total)
    taken = time_of(portfolios)
    while taken < _SHORTEST_TRIAL and portfolios < total:
        portfolios = min(portfolios * _GROWTH, total)
        taken = time_of(portfolios)
    wanted = portfolios * seconds / taken
    return total if wanted * 2.0 >= total else max(1, int(wanted))


def summary(times: list[float]) -> dict[str, Any]:
    return {
        "median": statistics.median(times),
        "smallest": min(times),
        "largest": max(times),
        "repetitions": len(times),
    }


def _first(file: str, field: str) -> str:
    try:
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            if line.startswith(field):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine(tree: Path) -> dict[str, Any]:
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": cores(),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        "commit": _output("git", "-C", str(tree), "describe", "--always", "--dirty", "--exclude=*"),
        "load_average_at_start": os.getloadavg()[0],
    }
