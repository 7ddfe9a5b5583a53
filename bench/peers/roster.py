"""Which peers there are, and how each is built."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass, field
from typing import Any, Optional

from pool import PoolSearcher
from searcher import Searcher
from task import Task


@dataclass(frozen=True)
class Peer:
    name: str
    method: str  # as the table says it
    searcher: str  # module:class
    draws: str = "fresh"
    options: dict[str, Any] = field(default_factory=dict)  # of the class
    blas_threads: Optional[int] = None  # None: what the library takes by itself
    processes: int = 1
    chunk: int = 0  # portfolios that a process takes at most at a time; 0: no pool
    gpu: bool = False


def _make(searcher: str, options: dict[str, Any], task: Task) -> Searcher:
    """Imports the peer's library only in the processes that use it."""
    module, name = searcher.split(":")
    return getattr(importlib.import_module(module), name)(task, **options)


def build(peer: Peer, task: Task) -> Searcher:
    make = functools.partial(_make, peer.searcher, peer.options)
    return PoolSearcher(task, make, peer.processes, peer.chunk) if peer.chunk else make(task)


def _originals(cores: int) -> list[Peer]:
    searcher = "numpy_original:NumpyOriginal"
    peers = [Peer("numpy-original", "original mathematics, 1 process", searcher)]
    # 8 is what the original's author ran.
    for threads in (None, 1):
        for processes in sorted({cores, 8}):
            peers.append(
                Peer(
                    f"numpy-original-pool{processes}" + ("" if threads is None else "-1thread"),
                    f"original mathematics, Pool of {processes}" + ("" if threads is None else ", 1 BLAS thread each"),
                    searcher,
                    blas_threads=threads,
                    processes=processes,
                    chunk=64,
                )
            )
    return peers


def _best(cores: int) -> list[Peer]:
    return [
        Peer(
            f"numpy-best-{draws}",
            f"best NumPy, {draws} draws, {cores} processes",
            f"numpy_best:NumpyBest{draws.capitalize()}",
            draws,
            blas_threads=1,
            processes=cores,
            chunk=512,
        )
        for draws in ("fresh", "shared")
    ]


def _torch(cores: int) -> list[Peer]:
    peers = []
    for draws in ("fresh", "shared"):
        searcher = f"torch_peer:Torch{draws.capitalize()}"
        peers.append(
            Peer(
                f"torch-cpu-{draws}",
                f"PyTorch on the CPU, {draws} draws, {cores} threads",
                searcher,
                draws,
                {"threads": cores},
            )
        )
        if cores > 1:  # PyTorch draws on one thread, however many it may use
            peers.append(
                Peer(
                    f"torch-cpu-{draws}-pool",
                    f"PyTorch on the CPU, {draws} draws, {cores} processes of 1 thread",
                    searcher,
                    draws,
                    {"threads": 1},
                    blas_threads=1,
                    processes=cores,
                    chunk=512,
                )
            )
    return peers


def _gpu() -> list[Peer]:
    peers = []
    for draws in ("fresh", "shared"):
        title = draws.capitalize()
        peers += [
            Peer(
                f"torch-gpu-{draws}",
                f"PyTorch on the GPU, {draws} draws",
                f"torch_peer:Torch{title}",
                draws,
                {"device": "cuda"},
                gpu=True,
            ),
            Peer(f"cupy-{draws}", f"CuPy on the GPU, {draws} draws", f"cupy_peer:Cupy{title}", draws, gpu=True),
        ]
    return peers


def roster(cores: int) -> list[Peer]:
    return _originals(cores) + _best(cores) + _torch(cores) + _gpu()
