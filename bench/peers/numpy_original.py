"""The mathematics of the original NumPy program: every intermediate result at full size, in double.

For each portfolio: S random weight vectors, the S x T matrix of their daily returns for the mean, and the S x S product
W Sigma W' for the S variances on its diagonal.
"""

from __future__ import annotations

import math

import numpy as np

import canonical as program
from searcher import Sample
from task import NO_WINNER, Task, Winner, better

_SEED = 1


class NumpyOriginal:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._covariance = np.cov(task.returns, rowvar=False)

    def search(self, first: int, end: int, canonical: bool = False) -> Winner:
        best = NO_WINNER
        for rank in range(first, end):
            weights, attempts, _ = self._draw(rank, canonical)
            sharpe = self._sharpe_ratios(weights, self._task.portfolios[rank])
            s = int(np.argmax(sharpe))
            best = better(best, Winner(float(sharpe[s]), rank, int(attempts[s])))
        return best

    def sample(self, simulations: int) -> Sample:
        sharpe, attempts = [], 0
        # Ranks are only the seeds here: all draws are judged as weights of portfolio 0.
        for seed in range(math.ceil(simulations / self._task.simulations)):
            weights, _, tried = self._draw(seed, canonical=False)
            sharpe.append(self._sharpe_ratios(weights, self._task.portfolios[0]))
            attempts += tried
        return Sample(np.concatenate(sharpe), attempts)

    def close(self) -> None:
        pass

    def _draw(self, rank: int, canonical: bool) -> tuple[np.ndarray, np.ndarray, int]:
        """Weights [S][k] uniform on the simplex below the cap, their attempts' numbers, attempts up to the last one."""
        wanted, k = self._task.simulations, self._task.assets_per_portfolio
        generator = np.random.default_rng([_SEED, rank])
        weights, attempts = np.empty((0, k)), np.empty(0, np.int64)
        first = 0
        while len(weights) < wanted:
            if canonical:
                spacings = program.exponentials(rank, first, wanted, k)
            else:
                spacings = generator.standard_exponential((wanted, k))
            points = spacings / spacings.sum(axis=1, keepdims=True)
            kept = np.flatnonzero(points.max(axis=1) <= self._task.max_weight)
            weights = np.concatenate((weights, points[kept]))
            attempts = np.concatenate((attempts, first + kept))
            first += wanted
        return weights[:wanted], attempts[:wanted], int(attempts[wanted - 1]) + 1

    def _sharpe_ratios(self, weights: np.ndarray, assets: np.ndarray) -> np.ndarray:
        year = self._task.periods_per_year
        daily_returns = self._task.returns[:, assets] @ weights.T
        expected_return = daily_returns.mean(axis=0) * year
        products = weights @ self._covariance[np.ix_(assets, assets)] @ weights.T
        volatility = np.sqrt(np.diagonal(products) * year)
        return (expected_return - self._task.risk_free) / volatility
