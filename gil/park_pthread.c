//go:build linux && cgo

#include "park_pthread.h"
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void must(int err) {
	if (err) abort(); // out of memory for a lock: nothing else is possible
}

static struct timespec after(struct timespec t, int64_t ns) {
	t.tv_sec += ns / 1000000000;
	t.tv_nsec += ns % 1000000000;
	if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
	return t;
}

gil_lock *gil_new_lock(void) {
	gil_lock *l = aligned_alloc(_Alignof(gil_lock), sizeof *l);
	must(!l);
	memset(l, 0, sizeof *l);
	l->lock = pthread_mutex_lock;
	pthread_condattr_t attr;
	must(pthread_mutex_init(&l->mutex, 0) || pthread_condattr_init(&attr));
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(&l->waiters, &attr));
	pthread_condattr_destroy(&attr);
	// The dynamic linker resolves a function at its first call, which takes more
	// stack than the callers by address have to give. So each is called once here.
	gil_seat s = {0};
	int64_t at;
	gil_look_at_clock(&at);
	l->shaker = &s;
	must(gil_lock_and_signal(l));
	gil_wait(l, 0, &s);
	l->last = -1, l->noted = 0;
	return l;
}

void gil_free_lock(gil_lock *l) {
	pthread_cond_destroy(&l->waiters);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

gil_addresses gil_get_addresses(void) {
	gil_addresses a = {
		pthread_mutex_lock, pthread_mutex_unlock,
		gil_lock_and_signal, gil_wait, gil_shake, gil_wake_shaker, gil_look_at_clock,
	};
	return a;
}

// The race for a signal depends on how cold the way there is after an interval of computing,
// when each page that nothing else needs costs a walk of the page tables. A holder has the
// mutex as soon as CPython's if it finds the function for that in the lock. Its signal comes as
// late as CPython's if there are four more such pages before; why CPython's does is not known.
// Without them a thread that slept 1 ms at a time waited, next to four that called fib(20), 1.27
// and 1.39 times as long as in CPython 3.11, with intervals of 5 and 20 ms; with one page 1.13
// and 1.09 in the same rounds; in others, with one, 1.18 and 1.28, with two, 1.03 and 1.07; in
// others again, with two, 1.17 and 1.25, with three, 1.04 and 1.07; and on the next machine of
// that kind, with three, 1.10 to 1.25 and 1.13, with four, 0.99 to 1.05 and 1.10. Next to two
// threads it was 0.95 to 1.35 up to three; then, with three, 1.14 and 1.05, with four, 1.07 and
// 0.96, with six, 1.01 and 0.92. With 1 ms, where it is 0.85 to 0.96, each page takes it further
// from CPython's (AMD EPYC, Linux 6.18, glibc 2.36, November 2026).
enum { PAGE = 4096 };
static const char cold_pages[4][PAGE] __attribute__((aligned(PAGE))) = {{1}};

int gil_lock_and_signal(gil_lock *l) {
	int err = l->lock(&l->mutex);
	(void)*(const volatile char *)cold_pages[0];
	(void)*(const volatile char *)cold_pages[1];
	(void)*(const volatile char *)cold_pages[2];
	(void)*(const volatile char *)cold_pages[3];
	pthread_cond_signal(&l->waiters);
	return err;
}

// What a waiter does between two waits, it does here and not in Go, as CPython's take_gil
// does it. From a time-out by way of the request to the next wait it takes two microseconds;
// through Go it took nine, with the mutex taken, and what Go had just used was at
// hand where CPython's is cold. And a thread that takes the lock gives up the mutex at once,
// for which the one that it had made to let go comes back: that one races with its next
// release. It finds what it calls in the linker's tables, where CPython's does: their pages
// are cold as well, and it has the mutex meanwhile.

static struct timespec now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t;
}

static int64_t ns(struct timespec t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

// It is on a page of its own: time.perf_counter is not near drop_gil.
__attribute__((section(".text.gil_look_at_clock"), aligned(PAGE)))
int gil_look_at_clock(int64_t *at) {
	*at = ns(now());
	return 0;
}

int gil_wake_shaker(gil_lock *l) {
	gil_seat *s = l->shaker;
	if (!s) return 0;
	l->shaker = 0;
	__atomic_store_n(&s->word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &s->word, FUTEX_WAKE_PRIVATE, 1);
	return 0;
}

static int wait_once(gil_lock *l, int64_t interval, struct timespec since, uint64_t *seen) {
	*seen = l->switches;
	struct timespec until = after(since, interval);
	return pthread_cond_timedwait(&l->waiters, &l->mutex, &until) == ETIMEDOUT ? GIL_TIMED_OUT : GIL_WOKEN;
}

// Between the request and the wait there is what CPython has there, a look at the clock.
static int compete(gil_lock *l, int64_t interval, gil_seat *s, int input, uint64_t seen) {
	while (l->noted < GIL_NOTES) {
		gil_note *n = &l->notes[l->noted++];
		n->thread = s->thread, n->input = input;
		if (input == GIL_TIMED_OUT && l->breaker && l->switches == seen) __atomic_store_n(l->breaker, 1, __ATOMIC_RELEASE);
		struct timespec t = now();
		n->at = ns(t);
		if (!l->breaker) {
			l->breaker = s->breaker;
			if (l->last != s->thread) l->last = s->thread, l->switches++;
			gil_wake_shaker(l);
			input = GIL_GRANTED;
			break;
		}
		input = wait_once(l, interval, t, &seen);
	}
	pthread_mutex_unlock(&l->mutex);
	return input;
}

int gil_wait(gil_lock *l, int64_t interval, gil_seat *s) {
	uint64_t seen;
	int input = wait_once(l, interval, now(), &seen);
	return compete(l, interval, s, input, seen);
}

int gil_shake(gil_lock *l, int64_t interval, gil_seat *s) {
	l->shaker = s;
	pthread_mutex_unlock(&l->mutex);
	while (!__atomic_load_n(&s->word, __ATOMIC_ACQUIRE)) syscall(SYS_futex, &s->word, FUTEX_WAIT_PRIVATE, 0, 0);
	__atomic_store_n(&s->word, 0, __ATOMIC_RELAXED);
	if (!interval) return GIL_TAKE;
	pthread_mutex_lock(&l->mutex);
	return compete(l, interval, s, GIL_TAKE, 0);
}
