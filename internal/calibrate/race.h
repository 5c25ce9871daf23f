// The race for a signal of the C library's condition variable, between the thread
// that asked for a lock, and has just queued again, and one that sleeps there.

#include <stdint.h>

typedef struct {
	int own, others;  // signals that the asker took itself, and that others had
	int n, most;      // of noticed
	int64_t *noticed; // how long each took from the request until the holder had the mutex
} calibrate_race_result;

// calibrate_race has two threads that compute and one that sleeps 1 ms at a time share
// the lock of CPython 3 for length ns, and counts what becomes of the requests that
// the first two make while the third waits. It returns 0, or -1 when no threads could
// be had.
int calibrate_race(int64_t length, int64_t interval, calibrate_race_result *result);
