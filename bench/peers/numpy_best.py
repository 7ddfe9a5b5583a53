"""The fastest NumPy we know how to write, for one process with one BLAS thread; pool.py runs one on each core.

What it does otherwise than the original: the mean return first, so that no daily return is formed; a quadratic form for
each simulation in place of the S x S product; single precision; a few portfolios at a time, so that arrays stay in the
L2 cache; buffers that are kept. Exponentials are -log of uniforms made from raw random bits, which takes less than half
the time of Generator.standard_exponential.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from batched import BatchedSearcher
from shared_table import SharedTableSearcher, Table
from task import Task

_SEED = 1
_FRESH_BATCH = 4  # portfolios: 2 arrays of 0.5 MB
_SHARED_BLOCK = 128  # portfolios: 2 arrays of 0.5 MB
_BITS_OF_ONE = np.uint32(0x3F800000)
_BELOW_ONE = np.float32(1.0 - 2.0**-24)


class NumpyBestFresh(BatchedSearcher):
    """Draws are log(u), negative exponentials: what follows is homogeneous in them, so the last step puts it right."""

    def __init__(self, task: Task) -> None:
        super().__init__(task, _FRESH_BATCH)
        k, attempts = task.assets_per_portfolio, task.attempts
        self._logs = np.empty((_FRESH_BATCH, k, attempts), np.float32)
        self._products = np.empty((_FRESH_BATCH, k + 2, attempts), np.float32)
        self._variance = np.empty((_FRESH_BATCH, attempts), np.float32)
        self._cap = np.float32(task.max_weight)
        self._seed(0)

    def _seed(self, number: int) -> None:
        self._bits = np.random.SFC64([_SEED, number])

    def _draw(self, portfolios: int) -> np.ndarray:
        logs = self._logs[:portfolios]
        words = self._bits.random_raw(-(-logs.size // 2)).view(np.uint32)[: logs.size].reshape(logs.shape)
        # 23 random bits below the exponent of 1 make a float in [1, 2), and that less almost 1 a uniform in (0, 1).
        words >>= np.uint32(9)
        words |= _BITS_OF_ONE
        uniforms = words.view(np.float32)
        uniforms -= _BELOW_ONE
        return np.log(uniforms, out=logs)

    def _from_program(self, exponentials: np.ndarray) -> np.ndarray:
        return -exponentials.astype(np.float32)

    def _evaluate(self, draws: np.ndarray, assets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        k, count = self._task.assets_per_portfolio, len(assets)
        products = np.matmul(self._coefficients(assets), draws, out=self._products[:count])
        variance = np.einsum("pkm,pkm->pm", products[:, :k], draws, out=self._variance[:count])
        total = products[:, k + 1]
        accepted = draws.min(axis=1) >= self._cap * total
        sharpe = products[:, k] / np.sqrt(variance, out=variance)
        return np.negative(sharpe, out=sharpe), accepted

    def _best(self, sharpe: np.ndarray, accepted: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count = np.cumsum(accepted, axis=1, dtype=np.int32)
        sharpe[~accepted | (count > wanted)] = -np.inf
        where = sharpe.argmax(axis=1)
        return sharpe[np.arange(len(sharpe)), where], where, np.minimum(count[:, -1], wanted)

    def _to_numpy(self, array: np.ndarray) -> np.ndarray:
        return array.copy()


class NumpyBestShared(SharedTableSearcher):
    class Held(NamedTuple):
        weights: np.ndarray
        products: np.ndarray

    def __init__(self, task: Task) -> None:
        super().__init__(task, _SHARED_BLOCK)
        self._variance = np.empty((_SHARED_BLOCK, task.simulations), np.float32)
        self._sharpe = np.empty_like(self._variance)

    def _hold(self, table: Table) -> Held:
        return self.Held(table.weights, table.products)

    def _sharpe_ratios(self, held: Held, assets: np.ndarray) -> np.ndarray:
        variance = np.matmul(self._packed(assets), held.products, out=self._variance[: len(assets)])
        sharpe = np.matmul(self._excess[assets], held.weights, out=self._sharpe[: len(assets)])
        return np.divide(sharpe, np.sqrt(variance, out=variance), out=sharpe)

    def _largest(self, sharpe: np.ndarray) -> tuple[float, int]:
        place = int(sharpe.argmax())
        return float(sharpe.flat[place]), place

    def _to_numpy(self, array: np.ndarray) -> np.ndarray:
        return array.copy()
