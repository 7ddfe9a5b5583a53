#include "run/plan.h"

#include "sampling/simulation_counter.h"

/* About what a simulation costs on one core, for sizing chunks only: sampling, and a part for variances; with shared
 * draws nothing but a product. */
static double seconds_of_simulation(const struct mxsi_problem *problem) {
    const double k = problem->assets_per_portfolio;
    if (problem->shared_draws) {
        return 1e-9 * 0.03 * k;
    }
    return 1e-9 * (0.6 * k + 0.002 * k * k) / (problem->acceptance < 0.25 ? 0.25 : problem->acceptance);
}

/* b is at least 1. */
static uint64_t ceiling_of_ratio(uint64_t a, uint64_t b) {
    return b == 0 ? 0 : a / b + (a % b != 0);
}

/* With shared draws a worker draws a tile once for all portfolios of its chunk: that takes whole portfolios, as many as
 * make the drawing small beside the rest, where every worker still gets some chunks of them. */
static uint64_t units_of_whole_portfolios(const struct mxsi_problem *problem, uint64_t units, uint64_t chunk_units,
                                          uint32_t workers) {
    const uint64_t tiles = problem->tiles_per_portfolio;
    const uint64_t share = units / tiles / (4 * (uint64_t)workers);
    const uint64_t enough = share < 256 ? share : 256;
    const uint64_t portfolios = chunk_units / tiles > enough ? chunk_units / tiles : enough;
    return portfolios > 0 ? portfolios * tiles : chunk_units;
}

struct mxsi_plan mxsi_plan_make(const struct mxsi_problem *problem, uint64_t chunk_tiles, uint32_t workers) {
    struct mxsi_plan plan = {
        .units = (problem->end_portfolio - problem->first_portfolio) * problem->tiles_per_portfolio,
        .chunk_units = chunk_tiles,
    };
    if (plan.chunk_units == 0) {
        const double seconds_of_unit = seconds_of_simulation(problem) * mxsi_tile_simulations(problem, 0);
        const double wanted = 0.005 / seconds_of_unit;
        plan.chunk_units = wanted < 1.0 ? 1 : (wanted > 1e6 ? 1000000 : (uint64_t)wanted);
        const uint64_t share = ceiling_of_ratio(plan.units, 16 * (uint64_t)workers);
        plan.chunk_units = plan.chunk_units < share ? plan.chunk_units : share;
        if (problem->shared_draws) {
            plan.chunk_units = units_of_whole_portfolios(problem, plan.units, plan.chunk_units, workers);
        }
    }
    const uint64_t fewest = ceiling_of_ratio(plan.units, MXSI_MAX_CHUNKS);
    plan.chunk_units = plan.chunk_units > fewest ? plan.chunk_units : fewest;
    plan.chunk_units = plan.chunk_units < plan.units ? plan.chunk_units : plan.units;
    plan.chunks = ceiling_of_ratio(plan.units, plan.chunk_units);
    return plan;
}

uint64_t mxsi_plan_simulations(const struct mxsi_problem *problem, uint64_t first, uint64_t end) {
    const uint64_t tiles = problem->tiles_per_portfolio;
    /* Every unit is a full tile but the last tile of each portfolio. */
    const uint64_t last_tiles = end / tiles - first / tiles;
    const uint64_t missing = tiles * MXSI_TILE_SIZE - problem->simulations;
    return (end - first) * MXSI_TILE_SIZE - last_tiles * missing;
}
