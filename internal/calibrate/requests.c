//go:build linux && cgo

#include "requests.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { nobody = -1, poller = 2 };

typedef struct {
	pthread_mutex_t mutex, switch_mutex;
	pthread_cond_t cond, switch_cond;
	_Atomic int request, stop;
	int locked, last;
	long switches;
	int64_t interval, length, asked;
	calibrate_requests_result *result;
} lock;

typedef struct {
	lock *lock;
	int me;
} thread;

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct timespec at(int64_t ns) {
	struct timespec t = {ns / 1000000000, ns % 1000000000};
	return t;
}

static void take(lock *l, int me) {
	pthread_mutex_lock(&l->mutex);
	while (l->locked) {
		long seen = l->switches;
		struct timespec until = at(now() + l->interval);
		int err = pthread_cond_timedwait(&l->cond, &l->mutex, &until);
		if (err == ETIMEDOUT && l->locked && l->switches == seen) {
			l->asked = now();
			l->request = 1;
		}
	}
	pthread_mutex_lock(&l->switch_mutex);
	l->locked = 1;
	if (l->last != me) l->last = me, l->switches++;
	pthread_cond_signal(&l->switch_cond);
	pthread_mutex_unlock(&l->switch_mutex);
	l->request = 0;
	pthread_mutex_unlock(&l->mutex);
}

static void drop(lock *l, int me) {
	pthread_mutex_lock(&l->mutex);
	l->last = me;
	l->locked = 0;
	int64_t told = now(); // before the system call that wakes a sleeper
	pthread_cond_signal(&l->cond);
	calibrate_requests_result *r = l->result;
	if (l->request && me != poller && r->n < r->most) r->noticed[r->n++] = told - l->asked;
	pthread_mutex_unlock(&l->mutex);
	if (!l->request) return;
	pthread_mutex_lock(&l->switch_mutex);
	l->request = 0;
	while (l->last == me) pthread_cond_wait(&l->switch_cond, &l->switch_mutex);
	pthread_mutex_unlock(&l->switch_mutex);
}

// compute looks at the request every 30 ns or so.
static void *compute(void *arg) {
	thread *t = arg;
	volatile int turns;
	take(t->lock, t->me);
	while (!t->lock->stop) {
		for (turns = 0; turns < 30; turns++) {}
		if (t->lock->request) {
			drop(t->lock, t->me);
			take(t->lock, t->me);
		}
	}
	// The last one to leave must not wait for another to take the lock.
	pthread_mutex_lock(&t->lock->mutex);
	t->lock->locked = 0;
	pthread_cond_broadcast(&t->lock->cond);
	pthread_mutex_unlock(&t->lock->mutex);
	return 0;
}

static void poll(lock *l) {
	struct timespec ms = at(1000000);
	take(l, poller);
	for (int64_t end = now() + l->length; now() < end;) {
		drop(l, poller);
		nanosleep(&ms, 0);
		take(l, poller);
	}
	l->stop = 1;
	drop(l, poller);
}

int calibrate_requests(int64_t length, int64_t interval, calibrate_requests_result *result) {
	lock l = {.last = nobody, .interval = interval, .length = length, .result = result};
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l.cond, &attr);
	pthread_cond_init(&l.switch_cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&l.mutex, 0);
	pthread_mutex_init(&l.switch_mutex, 0);
	thread parts[2] = {{&l, 0}, {&l, 1}};
	pthread_t threads[2];
	int started = 0;
	while (started < 2 && !pthread_create(&threads[started], 0, compute, &parts[started])) started++;
	if (started == 2) poll(&l);
	l.stop = 1;
	for (int i = 0; i < started; i++) pthread_join(threads[i], 0);
	pthread_mutex_destroy(&l.mutex);
	pthread_mutex_destroy(&l.switch_mutex);
	pthread_cond_destroy(&l.cond);
	pthread_cond_destroy(&l.switch_cond);
	return started == 2 ? 0 : -1;
}
