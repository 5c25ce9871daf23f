//go:build linux && cgo

// What CPython 3's lock does when a thread lets go of it and takes it back, and
// nobody else is there: a mutex round the flag, a signal to whoever waits, and in
// the take a second mutex with its own signal for a thread that was forced out.

#include "cpair.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

typedef struct {
	pthread_mutex_t mutex;
	pthread_cond_t freed;
	pthread_mutex_t switch_mutex;
	pthread_cond_t switched;
	atomic_int taken, wanted;
	const void *holder;
	unsigned long switches;
} gil;

static void drop(gil *g) {
	pthread_mutex_lock(&g->mutex);
	atomic_store_explicit(&g->taken, 0, memory_order_relaxed);
	pthread_cond_signal(&g->freed);
	pthread_mutex_unlock(&g->mutex);
}

static void take(gil *g, const void *me) {
	pthread_mutex_lock(&g->mutex);
	while (atomic_load_explicit(&g->taken, memory_order_relaxed)) pthread_cond_wait(&g->freed, &g->mutex);
	pthread_mutex_lock(&g->switch_mutex);
	atomic_store_explicit(&g->taken, 1, memory_order_relaxed);
	if (g->holder != me) g->holder = me, g->switches++;
	pthread_cond_signal(&g->switched);
	pthread_mutex_unlock(&g->switch_mutex);
	if (atomic_load_explicit(&g->wanted, memory_order_relaxed)) atomic_store(&g->wanted, 0);
	pthread_mutex_unlock(&g->mutex);
}

static gil new_gil(void) {
	gil g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, NULL, 0};
	return g;
}

void cpair_run(long n) {
	gil g = new_gil();
	take(&g, &n);
	while (n-- > 0) {
		drop(&g);
		take(&g, &n);
	}
}

static long sum; // keeps the readings from being left out

static void stamp(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	sum += t.tv_nsec;
}

void cpair_run_stamped(long n) {
	gil g = new_gil();
	take(&g, &n);
	while (n-- > 0) {
		drop(&g);
		stamp();
		take(&g, &n);
		stamp();
	}
}
