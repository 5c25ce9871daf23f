//go:build linux && cgo

#include "race.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { nobody, sleeper, waiter };

// A thread waits at most this long for a signal that never comes.
static const int64_t too_long = 50000000;

typedef struct {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_barrier_t begin, end;
	_Atomic int flag, winner;
	int over;
	int64_t asked;
	int races, stolen;
	int64_t ns, *noticed;
} race;

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct timespec at(int64_t ns) {
	struct timespec t = {ns / 1000000000, ns % 1000000000};
	return t;
}

static void sleep_for(int64_t ns) {
	struct timespec t = at(ns);
	nanosleep(&t, 0);
}

// wait_for_signal waits with the mutex held, and notes who had the signal.
static void wait_for_signal(race *r, int who) {
	struct timespec until = at(now() + r->ns + too_long);
	while (!r->over && !pthread_cond_timedwait(&r->cond, &r->mutex, &until) && !r->over) {
		if (r->winner == nobody) r->winner = who;
		break;
	}
}

static void *sleep_first(void *arg) {
	race *r = arg;
	for (int i = 0; i < r->races; i++) {
		pthread_barrier_wait(&r->begin);
		pthread_mutex_lock(&r->mutex);
		wait_for_signal(r, sleeper);
		pthread_mutex_unlock(&r->mutex);
		pthread_barrier_wait(&r->end);
	}
	return 0;
}

static void *lose_patience(void *arg) {
	race *r = arg;
	for (int i = 0; i < r->races; i++) {
		pthread_barrier_wait(&r->begin);
		sleep_for(r->ns);
		pthread_mutex_lock(&r->mutex);
		r->asked = now();
		r->flag = 1;
		wait_for_signal(r, waiter);
		pthread_mutex_unlock(&r->mutex);
		pthread_barrier_wait(&r->end);
	}
	return 0;
}

// compute is the holder's work: it looks at the flag every 30 ns or so.
static void compute(race *r) {
	volatile int turns;
	while (!r->flag) for (turns = 0; turns < 30; turns++) {}
}

static void *hold(void *arg) {
	race *r = arg;
	for (int i = 0; i < r->races; i++) {
		r->flag = r->over = 0;
		r->winner = nobody;
		pthread_barrier_wait(&r->begin);
		compute(r);
		pthread_mutex_lock(&r->mutex);
		int64_t told = now(); // before the system call that wakes the sleeper
		pthread_cond_signal(&r->cond);
		pthread_mutex_unlock(&r->mutex);
		r->noticed[i] = told - r->asked;
		for (int64_t until = now() + too_long; r->winner == nobody && now() < until;) sleep_for(50000);
		r->stolen += r->winner == waiter;
		pthread_mutex_lock(&r->mutex);
		r->over = 1;
		pthread_cond_broadcast(&r->cond); // the loser goes, and leaves no group behind
		pthread_mutex_unlock(&r->mutex);
		pthread_barrier_wait(&r->end);
	}
	return 0;
}

int calibrate_race(int races, int64_t ns, int64_t *noticed) {
	race r = {.races = races, .ns = ns, .noticed = noticed};
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r.cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&r.mutex, 0);
	void *(*parts[])(void *) = {sleep_first, lose_patience, hold};
	pthread_t threads[3];
	int started = 0;
	pthread_barrier_init(&r.begin, 0, 3);
	pthread_barrier_init(&r.end, 0, 3);
	while (started < 3 && !pthread_create(&threads[started], 0, parts[started], &r)) started++;
	if (started < 3) {
		// Those that run wait at the first barrier for ever: let them go.
		for (int i = 0; i < started; i++) pthread_cancel(threads[i]);
	}
	for (int i = 0; i < started; i++) pthread_join(threads[i], 0);
	pthread_barrier_destroy(&r.begin);
	pthread_barrier_destroy(&r.end);
	pthread_mutex_destroy(&r.mutex);
	pthread_cond_destroy(&r.cond);
	return started < 3 ? -1 : r.stolen;
}
