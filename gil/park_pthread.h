// The pthread primitives that pthreadParker calls, with nothing of the lock's
// rules in them.

#include <pthread.h>

typedef struct {
	pthread_mutex_t mutex;
	pthread_cond_t waiters; // of the lock, all of them
} gil_lock;

typedef struct {
	gil_lock *lock;
	pthread_cond_t cond;
	int marked; // the wait is over; under the mutex
} gil_seat;

gil_lock *gil_new_lock(void);
void gil_free_lock(gil_lock *l);
gil_seat *gil_new_seat(gil_lock *l);
void gil_free_seat(gil_seat *s);

// Both wait at most timeout ns (0: for ever), give up the mutex meanwhile, and
// return 1 when the time ran out. The first returns at any signal, the second
// when its seat is marked.
int gil_wait_shared(gil_lock *l, long timeout);
int gil_wait_seat(gil_seat *s, long timeout);

// These four are called by their addresses.
void gil_mutex_lock(gil_lock *l);
void gil_mutex_lock_and_signal(gil_lock *l);
void gil_mutex_unlock(gil_lock *l);
void gil_seat_signal(gil_seat *s);

typedef struct { void *lock, *lock_and_signal, *unlock, *signal; } gil_addresses;
gil_addresses gil_get_addresses(void);
