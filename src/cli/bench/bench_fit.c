#include "cli/bench/bench_fit.h"

#include <math.h>

/* Where the line has to begin at zero. */
static double rate_without_start(const double *simulations, const double *seconds, size_t count) {
    double squares = 0;
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
        const double ratio = simulations[i] / seconds[i];
        squares += ratio * ratio;
        sum += ratio;
    }
    return squares / sum;
}

time_fit fit_times(const double *simulations, const double *seconds, size_t count) {
    /* With u = 1 / seconds and v = simulations / seconds: start u + v / rate should be 1. */
    double uu = 0;
    double uv = 0;
    double vv = 0;
    double u_sum = 0;
    double v_sum = 0;
    for (size_t i = 0; i < count; ++i) {
        const double u = 1 / seconds[i];
        const double v = simulations[i] / seconds[i];
        uu += u * u;
        uv += u * v;
        vv += v * v;
        u_sum += u;
        v_sum += v;
    }
    const double determinant = uu * vv - uv * uv;
    if (count < 2 || !(determinant > 0)) {
        return (time_fit){.made = false};
    }
    const double start = (u_sum * vv - v_sum * uv) / determinant;
    const double cost = (v_sum * uu - u_sum * uv) / determinant;
    if (start < 0) {
        return (time_fit){.made = true, .start = 0, .rate = rate_without_start(simulations, seconds, count)};
    }
    return cost > 0 ? (time_fit){.made = true, .start = start, .rate = 1 / cost} : (time_fit){.made = false};
}

double crossing(const double *simulations, const double *early, const double *late, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (late[i] > early[i]) {
            continue;
        }
        if (i == 0) {
            return 0;
        }
        const double before = log(late[i - 1] / early[i - 1]);
        const double after = log(late[i] / early[i]);
        const double share = before / (before - after);
        return exp((1 - share) * log(simulations[i - 1]) + share * log(simulations[i]));
    }
    return HUGE_VAL;
}
