/* Names of what is compiled once for each instruction set: LANES_NAMED(x) is mxsi_x_avx512 where MXSI_LANES is avx512.
 */
#ifndef MAXSHARPE_LANE_NAMES_H
#define MAXSHARPE_LANE_NAMES_H

#define LANES_JOIN_WORDS(name, suffix) mxsi_##name##_##suffix
#define LANES_JOIN(name, suffix) LANES_JOIN_WORDS(name, suffix)
#define LANES_NAMED(name) LANES_JOIN(name, MXSI_LANES)

#define LANES_QUOTE_WORD(suffix) #suffix
#define LANES_QUOTE(suffix) LANES_QUOTE_WORD(suffix)
#define LANES_NAME LANES_QUOTE(MXSI_LANES)

#endif
