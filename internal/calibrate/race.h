// The race for a signal of the C library's condition variable, between a thread that
// has slept on it for long and one that has just queued.

#include <stdint.h>

// calibrate_race holds the race a number of times. Each time a holder computes for
// ns nanoseconds, until a waiter, whose patience is over, raises a flag and queues
// on the condition variable; then it takes the mutex and signals. Noticed gets how
// long each took from the flag until it had the mutex. It returns how often the waiter had the
// signal although another thread slept there before; -1 when no threads could be had.
int calibrate_race(int races, int64_t ns, int64_t *noticed);
