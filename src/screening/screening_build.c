#include "screening/screening_build.h"

#include <math.h>

#include "base/errors.h"
#include "maxsharpe/types.h"
#include "screening/risk_error.h"
#include "screening/screen_bound.h"
#include "screening/volatility_floor.h"

/* The moments in float, scaled to at most 1: see screen_bound.h. */
static void scale_moments(const struct mxsi_problem *problem, struct mxsi_screening *screening, float *excess,
                          float *risk) {
    const size_t n = problem->assets;
    double largest_excess = 0.0;
    double largest_mean = 0.0;
    double largest_variance = 0.0;
    for (size_t i = 0; i < n; ++i) {
        largest_excess = fmax(largest_excess, fabs(problem->periods_per_year * problem->mean[i] - problem->risk_free));
        largest_mean = fmax(largest_mean, fabs(problem->mean[i]));
        largest_variance = fmax(largest_variance, problem->covariance[i * n + i]);
    }
    if (largest_excess == 0.0) {
        largest_excess = 1.0; /* every Sharpe ratio is 0; any scale will do */
    }
    for (size_t i = 0; i < n; ++i) {
        excess[i] = (float)((problem->periods_per_year * problem->mean[i] - problem->risk_free) / largest_excess);
    }
    for (size_t i = 0; i < n * n; ++i) {
        risk[i] = (float)(problem->covariance[i] / largest_variance);
    }
    screening->value_scale = largest_excess / sqrt(problem->periods_per_year * largest_variance);
    const double cancellation = (problem->periods_per_year * largest_mean + fabs(problem->risk_free)) / largest_excess;
    screening->excess_slack = mxsi_excess_slack(problem->assets_per_portfolio, cancellation);
    screening->variance_slack = mxsi_variance_slack(problem->assets_per_portfolio);
}

static mxs_status screen_sharpe(const struct mxsi_problem *problem, mxsi_arena *arena, struct mxsi_screening *screening,
                                mxs_error *error) {
    const size_t n = problem->assets;
    float *excess = mxsi_arena_allocate(arena, n, sizeof *excess);
    float *risk = mxsi_arena_allocate(arena, n, n * sizeof *risk);
    double *floor = mxsi_arena_allocate(arena, n, sizeof *floor);
    double *ceiling = mxsi_arena_allocate(arena, n, sizeof *ceiling);
    if (excess == NULL || risk == NULL || floor == NULL || ceiling == NULL) {
        return mxsi_fail_memory(error, "the moments");
    }
    scale_moments(problem, screening, excess, risk);
    if (mxsi_risk_error(problem, &screening->risk_error) != 0) {
        return mxsi_fail_memory(error, "the moments");
    }
    screening->has_floor = (uint32_t)mxsi_volatility_floor_build(problem, screening->risk_error, floor, ceiling);
    screening->excess = excess;
    screening->risk = risk;
    screening->floor = floor;
    screening->ceiling = ceiling;
    return MXS_OK;
}

mxs_status mxsi_screening_build(const struct mxsi_problem *problem, mxsi_arena *arena, struct mxsi_screening *screening,
                                mxs_error *error) {
    static mxs_status (*const screens[])(const struct mxsi_problem *, mxsi_arena *, struct mxsi_screening *,
                                         mxs_error *) = {
        [MXS_OBJECTIVE_SHARPE] = screen_sharpe,
    };
    *screening = (struct mxsi_screening){0};
    return screens[problem->objective](problem, arena, screening, error);
}
