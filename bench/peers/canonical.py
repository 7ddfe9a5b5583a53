"""The program's own simulations, in NumPy: the draws that every peer is given when its answer is checked.

Philox4x32-10 (J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC11) with the seed as key and the
counter (attempt * B + block, tile, stream low, stream high), B = ceil(k / 4) blocks of four words to an attempt; the
stream is the portfolio's rank, or all ones with shared draws. A word's upper 23 bits give u = (2 bits + 1) / 2^24 and
the exponential -log(u). The program takes the logarithm by a polynomial that is right to a relative 2e-6, so weights
made here are the program's to about as much.
"""

from __future__ import annotations

import numpy as np

SHARED_STREAM = 2**64 - 1
WORDS_PER_BLOCK = 4

_ROUNDS = 10
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox(counters: np.ndarray, key: int) -> np.ndarray:
    """The four words of each counter: [n][4] of uint64 that hold 32 bits, in and out."""
    c0, c1, c2, c3 = (counters[:, i] for i in range(4))
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(_ROUNDS):
        first, second = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (second >> _HALF) ^ c1 ^ np.uint64(k0),
            second & _LOW,
            (first >> _HALF) ^ c3 ^ np.uint64(k1),
            first & _LOW,
        )
        k0, k1 = (k0 + _KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + _KEY_STEPS[1]) & 0xFFFFFFFF
    return np.stack((c0, c1, c2, c3), axis=1)


def exponentials(stream: int, first_attempt: int, attempts: int, k: int, tile: int = 0, seed: int = 0) -> np.ndarray:
    """[attempts][k]: the exponentials of successive attempts of one tile, before any is rejected."""
    blocks = -(-k // WORDS_PER_BLOCK)
    counters = np.empty((attempts * blocks, 4), np.uint64)
    counters[:, 0] = np.arange(first_attempt * blocks, (first_attempt + attempts) * blocks, dtype=np.uint64)
    counters[:, 1] = tile
    counters[:, 2] = stream & 0xFFFFFFFF
    counters[:, 3] = stream >> 32
    words = philox(counters, seed).reshape(attempts, blocks * WORDS_PER_BLOCK)[:, :k]
    return -np.log((2.0 * (words >> np.uint64(9)) + 1.0) / 2**24)
