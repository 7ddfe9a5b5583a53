/* Markets on which rounding or signs decide, made up by chance: for tests of what may rule a simulation out. */
#ifndef MAXSHARPE_TEST_HARD_MARKETS_H
#define MAXSHARPE_TEST_HARD_MARKETS_H

#include <stddef.h>

#include "maxsharpe/market.h"
#include "support/seeded_random.h"

enum hard_market {
    HARD_ONE_FACTOR,      /* stocks: one common factor, and each asset's own noise */
    HARD_INDEPENDENT,     /* no common factor */
    HARD_OPPOSED,         /* half of the assets run against the others, nearly as strongly */
    HARD_SINGULAR,        /* fewer returns than assets, as few as two */
    HARD_UNLIKE_SIZES,    /* volatilities over five orders of magnitude, in a market of any size */
    HARD_IN_STEP,         /* all assets are multiples of one: the inequality of Cauchy and Schwarz is an equality */
    HARD_NEARLY_IN_STEP,  /* the same but for some last digits */
    HARD_ROUNDED_MOMENTS, /* moments of two factors, the correlations rounded to six decimals: slightly indefinite */
    HARD_MARKETS
};

/* A market of that kind; everything else by chance. */
mxs_market *make_hard_market(struct seeded_random *random, enum hard_market kind, size_t assets);

#endif
