"""A search with fresh draws by arrays that hold several portfolios: what NumPy, PyTorch and CuPy have in common.

Arrays are [portfolio][asset][attempt]: everything but the matrix product then runs along attempts, which are many. An
attempt is evaluated whether it is accepted or not, because masking costs less than gathering.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

import canonical as program
from searcher import Sample
from task import NO_WINNER, Task, Winner, better


class BatchedSearcher(ABC):
    def __init__(self, task: Task, batch: int) -> None:
        self._task = task
        self._batch = batch

    # What a library supplies. `Any` stands for its arrays.

    @abstractmethod
    def _seed(self, number: int) -> None:
        """Begins another stream of random numbers."""

    @abstractmethod
    def _draw(self, portfolios: int) -> Any:
        """Exponentials [portfolios][k][attempts], in the form that _evaluate takes."""

    @abstractmethod
    def _from_program(self, exponentials: np.ndarray) -> Any:
        """Given exponentials of the same shape, in that form."""

    @abstractmethod
    def _evaluate(self, draws: Any, assets: np.ndarray) -> tuple[Any, Any]:
        """Sharpe ratios and whether the attempt is accepted, both [portfolios][attempts]."""

    @abstractmethod
    def _best(self, sharpe: Any, accepted: Any, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each portfolio: the largest ratio among its first `wanted` accepted attempts; where; how many there were,
        at most `wanted`."""

    @abstractmethod
    def _to_numpy(self, array: Any) -> np.ndarray:
        """A copy on the host."""

    # The search itself.

    def search(self, first: int, end: int, canonical: bool = False) -> Winner:
        self._seed(first)
        best = NO_WINNER
        for begin in range(first, end, self._batch):
            best = better(best, self._search_batch(range(begin, min(begin + self._batch, end)), canonical))
        return best

    def _search_batch(self, ranks: range, canonical: bool) -> Winner:
        assets = self._task.portfolios[ranks.start : ranks.stop]
        draws = self._draws_of(ranks, 0, canonical)
        largest, where, count = self._best(*self._evaluate(draws, assets), self._task.simulations)
        p = int(np.argmax(largest))
        best = Winner(float(largest[p]), ranks[p], int(where[p]))
        for short in np.flatnonzero(count < self._task.simulations):
            best = better(best, self._search_rest(ranks[short], int(count[short]), canonical))
        return best

    def _search_rest(self, rank: int, done: int, canonical: bool) -> Winner:
        """A portfolio whose attempts held too few simulations gets as many attempts again, until they suffice."""
        best, first = NO_WINNER, 0
        while done < self._task.simulations:
            first += self._task.attempts
            draws = self._draws_of(range(rank, rank + 1), first, canonical)
            evaluated = self._evaluate(draws, self._task.portfolios[rank : rank + 1])
            largest, where, count = self._best(*evaluated, self._task.simulations - done)
            best = better(best, Winner(float(largest[0]), rank, first + int(where[0])))
            done += int(count[0])
        return best

    def _draws_of(self, ranks: range, first_attempt: int, canonical: bool) -> Any:
        if not canonical:
            return self._draw(len(ranks))
        attempts, k = self._task.attempts, self._task.assets_per_portfolio
        return self._from_program(
            np.stack([program.exponentials(rank, first_attempt, attempts, k).T for rank in ranks])
        )

    def sample(self, simulations: int) -> Sample:
        self._seed(self._task.portfolio_count)  # no search begins there
        assets = np.repeat(self._task.portfolios[:1], self._batch, axis=0)
        sharpe, attempts = [], 0
        for _ in range(math.ceil(simulations / (self._batch * self._task.simulations))):
            ratios, accepted = (self._to_numpy(a) for a in self._evaluate(self._draw(self._batch), assets))
            sharpe.append(ratios[accepted])
            attempts += accepted.size
        return Sample(np.concatenate(sharpe).astype(np.float64), attempts)

    def close(self) -> None:
        pass

    def _coefficients(self, assets: np.ndarray) -> np.ndarray:
        """[portfolios][k + 2][k]: one product with the draws gives Sigma e, excess'e and the sum of e."""
        k = self._task.assets_per_portfolio
        rows = np.empty((len(assets), k + 2, k), np.float32)
        rows[:, :k] = self._task.annual_covariance[assets[:, :, None], assets[:, None, :]]
        rows[:, k] = self._task.excess[assets]
        rows[:, k + 1] = 1.0
        return rows
