//go:build linux && cgo

#include "park_pthread.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void must(int err) {
	if (err) abort(); // out of memory for a lock: nothing else is possible
}

gil_lock *gil_new_lock(void) {
	gil_lock *l = calloc(1, sizeof *l);
	pthread_condattr_t attr;
	must(!l || pthread_mutex_init(&l->mutex, 0) || pthread_condattr_init(&attr));
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(&l->waiters, &attr));
	pthread_condattr_destroy(&attr);
	// The dynamic linker resolves a function at its first call, which takes more
	// stack than the callers by address have to give.
	struct timespec past;
	clock_gettime(CLOCK_REALTIME, &past);
	gil_try_and_signal(l);
	pthread_mutex_timedlock(&l->mutex, &past);
	gil_unlock(l);
	return l;
}

void gil_free_lock(gil_lock *l) {
	pthread_cond_destroy(&l->waiters);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

void gil_lock_mutex(gil_lock *l) { pthread_mutex_lock(&l->mutex); }
void gil_signal(gil_lock *l) { pthread_cond_signal(&l->waiters); }

int gil_try(gil_lock *l) {
	if (!pthread_mutex_trylock(&l->mutex)) return 0;
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until); // the clock that timedlock goes by
	until.tv_nsec += 50000;
	if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
	return pthread_mutex_timedlock(&l->mutex, &until) != 0;
}

int gil_try_and_signal(gil_lock *l) {
	if (gil_try(l)) return 1;
	pthread_cond_signal(&l->waiters);
	return 0;
}

int gil_unlock(gil_lock *l) { return pthread_mutex_unlock(&l->mutex); }

gil_addresses gil_get_addresses(void) {
	gil_addresses a = {gil_try, gil_try_and_signal, gil_unlock, gil_wait};
	return a;
}

static struct timespec after(int64_t ns) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ns / 1000000000;
	t.tv_nsec += ns % 1000000000;
	if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
	return t;
}

int gil_wait(gil_lock *l, int64_t timeout, uint32_t *ask) {
	if (ask) __atomic_store_n(ask, 1, __ATOMIC_SEQ_CST);
	if (!timeout) return pthread_cond_wait(&l->waiters, &l->mutex) == ETIMEDOUT;
	struct timespec until = after(timeout);
	return pthread_cond_timedwait(&l->waiters, &l->mutex, &until) == ETIMEDOUT;
}
