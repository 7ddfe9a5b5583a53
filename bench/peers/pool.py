"""A searcher on several processes: portfolios are dealt out in chunks, the returns lie in shared memory."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.pool import Pool
from multiprocessing.shared_memory import SharedMemory
from typing import Callable, Optional

import numpy as np

from searcher import Sample, Searcher
from task import NO_WINNER, Task, Winner, better

_CHUNKS_EACH = 4  # at least, so that no process waits long for the last one; Pool.map deals out as many

# Of a worker process; the segment is kept because the returns lie in it.
_searcher: Optional[Searcher] = None
_segment: Optional[SharedMemory] = None


def _begin(make: Callable[[Task], Searcher], segment: str, shape: tuple[int, int]) -> None:
    global _searcher, _segment
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    _segment = SharedMemory(name=segment)
    task = Task(np.ndarray(shape, np.float64, buffer=_segment.buf))
    _ = task.portfolios  # made before any time is taken
    _searcher = make(task)


def _search(first: int, end: int, canonical: bool) -> Winner:
    assert _searcher is not None
    return _searcher.search(first, end, canonical)


def _search_chunk(chunk: tuple[int, int, bool]) -> Winner:
    return _search(*chunk)


def _sample(simulations: int) -> Sample:
    assert _searcher is not None
    return _searcher.sample(simulations)


class PoolSearcher:
    def __init__(self, task: Task, make: Callable[[Task], Searcher], processes: int, chunk: int) -> None:
        make(task).close()  # what cannot run is said here: a pool would start failing workers for ever
        self._processes, self._largest_chunk = processes, chunk
        self._segment = SharedMemory(create=True, size=task.returns.nbytes)
        self._pool: Optional[Pool] = None
        try:
            np.ndarray(task.returns.shape, np.float64, buffer=self._segment.buf)[:] = task.returns
            # Fresh interpreters and not forks, so that each worker's BLAS starts its own threads.
            self._pool = multiprocessing.get_context("spawn").Pool(
                processes, _begin, (make, self._segment.name, task.returns.shape)
            )
        except BaseException:
            self.close()
            raise

    def search(self, first: int, end: int, canonical: bool = False) -> Winner:
        chunk = max(1, min((end - first) // (_CHUNKS_EACH * self._processes), self._largest_chunk))
        chunks = [(begin, min(begin + chunk, end), canonical) for begin in range(first, end, chunk)]
        best = NO_WINNER
        assert self._pool is not None
        for winner in self._pool.imap_unordered(_search_chunk, chunks):
            best = better(best, winner)
        return best

    def sample(self, simulations: int) -> Sample:
        assert self._pool is not None
        return self._pool.apply(_sample, (simulations,))

    def close(self) -> None:
        try:
            if self._pool is not None:
                self._pool.terminate()
                self._pool.join()
        finally:
            self._segment.close()
            self._segment.unlink()
