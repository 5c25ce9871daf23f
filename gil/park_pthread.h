// The pthread primitives that pthreadParker calls, and how a waiter goes from one to the
// next, by what policy.Traits.Ahead promises of the lock's rules.

#include <pthread.h>
#include <stdint.h>

enum { GIL_NOTES = 16 };

// How a wait ended, or that there was none before, as policy.InputKind has it; or that the
// thread has the lock.
enum { GIL_TAKE, GIL_WOKEN, GIL_TIMED_OUT, GIL_GRANTED };

// A gil_seat is of one thread.
typedef struct {
	uint32_t word; // 1: another has taken the lock after this thread
	uint32_t thread; // its number
	uint32_t *breaker;
} gil_seat;

// What a thread did, and when.
typedef struct { uint32_t thread, input; int64_t at; } gil_note;

// A gil_lock lies in its cache lines as CPython 3.11's does on x86-64: the condition
// variable and the word of the mutex in one, the rest of the mutex in the next, and what a
// waiter goes by when its time runs out around them. Two processors race for these.
typedef struct {
	int (*lock)(pthread_mutex_t *); // pthread_mutex_lock, for who comes to signal
	char _[64 - 3 * sizeof(void *)];

	// All is under the mutex.
	gil_seat *shaker; // waits until another has taken the lock; null: nobody does
	uint32_t *breaker; // of the holder; null: the lock is free

	uint64_t switches; // times that a thread took the lock after another had it
	pthread_cond_t waiters; // of the lock, all of them
	pthread_mutex_t mutex;

	uint32_t last; // took the lock last, a number; or none of them
	// What waiters did since Go last looked, in its order: how a wait ended, and when.
	uint32_t noted;
	gil_note notes[GIL_NOTES];
} __attribute__((aligned(64))) gil_lock;

gil_lock *gil_new_lock(void);
void gil_free_lock(gil_lock *l);

// gil_lock_and_signal takes the mutex and wakes one that waits for a signal.
int gil_lock_and_signal(gil_lock *l);

// gil_wait gives up the mutex and waits for a signal, at most interval ns. Then it notes how
// that ended. When the time ran out with the lock in the same hands as before, it sets the
// holder's breaker to 1. When the lock is free it takes it, and returns GIL_GRANTED; when it
// is not, it waits again. Where there is no room for the note it returns what would
// have been noted, and has done nothing of the kind. It returns without the mutex.
int gil_wait(gil_lock *l, int64_t interval, gil_seat *s);

// gil_shake gives up the mutex and waits until another thread takes the lock. It returns
// GIL_TAKE when the interval is 0. Otherwise it takes the mutex again, notes that, and goes on
// as gil_wait does after a wait.
int gil_shake(gil_lock *l, int64_t interval, gil_seat *s);

// gil_wake_shaker ends the first wait in gil_shake, if there is one.
int gil_wake_shaker(gil_lock *l);

// gil_look_at_clock returns CLOCK_MONOTONIC in ns, through the linker's tables and the C
// library, as a Python program has it that asks time.perf_counter. It returns 0.
int gil_look_at_clock(int64_t *at);

// All are called by their addresses.
typedef struct {
	void *lock, *unlock; // of the C library
	void *lock_and_signal, *wait, *shake, *wake_shaker, *look_at_clock;
} gil_addresses;
gil_addresses gil_get_addresses(void);
