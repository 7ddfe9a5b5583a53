"""Times the program beside the peers, on one task, in one run; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import Any, Optional

import checks
import measure
import options
from program import Program
from remote_peer import PeerFailed, RemotePeer
from report import markdown
from roster import Peer, roster
from searcher import PeerUnavailable
from task import Task, Winner, read_returns

_TREE = Path(__file__).resolve().parents[2]
_SECONDS, _REPETITIONS = 5.0, 5  # of one measurement; of each
_QUICK_SECONDS, _QUICK_REPETITIONS = 0.7, 3
_NO_GPU = "no GPU can be used"  # in the program's message; any other is a failure


def say(text: str) -> None:
    print(f"peers: {text}", file=sys.stderr, flush=True)


class Entrant:
    """One row of the table: a peer, or the program itself."""

    def __init__(self, name: str, method: str, ours: bool) -> None:
        self.entry: dict[str, Any] = {"name": name, "method": method, "ours": ours}
        self.portfolios = 0  # of one measurement
        self.times: list[float] = []

    def prepare(self) -> None:
        """Runs the checks and finds how many portfolios to time."""
        raise NotImplementedError

    def measure(self) -> float:
        raise NotImplementedError

    def attempt(self, what: str) -> None:
        """Does one of the two above, unless it is settled that there will be no figure."""
        if "skipped" in self.entry or "failed" in self.entry:
            return
        try:
            if what == "prepare":
                self.prepare()
            else:
                self.times.append(self.measure())
        except PeerUnavailable as why:
            self.entry["skipped"] = str(why)
            say(f"{self.entry['name']}: skipped: {why}")
        except (PeerFailed, checks.CheckFailed) as why:
            self.entry["failed"] = str(why)
            say(f"{self.entry['name']}: FAILED: {why}")

    def settle(self, task: Task) -> None:
        if "skipped" in self.entry or "failed" in self.entry:
            return
        seconds = measure.summary(self.times)
        rate = self.portfolios * task.simulations / seconds["median"]
        self.entry.update(
            portfolios=self.portfolios,
            whole=self.portfolios == task.portfolio_count,
            seconds=seconds,
            simulations_per_second=rate,
            task_seconds=task.portfolio_count * task.simulations / rate,
        )


class PeerEntrant(Entrant):
    def __init__(self, peer: Peer, run: Run) -> None:
        super().__init__(peer.name, peer.method, ours=False)
        self._peer, self._run = peer, run
        self._remote: Optional[RemotePeer] = None

    def prepare(self) -> None:
        run, peer = self._run, self._peer
        self._remote = RemotePeer(peer, run.cores, run.market)
        run.closing.callback(self._remote.close)
        self.entry["libraries"] = self._remote.ask(do="libraries")
        winners = checks.winners_of(run.reports[peer.draws])
        found = self._remote.ask(do="search program's draws", ranges=list(winners))
        self.entry["same_answer"] = checks.check_answers([Winner(*winner) for winner in found], winners)
        sample = self._remote.ask(do="sample", simulations=checks.SAMPLE)
        acceptance = run.reports[peer.draws]["problem"]["acceptance"]
        self.entry["same_distribution"] = checks.check_distribution(sample, run.distribution, acceptance)
        self.portfolios = measure.portfolios_for(run.seconds, self._time_of, run.task.portfolio_count)

    def measure(self) -> float:
        return self._time_of(self.portfolios)

    def _time_of(self, portfolios: int) -> float:
        assert self._remote is not None
        return self._remote.ask(do="time", portfolios=portfolios)


class ProgramEntrant(Entrant):
    """The whole program, from its start to its end, with the whole task."""

    def __init__(self, draws: str, backend: str, run: Run) -> None:
        where = "on the GPU" if backend == "cuda" else f"on the CPU, {run.cores} processes"
        super().__init__(f"maxsharpe-{backend}-{draws}", f"maxsharpe {where}, {draws} draws", ours=True)
        self._draws, self._backend, self._run = draws, backend, run

    def prepare(self) -> None:
        try:
            report, _ = self._run.program.search(self._draws, self._backend, checks.PORTFOLIOS)
        except PeerFailed as why:
            if _NO_GPU in str(why):
                raise PeerUnavailable(str(why)) from None
            raise
        self.portfolios = self._run.task.portfolio_count
        self._require_same_best(report, self._run.reports[self._draws])

    def measure(self) -> float:
        report, seconds = self._run.program.search(self._draws, self._backend)
        self._require_same_best(report, self._run.whole_reports.setdefault(self._draws, report))
        self.entry["best"] = {key: report["best"][key] for key in ("rank", "tile", "attempt", "sharpe")}
        return seconds

    def _require_same_best(self, report: dict[str, Any], expected: dict[str, Any]) -> None:
        if not report["complete"] or report["best"] != expected["best"]:
            raise checks.CheckFailed("its answer differs from its answer before")


class Run:
    def __init__(self, chosen: argparse.Namespace, closing: contextlib.ExitStack) -> None:
        self.closing = closing
        self.market = str(_TREE / "examples/market.csv")
        self.cores = measure.cores()
        self.machine = measure.machine(_TREE)
        self.seconds = _QUICK_SECONDS if chosen.quick else _SECONDS
        self.repetitions = _QUICK_REPETITIONS if chosen.quick else _REPETITIONS
        self.task = Task(read_returns(self.market))
        self.program = Program(chosen.program, self.market, self.task)
        self.reports = {draws: self.program.search(draws, "cpu", checks.PORTFOLIOS)[0] for draws in ("fresh", "shared")}
        self.whole_reports: dict[str, dict[str, Any]] = {}
        self.distribution = checks.program_distribution(self.task)
        self.entrants = self._entrants(chosen.only)

    def _entrants(self, only: Optional[list[str]]) -> list[Entrant]:
        peers = [peer for peer in roster(self.cores) if only is None or peer.name in only]
        entrants: list[Entrant] = [PeerEntrant(peer, self) for peer in peers]
        for backend in ("cpu", "cuda"):
            entrants += [ProgramEntrant(draws, backend, self) for draws in ("fresh", "shared")]
        return entrants

    def do(self) -> dict[str, Any]:
        for entrant in self.entrants:
            say(f"checking {entrant.entry['name']}")
            entrant.attempt("prepare")
        for repetition in range(self.repetitions):
            say(f"timing, {repetition + 1} of {self.repetitions}")
            for entrant in self.entrants:
                entrant.attempt("measure")
        for entrant in self.entrants:
            entrant.settle(self.task)
        return self._result([entrant.entry for entrant in self.entrants])

    def _result(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        base = next((e.get("simulations_per_second") for e in entries if e["name"] == "numpy-original"), None)
        for entry in entries:
            if "simulations_per_second" in entry:
                entry["factor"] = entry["simulations_per_second"] / base if base else None
        report = self.reports["fresh"]
        return {
            "schema": "maxsharpe.peers/1",
            "machine": self.machine,
            "program": {"version": report["version"], "kernel": report["run"]["kernel"]},
            "task": {
                "file": "examples/market.csv",
                "assets": self.task.assets,
                "assets_per_portfolio": self.task.assets_per_portfolio,
                "max_weight": self.task.max_weight,
                "portfolios": self.task.portfolio_count,
                "simulations": self.task.simulations,
            },
            "repetitions": self.repetitions,
            "entries": entries,
        }


def read_options() -> argparse.Namespace:
    words = options.parser()
    chosen = words.parse_args()
    unknown = set(chosen.only or []) - {peer.name for peer in roster(measure.cores())}
    if unknown:
        names = ", ".join(peer.name for peer in roster(measure.cores()))
        words.error(f"no such peer: {', '.join(sorted(unknown))} (there are {names})")
    return chosen


def main() -> int:
    chosen = read_options()
    with contextlib.ExitStack() as closing:
        try:
            result = Run(chosen, closing).do()
        except (PeerFailed, OSError) as why:
            say(f"cannot run the program: {why}")
            return 1
        except KeyboardInterrupt:
            say("interrupted")
            return 130
    text, table = json.dumps(result, indent=2), markdown(result)
    if chosen.output:
        Path(chosen.output).write_text(text + "\n", encoding="utf-8")
        print(table)
    else:
        print(text)
        print(table, file=sys.stderr)
    return 1 if any("failed" in entry for entry in result["entries"]) else 0


if __name__ == "__main__":
    sys.exit(main())
