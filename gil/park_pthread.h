// The pthread primitives that pthreadParker calls, with nothing of the lock's
// rules in them.

#include <pthread.h>
#include <stdint.h>

typedef struct {
	pthread_mutex_t mutex;
	pthread_cond_t waiters; // of the lock, all of them
} gil_lock;

gil_lock *gil_new_lock(void);
void gil_free_lock(gil_lock *l);

// gil_wait sets *ask to 1 unless ask is null, gives up the mutex, waits for a signal,
// at most timeout ns (0: for ever), takes the mutex again, and returns 1 when the
// time ran out.
int gil_wait(gil_lock *l, int64_t timeout, uint32_t *ask);

// gil_lock_mutex takes the mutex, however long that takes.
void gil_lock_mutex(gil_lock *l);
void gil_signal(gil_lock *l);

// These three are called by their addresses, as gil_wait is. They return 0; the first
// two return 1, without the mutex, when they could not have it within 50 microseconds.
int gil_try(gil_lock *l);
int gil_try_and_signal(gil_lock *l);
int gil_unlock(gil_lock *l);

typedef struct { void *try, *try_and_signal, *unlock, *wait; } gil_addresses;
gil_addresses gil_get_addresses(void);
