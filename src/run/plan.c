#include "run/plan.h"

#include "sampling/simulation_counter.h"

/* About what a simulation costs on one core, for sizing chunks only: sampling, and a part for variances; with shared
 * draws nothing but a product. */
static double seconds_of_simulation(const struct mxsi_task *task) {
    const double k = task->problem->assets_per_portfolio;
    const double acceptance = task->sampling->acceptance;
    if (task->sampling->shared_draws) {
        return 1e-9 * 0.03 * k;
    }
    return 1e-9 * (0.6 * k + 0.002 * k * k) / (acceptance < 0.25 ? 0.25 : acceptance);
}

/* b is at least 1. */
static uint64_t ceiling_of_ratio(uint64_t a, uint64_t b) {
    const uint64_t divisor = b > 1 ? b : 1;
    return a / divisor + (a % divisor != 0);
}

/* With shared draws a worker draws a tile once for all portfolios of its chunk: that takes whole portfolios, as many as
 * make the drawing small beside the rest, where every worker still gets some chunks of them. */
static uint64_t units_of_whole_portfolios(const struct mxsi_sampling *sampling, uint64_t units, uint64_t chunk_units,
                                          uint32_t workers) {
    const uint64_t tiles = sampling->tiles_per_portfolio;
    const uint64_t share = units / tiles / (4 * (uint64_t)workers);
    const uint64_t enough = share < 256 ? share : 256;
    const uint64_t portfolios = chunk_units / tiles > enough ? chunk_units / tiles : enough;
    return portfolios > 0 ? portfolios * tiles : chunk_units;
}

struct mxsi_span mxsi_plan_whole(const struct mxsi_task *task) {
    const struct mxsi_sampling *sampling = task->sampling;
    const uint64_t portfolios = sampling->end_portfolio - sampling->first_portfolio;
    return (struct mxsi_span){0, portfolios * sampling->tiles_per_portfolio};
}

static uint64_t choose_chunk_units(const struct mxsi_task *task, uint64_t units, uint32_t workers) {
    const double seconds_of_unit = seconds_of_simulation(task) * mxsi_tile_simulations(task->sampling, 0);
    const double wanted = 0.005 / seconds_of_unit;
    const uint64_t lasting = wanted < 1.0 ? 1 : (wanted > 1e6 ? 1000000 : (uint64_t)wanted);
    const uint64_t share = ceiling_of_ratio(units, 16 * (uint64_t)workers);
    const uint64_t chunk_units = lasting < share ? lasting : share;
    return task->sampling->shared_draws ? units_of_whole_portfolios(task->sampling, units, chunk_units, workers)
                                        : chunk_units;
}

struct mxsi_plan mxsi_plan_make(const struct mxsi_task *task, const struct mxsi_span *spans, uint64_t span_count,
                                uint64_t chunk_tiles, uint32_t workers) {
    struct mxsi_plan plan = {.span_count = span_count};
    for (uint64_t i = 0; i < span_count; ++i) {
        plan.units += spans[i].end - spans[i].first;
    }
    const uint64_t wanted = chunk_tiles != 0 ? chunk_tiles : choose_chunk_units(task, plan.units, workers);
    const uint64_t fewest = ceiling_of_ratio(plan.units, MXSI_MAX_CHUNKS);
    plan.chunk_units = wanted > fewest ? wanted : fewest;
    plan.chunk_units = plan.chunk_units < plan.units ? plan.chunk_units : plan.units;
    for (uint64_t i = 0; i < span_count; ++i) {
        plan.chunks += ceiling_of_ratio(spans[i].end - spans[i].first, plan.chunk_units);
    }
    return plan;
}

void mxsi_plan_number_chunks(const struct mxsi_plan *plan, const struct mxsi_span *spans, uint64_t *first_chunk) {
    uint64_t chunk = 0;
    for (uint64_t i = 0; i < plan->span_count; ++i) {
        first_chunk[i] = chunk;
        chunk += ceiling_of_ratio(spans[i].end - spans[i].first, plan->chunk_units);
    }
}

struct mxsi_span mxsi_plan_chunk(const struct mxsi_plan *plan, const struct mxsi_span *spans,
                                 const uint64_t *first_chunk, uint64_t chunk) {
    uint64_t low = 0; /* the last span that does not begin after the chunk */
    uint64_t high = plan->span_count;
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        if (first_chunk[middle] <= chunk) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const uint64_t first = spans[low].first + (chunk - first_chunk[low]) * plan->chunk_units;
    const uint64_t left = spans[low].end - first;
    return (struct mxsi_span){first, first + (left < plan->chunk_units ? left : plan->chunk_units)};
}

uint64_t mxsi_plan_simulations(const struct mxsi_sampling *sampling, uint64_t first, uint64_t end) {
    const uint64_t tiles = sampling->tiles_per_portfolio;
    /* Every unit is a full tile but the last tile of each portfolio. */
    const uint64_t last_tiles = end / tiles - first / tiles;
    const uint64_t missing = tiles * MXSI_TILE_SIZE - sampling->simulations;
    return (end - first) * MXSI_TILE_SIZE - last_tiles * missing;
}
