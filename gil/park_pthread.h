// The pthread primitives that pthreadParker calls, with nothing of the lock's
// rules in them.

#include <pthread.h>
#include <stdint.h>

enum { GIL_RENEWALS = 16 };

// A gil_lock lies in its cache lines as CPython 3.11's does on x86-64: the condition
// variable and the word of the mutex in one, the rest of the mutex in the next, and what a
// waiter goes by when its time runs out around them. Two processors race for these.
typedef struct {
	int (*signal)(pthread_cond_t *); // pthread_cond_signal: this line is needed anyhow
	int *word; // of the mutex: 0 free, 1 taken, 2 taken and waited for; null where that is not known
	char _[64 - 3 * sizeof(void *)];
	uint32_t *breaker; // of the holder; null: the lock is free. Under the mutex

	uint64_t switches; // times that a thread took the lock after another had it. Under the mutex
	pthread_cond_t waiters; // of the lock, all of them
	pthread_mutex_t mutex;

	// The waits that began anew since Go last looked, in their order. Under the mutex.
	uint32_t renewed;
	struct { int64_t thread, at; } renewals[GIL_RENEWALS];
} __attribute__((aligned(64))) gil_lock;

gil_lock *gil_new_lock(void);
void gil_free_lock(gil_lock *l);

// gil_wait gives up the mutex, waits for a signal, at most timeout ns (0: for ever), takes
// the mutex again, and returns 1 when the time ran out. But when the lock has not changed
// hands meanwhile, it sets the holder's breaker to 1, notes that this wait of the thread
// with that number was renewed, and waits anew.
int gil_wait(gil_lock *l, int64_t timeout, const uint32_t *thread);

// gil_lock_mutex takes the mutex, however long that takes.
void gil_lock_mutex(gil_lock *l);
void gil_signal(gil_lock *l);

// These three are called by their addresses, as gil_wait is. They return 0; the first
// two return 1, without the mutex, when they could not have it within a millisecond.
int gil_try(gil_lock *l);
int gil_try_and_signal(gil_lock *l);
int gil_unlock(gil_lock *l);

typedef struct { void *try, *try_and_signal, *unlock, *wait; } gil_addresses;
gil_addresses gil_get_addresses(void);
