#include "screening/volatility_floor.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

size_t mxsi_volatility_floor_size(uint32_t n) {
    return mxsi_whole_cache_lines(n * sizeof(double));
}

/* v, with r v kept up to date as v moves. */
struct direction {
    const double *covariance;
    double scale; /* 1 / largest variance */
    uint32_t n;
    double *risk; /* [n] r v */
    double sum;   /* of v */
    double variance;
};

/* v_i += step */
static void move(struct direction *v, uint32_t i, double step) {
    const double *row = v->covariance + (size_t)i * v->n;
    v->variance += step * (2.0 * v->risk[i] + step * row[i] * v->scale);
    v->sum += step;
    for (uint32_t j = 0; j < v->n; ++j) {
        v->risk[j] += step * row[j] * v->scale;
    }
}

/* The asset whose correlation with v is lowest, and that correlation. */
static uint32_t least_correlated(const struct direction *v, double *correlation) {
    uint32_t least = 0;
    *correlation = HUGE_VAL;
    for (uint32_t i = 0; i < v->n; ++i) {
        const double own = v->covariance[(size_t)i * (v->n + 1)] * v->scale;
        const double found = v->risk[i] / sqrt(own * v->variance);
        if (!(found >= *correlation)) {
            *correlation = found;
            least = i;
        }
    }
    return least;
}

/* Moves v towards the assets that correlate with it least, until all do so in some measure. A perceptron: it ends where
 * there is such a v near enough; the number of moves is bounded anyway. */
static void seek_positive_direction(struct direction *v) {
    const double enough = 0.05;
    for (uint32_t i = 0; i < v->n; ++i) {
        move(v, i, 1.0);
    }
    for (uint32_t moves = 0; moves < 64 + 2 * v->n && v->variance > 0.0; ++moves) {
        double correlation = 0.0;
        const uint32_t asset = least_correlated(v, &correlation);
        if (!(correlation < enough)) {
            return;
        }
        const double own = v->covariance[(size_t)asset * (v->n + 1)] * v->scale;
        move(v, asset, (2.0 * enough - correlation) * sqrt(v->variance / own));
    }
}

int mxsi_volatility_floor_build(const struct mxsi_problem *problem, double risk_error, double *floor, double *ceiling) {
    const uint32_t n = problem->assets;
    double largest = 0.0;
    for (uint32_t i = 0; i < n; ++i) {
        largest = fmax(largest, problem->covariance[(size_t)i * (n + 1)]);
    }
    struct direction v = {.covariance = problem->covariance, .scale = 1.0 / largest, .n = n, .risk = floor};
    memset(v.risk, 0, n * sizeof *v.risk);
    seek_positive_direction(&v);
    /* The last term: with S = sum v, each of the 3 n + 64 moves adds at most S 2^-53 to the error of an element of
     * risk, three roundings of what it adds aside; so risk is (3 n + 67) S 2^-53 off, variance (6 n + 144) S^2 2^-53.
     */
    const double error = risk_error + ((double)n + 64.0) * 0x1p-50;
    const double decision = (2.0 * problem->assets_per_portfolio + 8.0) * 0x1p-53;
    const double margin = sqrt(error + decision);
    const double length = sqrt(v.variance + error * v.sum * v.sum);
    const double threshold = 0x1p-20; /* of a volatility; squared well above 1e-14 */
    int exists = 1;
    for (uint32_t i = 0; i < n; ++i) {
        const double own = problem->covariance[(size_t)i * (n + 1)] / largest;
        floor[i] = (v.risk[i] - error * v.sum) / length - margin;
        ceiling[i] = sqrt(own + error) + margin;
        exists &= floor[i] > threshold; /* which a NaN is not */
    }
    return exists;
}

void mxsi_volatility_floor_init(struct mxsi_volatility_floor *floor, const struct mxsi_problem *problem,
                                const struct mxsi_screening *screening, void *memory) {
    *floor = (struct mxsi_volatility_floor){.screening = screening, .assets = problem->assets, .slope = memory};
    mxsi_volatility_floor_set_bar(floor, -HUGE_VALF);
}

void mxsi_volatility_floor_set_bar(struct mxsi_volatility_floor *floor, float bar) {
    const struct mxsi_screening *screening = floor->screening;
    double largest = 1.0;
    floor->rules_out = screening->has_floor && isfinite(bar);
    const double *side = bar >= 0.0f ? screening->floor : screening->ceiling;
    for (uint32_t i = 0; i < floor->assets; ++i) {
        floor->slope[i] = floor->rules_out ? (double)screening->excess[i] - (double)bar * side[i] : 0.0;
        largest = fmax(largest, fabs(floor->slope[i]));
    }
    floor->slack = largest * (double)screening->excess_slack * (1.0 + 0x1p-10); /* and the slope has it, too */
}

void mxsi_volatility_floor_slope(const struct mxsi_volatility_floor *floor, const struct mxsi_problem *problem,
                                 const uint32_t *assets, int of_spacings, float *slope) {
    const uint32_t k = problem->assets_per_portfolio;
    const int is_raised = of_spacings && problem->min_weight > 0.0;
    double total = 0.0;
    for (uint32_t i = 0; i < k && is_raised; ++i) {
        total += floor->slope[assets[i]];
    }
    const double factor = of_spacings ? 1.0 - k * problem->min_weight : 1.0;
    const double shift = floor->slack + problem->min_weight * total;
    for (uint32_t i = 0; i < k; ++i) {
        slope[i] = (float)(factor * floor->slope[assets[i]] + shift);
    }
}
