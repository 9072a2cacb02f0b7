/* Durations by the thousand: each falls into one of 64 steps per power of two, so that a percentile
 * is at most 1.6 % off. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>
#include <string.h>

#define HISTOGRAM_STEPS 64
#define HISTOGRAM_POWERS 42 /* up to an hour in nanoseconds */

struct histogram {
	uint64_t counts[HISTOGRAM_POWERS * HISTOGRAM_STEPS];
	uint64_t total;
	int64_t max_ns;
};

static inline size_t histogram_step(uint64_t ns)
{
	unsigned power = 63 - (unsigned)__builtin_clzll(ns | HISTOGRAM_STEPS);
	uint64_t step = ns >> (power - 6) & (HISTOGRAM_STEPS - 1);
	size_t at = (size_t)(power - 6) * HISTOGRAM_STEPS + (ns < HISTOGRAM_STEPS ? ns : step);

	if (ns >= HISTOGRAM_STEPS)
		at += HISTOGRAM_STEPS;
	return at < HISTOGRAM_POWERS * HISTOGRAM_STEPS ? at
						       : HISTOGRAM_POWERS * HISTOGRAM_STEPS - 1;
}

static inline void histogram_add(struct histogram *histogram, int64_t ns)
{
	histogram->counts[histogram_step(ns > 0 ? (uint64_t)ns : 0)]++;
	histogram->total++;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

/* In microseconds; share: 0.99 for p99.  The lower end of the step that it falls into. */
static inline double histogram_us(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)((double)histogram->total * share), seen = 0;

	for (size_t at = 0; at < HISTOGRAM_POWERS * HISTOGRAM_STEPS; at++) {
		uint64_t power = at / HISTOGRAM_STEPS, step = at % HISTOGRAM_STEPS;

		seen += histogram->counts[at];
		if (seen > wanted)
			return (power ? (double)((HISTOGRAM_STEPS | step) << (power - 1))
				      : (double)step) /
			       1000.0;
	}
	return (double)histogram->max_ns / 1000.0;
}

#endif
