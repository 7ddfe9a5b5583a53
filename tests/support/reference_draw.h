/* What a simulation is, written a second time: weights from their identity, straight from the definitions and with
 * nothing of the library but the generator (Random123's Philox and sampling/exponential.h). Slow and plain on purpose.
 */
#ifndef MAXSHARPE_TEST_REFERENCE_DRAW_H
#define MAXSHARPE_TEST_REFERENCE_DRAW_H

#include <stddef.h>
#include <stdint.h>

enum { REFERENCE_MAX_K = 32, REFERENCE_TILE = 1024 };

enum reference_sampler { REFERENCE_REJECTION, REFERENCE_FIXED_SUM, REFERENCE_EQUAL_WEIGHTS };

/* All that a draw depends on but the simulation's identity. */
struct reference_draws {
    size_t k;
    uint64_t seed;
    double min_weight;
    double max_weight;
    enum reference_sampler sampler;
    long double acceptance; /* by inclusion and exclusion */
    float cap;              /* the rejection test; infinite: no test */
    double box_sum;         /* of the fixed-sum sampler's numbers in [0, 1] */
    int permute;            /* 1; 0 is a deliberate mistake, for a test of the tests */
    /* Stafford's t, times 2^31: [numbers left][column], both counted from 1. */
    uint32_t chance[REFERENCE_MAX_K + 1][REFERENCE_MAX_K + 2];
};

/* K <= REFERENCE_MAX_K, bounds that are feasible. */
void reference_draws_init(struct reference_draws *draws, size_t k, uint64_t seed, double min_weight, double max_weight);

/* The weights of one attempt into weights[K]. stream: the portfolio's rank, or UINT64_MAX for shared draws. Returns 1,
 * or 0 where the attempt is rejected. */
int reference_draw(const struct reference_draws *draws, uint64_t stream, uint32_t tile, uint32_t attempt,
                   double *weights);

/* sum_j (-1)^j C(K, j) (1 - j c)_+^(K-1) */
long double reference_acceptance(size_t k, long double cap);

#endif
