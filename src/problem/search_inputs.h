/* What a backend is given: one problem as plain numbers, and the arrays that go with it. The numbers are copied into
 * the shared segment as they are; the pointers are made anew by whoever maps it (mxsi_segment_inputs). */
#ifndef MAXSHARPE_SEARCH_INPUTS_H
#define MAXSHARPE_SEARCH_INPUTS_H

#include <stdint.h>

/* No pointers, no padding that matters, fixed widths: it lives in shared memory. */
struct mxsi_problem {
    uint32_t assets;               /* N */
    uint32_t assets_per_portfolio; /* K */
    uint32_t forced_count;         /* assets that every portfolio holds */
    uint32_t free_count;           /* assets among which the others are chosen */
    uint32_t sampler;              /* mxs_sampler */
    uint32_t shared_draws;         /* 1: the stream of every portfolio is MXSI_SHARED_STREAM */
    uint32_t top;                  /* M, portfolios to report */
    uint32_t blocks_per_attempt;   /* counter values that one attempt takes */
    uint64_t seed;
    uint64_t portfolios;      /* how many qualify */
    uint64_t first_portfolio; /* this search: first_portfolio <= rank < end_portfolio */
    uint64_t end_portfolio;
    uint64_t simulations;         /* S, evaluated per portfolio (1 where only equal weights are feasible) */
    uint64_t tiles_per_portfolio; /* ceil(S / 1024) */
    uint64_t periods;             /* T, rows of the returns; 0 where there are none */
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;
    double acceptance;   /* of the rejection sampler, known beforehand */
    double spare;        /* 1 - K min_weight: what the spacings share out; 0 for equal weights */
    double width;        /* max_weight - min_weight */
    double box_sum;      /* spare / width: the sum of K numbers in [0, 1] that the fixed-sum sampler draws */
    double sharpe_scale; /* Sharpe ratio = sharpe_scale * screened ratio: see screen_bound.h */
    double risk_error;   /* how far Sigma is from positive semidefinite at most, in units of its largest variance */
    float cap;           /* the rejection test, in float: accepted where largest <= cap * sum; infinite: no test */
    float min_weight_f;
    float spare_f;
    float width_f;
    float excess_slack;   /* the proven error of a screened excess return, in units of the sum */
    float variance_slack; /* the proven error of a screened variance, in units of the sum squared */
};

struct mxsi_inputs {
    const struct mxsi_problem *problem;
    const double *returns;            /* R [T][N], or NULL; per period */
    const double *mean;               /* mu [N], per period */
    const double *covariance;         /* Sigma [N][N], per period squared */
    const float *excess;              /* [N] (A mu - rf) / largest |A mu - rf| */
    const float *risk;                /* [N][N] Sigma / largest Sigma_ii */
    const uint32_t *forced;           /* [forced_count] ascending */
    const uint32_t *free_assets;      /* [free_count] ascending */
    const uint32_t *fixed_sum_chance; /* [K - 1][K], see fixed_sum.h; NULL for other samplers */
};

/* One simulation: who it is. */
struct mxsi_identity {
    uint64_t rank;
    uint32_t tile;
    uint32_t attempt;
};

#endif
