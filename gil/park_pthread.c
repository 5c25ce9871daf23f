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

static struct timespec after(clockid_t clock, int64_t ns) {
	struct timespec t;
	clock_gettime(clock, &t);
	t.tv_sec += ns / 1000000000;
	t.tv_nsec += ns % 1000000000;
	if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
	return t;
}

// Taking the mutex is written out here, by glibc's protocol for it. When a waiter asks for
// the lock the holder comes for the mutex while the waiter, on its way to sleep, still
// has it, or a moment later. Who is first decides when the signal is sent, and so who gets
// the lock, and that hangs on some ten cache lines. pthread_mutex_lock would have no bound,
// which a thread must have that Go takes for a running one; pthread_mutex_trylock has a
// cold jump table, and pthread_mutex_timedlock, where the mutex is taken, needs so long
// that it is free again. CPython's thread sleeps.

// word_of returns the word of a mutex, if it is kept as glibc 2.36 does.
static int *word_of(pthread_mutex_t *m) {
#ifdef __GLIBC__
	int *word = &m->__data.__lock;
	int before = *word;
	must(pthread_mutex_lock(m));
	int taken = *word, users = m->__data.__nusers;
	must(pthread_mutex_unlock(m));
	if (before == 0 && taken == 1 && users == 1 && *word == 0 && m->__data.__nusers == 0) return word;
#endif
	return 0;
}

static inline int try_lock(gil_lock *l) {
#ifdef __GLIBC__
	if (l->word) {
		int free = 0;
		if (!__atomic_compare_exchange_n(l->word, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return EBUSY;
		l->mutex.__data.__nusers++; // which pthread_mutex_unlock takes off
		return 0;
	}
#endif
	return pthread_mutex_trylock(&l->mutex);
}

// sleep_while_taken waits until the mutex is given up, a millisecond at most, or returns at
// once where it is free.
static void sleep_while_taken(int *word) {
	static const struct timespec patience = {0, 1000000};
	int was = 1;
	__atomic_compare_exchange_n(word, &was, 2, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	if (!was) return;
#ifdef __x86_64__ // syscall() would be some more cold lines
	long ret;
	register const struct timespec *r10 asm("r10") = &patience;
	asm volatile("syscall" : "=a"(ret) : "0"((long)SYS_futex), "D"(word), "S"(FUTEX_WAIT_PRIVATE), "d"(2), "r"(r10)
		: "rcx", "r11", "memory");
#else
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, &patience);
#endif
}

// inherit is for who may have slept on the mutex and has it now: there may be others, whom
// its unlock is to wake.
static void inherit(gil_lock *l) {
	if (l->word) __atomic_store_n(l->word, 2, __ATOMIC_SEQ_CST);
}

static __attribute__((noinline)) int try_again(gil_lock *l) {
	if (l->word) {
		sleep_while_taken(l->word);
		if (try_lock(l)) return 1;
	} else {
		struct timespec until = after(CLOCK_REALTIME, 1000000); // the clock that timedlock goes by
		if (pthread_mutex_timedlock(&l->mutex, &until)) return 1;
	}
	inherit(l);
	return 0;
}

gil_lock *gil_new_lock(void) {
	gil_lock *l = aligned_alloc(_Alignof(gil_lock), sizeof *l);
	must(!l);
	memset(l, 0, sizeof *l);
	pthread_condattr_t attr;
	must(pthread_mutex_init(&l->mutex, 0) || pthread_condattr_init(&attr));
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(&l->waiters, &attr));
	pthread_condattr_destroy(&attr);
	l->signal = pthread_cond_signal, l->word = word_of(&l->mutex);
	// The dynamic linker resolves a function at its first call, which takes more
	// stack than the callers by address have to give.
	struct timespec past;
	clock_gettime(CLOCK_REALTIME, &past);
	must(gil_try_and_signal(l));
	pthread_mutex_timedlock(&l->mutex, &past);
	gil_unlock(l);
	return l;
}

void gil_free_lock(gil_lock *l) {
	pthread_cond_destroy(&l->waiters);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

void gil_lock_mutex(gil_lock *l) {
	pthread_mutex_lock(&l->mutex);
	inherit(l); // of a try that slept in vain
}

void gil_signal(gil_lock *l) { pthread_cond_signal(&l->waiters); }

int gil_try(gil_lock *l) { return try_lock(l) && try_again(l); }

int gil_try_and_signal(gil_lock *l) {
	if (__builtin_expect(try_lock(l), 0) && try_again(l)) return 1;
	l->signal(&l->waiters);
	return 0;
}

int gil_unlock(gil_lock *l) { return pthread_mutex_unlock(&l->mutex); }

gil_addresses gil_get_addresses(void) {
	gil_addresses a = {gil_try, gil_try_and_signal, gil_unlock, gil_wait};
	return a;
}

// A waiter asks from here and not from Go: as under CPython, a time-out, the request and the
// next wait follow one another in two microseconds. Through Go they took nine, with the
// mutex taken, and what Go had just used was at hand where CPython's is cold.
int gil_wait(gil_lock *l, int64_t timeout, const uint32_t *thread) {
	if (!timeout) return pthread_cond_wait(&l->waiters, &l->mutex) == ETIMEDOUT;
	for (int asked = 0;; asked = 1) {
		uint64_t seen = l->switches;
		struct timespec until = after(CLOCK_MONOTONIC, timeout);
		if (asked) {
			l->renewals[l->renewed].thread = *thread;
			l->renewals[l->renewed++].at = (int64_t)until.tv_sec * 1000000000 + until.tv_nsec - timeout;
		}
		if (pthread_cond_timedwait(&l->waiters, &l->mutex, &until) != ETIMEDOUT) return 0;
		if (!l->breaker || l->switches != seen || l->renewed == GIL_RENEWALS) return 1;
		__atomic_store_n(l->breaker, 1, __ATOMIC_RELEASE);
	}
}
