//go:build linux && cgo

#include "park_pthread.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void must(int err) {
	if (err) abort(); // out of memory for a lock: nothing else is possible
}

static void new_cond(pthread_cond_t *c) {
	pthread_condattr_t attr;
	must(pthread_condattr_init(&attr));
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
	must(pthread_cond_init(c, &attr));
	pthread_condattr_destroy(&attr);
}

gil_lock *gil_new_lock(void) {
	gil_lock *l = calloc(1, sizeof *l);
	must(!l || pthread_mutex_init(&l->mutex, 0));
	new_cond(&l->waiters);
	// The dynamic linker resolves a function at its first call, which takes more
	// stack than the callers by address have to give.
	gil_mutex_lock_and_signal(l);
	gil_mutex_unlock(l);
	return l;
}

void gil_free_lock(gil_lock *l) {
	pthread_cond_destroy(&l->waiters);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

gil_seat *gil_new_seat(gil_lock *l) {
	gil_seat *s = calloc(1, sizeof *s);
	must(!s);
	s->lock = l;
	new_cond(&s->cond);
	return s;
}

void gil_free_seat(gil_seat *s) {
	pthread_cond_destroy(&s->cond);
	free(s);
}

void gil_mutex_lock(gil_lock *l) { pthread_mutex_lock(&l->mutex); }

void gil_mutex_lock_and_signal(gil_lock *l) {
	pthread_mutex_lock(&l->mutex);
	pthread_cond_signal(&l->waiters);
}

void gil_mutex_unlock(gil_lock *l) { pthread_mutex_unlock(&l->mutex); }
void gil_seat_signal(gil_seat *s) { pthread_cond_signal(&s->cond); }

gil_addresses gil_get_addresses(void) {
	gil_addresses a = {gil_mutex_lock, gil_mutex_lock_and_signal, gil_mutex_unlock, gil_seat_signal};
	return a;
}

static struct timespec after(long ns) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ns / 1000000000;
	t.tv_nsec += ns % 1000000000;
	if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
	return t;
}

int gil_wait_shared(gil_lock *l, long timeout) {
	if (!timeout) return pthread_cond_wait(&l->waiters, &l->mutex) == ETIMEDOUT;
	struct timespec until = after(timeout);
	return pthread_cond_timedwait(&l->waiters, &l->mutex, &until) == ETIMEDOUT;
}

int gil_wait_seat(gil_seat *s, long timeout) {
	struct timespec until = after(timeout);
	int err = 0;
	while (!err && !s->marked)
		err = timeout ? pthread_cond_timedwait(&s->cond, &s->lock->mutex, &until) : pthread_cond_wait(&s->cond, &s->lock->mutex);
	s->marked = 0;
	return err == ETIMEDOUT;
}
