// The lock of CPython 3 in small, with the C library's primitives as CPython uses them.

#include <stdint.h>

typedef struct {
	int n, most;      // of noticed
	int64_t *noticed; // how long each took from the request until the holder had the mutex
} calibrate_requests_result;

// calibrate_requests has two threads that compute and one that sleeps 1 ms at a time share
// the lock for length ns, with a switch interval of so many ns, and notes how long the
// requests of all take to reach the holder. It returns 0, or -1 when no threads could be
// had.
int calibrate_requests(int64_t length, int64_t interval, calibrate_requests_result *result);
