// The anchors: event queues in C++ as one would write them by hand for a single
// model, without cancellation, priorities or an interface. fibsim's engine is
// measured against them. Usage: anchors MODEL QUEUE SAMPLER [N]; the output is one line
// "ns-per-event events check".
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <string>
#include <vector>

using u64 = uint64_t;
using i64 = int64_t;

// SplitMix64, as in workloads.Stream.
struct Random {
	u64 state;
	u64 next() {
		u64 z = state += 0x9e3779b97f4a7c15;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		return z ^ z >> 31;
	}
};

// The table of the models, to the bit: 4096 exponential quantiles of mean 2^32.
static u64 table[4096];
static void fill() {
	for (int i = 0; i < 4096; i++) {
		// -ln x for x = (i+0.5)/4096, by sums, products and divisions alone.
		double x = (i + 0.5) / 4096;
		int k = 0;
		while (x < 0.70710678118654752440) { x = x * 2; k++; }
		double t = (x - 1) / (x + 1), t2 = t * t, sum = 0;
		for (int j = 21; j >= 1; j -= 2) { double p = sum * t2; sum = p + 1 / double(j); }
		double a = 2 * t, ln = a * sum, b = k * 0.693147180559945309417;
		table[i] = u64((b - ln) * 4294967296.0);
	}
}

struct Tab { // 1 ns per draw, so that the queue shows
	Random r;
	i64 draw(i64 mean) { return i64((unsigned __int128)table[r.next() >> 52] * (u64)mean >> 32); }
};
struct Log { // what one writes without a thought
	Random r;
	i64 draw(i64 mean) { return i64(-std::log(((r.next() >> 12) + 0.5) * 0x1p-52) * mean); }
};

struct Entry { i64 time; u64 low; }; // low: number << 20 | id

// One comparison of 128 bits, which compiles to no branch.
static inline unsigned __int128 key(const Entry &a) { return (unsigned __int128)(u64)a.time << 64 | a.low; }
static inline bool less(const Entry &a, const Entry &b) { return key(a) < key(b); }

struct StdQueue { // std::priority_queue of 24-byte events
	struct E { i64 time; u64 seq; int id; };
	struct After { bool operator()(const E &a, const E &b) const { return a.time > b.time || (a.time == b.time && a.seq > b.seq); } };
	std::priority_queue<E, std::vector<E>, After> q;
	u64 seq = 0;
	explicit StdQueue(int) {}
	void push(i64 t, int id) { q.push({t, seq++, id}); }
	void pop(i64 &t, int &id) { t = q.top().time; id = q.top().id; q.pop(); }
};

struct Heap4 { // 4-ary heap of 16-byte entries
	std::vector<Entry> h;
	u64 seq = 0;
	explicit Heap4(int) {}
	void push(i64 t, int id) {
		Entry e{t, seq++ << 20 | (u64)id};
		size_t i = h.size();
		h.push_back(e);
		while (i > 0) {
			size_t p = (i - 1) / 4;
			if (!less(e, h[p])) break;
			h[i] = h[p];
			i = p;
		}
		h[i] = e;
	}
	void pop(i64 &t, int &id) {
		t = h[0].time;
		id = h[0].low & 0xfffff;
		Entry e = h.back();
		h.pop_back();
		size_t n = h.size(), i = 0;
		if (!n) return;
		for (;;) {
			size_t c = 4 * i + 1;
			if (c >= n) break;
			size_t least = c;
			if (c + 4 <= n) {
				size_t l = c + less(h[c + 1], h[c]), r = c + 2 + less(h[c + 3], h[c + 2]);
				least = less(h[r], h[l]) ? r : l;
			} else {
				for (size_t k = c + 1; k < n; k++) least = less(h[k], h[least]) ? k : least;
			}
			if (!less(h[least], e)) break;
			h[i] = h[least];
			i = least;
		}
		h[i] = e;
	}
};

struct Winner { // one slot per id, time << bits | id in a word: the fused form, in which pop only reads
	std::vector<u64> tree;
	int bits = 0;
	size_t leaves = 1;
	explicit Winner(int n) {
		while ((1 << bits) < n) bits++;
		leaves = size_t(1) << bits;
		tree.assign(2 * leaves, ~0ull);
	}
	void push(i64 t, int id) {
		u64 k = (u64)t << bits | (u64)id;
		size_t i = leaves + id;
		tree[i] = k;
		while (i > 1) {
			k = std::min(k, tree[i ^ 1]);
			i >>= 1;
			tree[i] = k;
		}
	}
	void pop(i64 &t, int &id) { t = tree[1] >> bits; id = tree[1] & (leaves - 1); }
};

struct Result { u64 events; u64 check; double extra; };

template <class Q, class S> Result hold(Q &q, S &s, int n, u64 events, std::chrono::steady_clock::time_point &begin) {
	i64 t = 0, check = 0;
	int id = 0;
	for (int i = 0; i < n; i++) q.push(s.draw(1000000), i);
	for (u64 k = 0; k < 3 * (u64)n; k++) { q.pop(t, id); q.push(t + s.draw(1000000), id); }
	begin = std::chrono::steady_clock::now();
	for (u64 k = 0; k < events; k++) {
		q.pop(t, id);
		check = check * 31 + t;
		q.push(t + s.draw(1000000), id);
	}
	return {events, (u64)check, 0};
}

template <class Q, class S> Result mm1(Q &q, S &s, u64 customers) {
	std::vector<i64> ring(1 << 16);
	u64 head = 0, tail = 0, served = 0, events = 0;
	i64 t = 0, sojourn = 0;
	int id = 0;
	q.push(s.draw(1250000), 0);
	while (served < customers) {
		q.pop(t, id);
		events++;
		if (id == 0) {
			ring[tail++ & 0xffff] = t;
			if (tail - head == 1) q.push(t + s.draw(1000000), 1);
			q.push(t + s.draw(1250000), 0);
		} else {
			sojourn += t - ring[head++ & 0xffff];
			served++;
			if (tail != head) q.push(t + s.draw(1000000), 1);
		}
	}
	return {events, (u64)sojourn, (double)sojourn / served / 1e6};
}

const i64 quantum = 5000000;

template <class Q, class S> Result rr(Q &q, S &s, int n) {
	std::vector<i64> left(n);
	std::vector<int> ring(n);
	for (int i = 0; i < n; i++) { left[i] = s.draw(10000000000) + 1; ring[i] = i; }
	int head = 0, alive = n, running = ring[0];
	u64 switches = 0;
	i64 t = 0, check = 0;
	int id = 0, count = n - 1;
	if (++head == n) head = 0;
	q.push(std::min(quantum, left[running]), running);
	i64 slice = std::min(quantum, left[running]);
	while (alive) {
		q.pop(t, id);
		switches++;
		left[id] -= slice;
		if (left[id] == 0) { alive--; check = check * 31 + t; }
		else { int at = head + count; if (at >= n) at -= n; ring[at] = id; count++; }
		if (!count) break;
		int next = ring[head];
		if (++head == n) head = 0;
		count--;
		slice = std::min(quantum, left[next]);
		q.push(t + slice, next);
	}
	return {switches, (u64)check, 0};
}

// RR with sleeps: ids below n are wake-ups, id n is the end of the slice.
template <class Q, class S> Result rrsleep(Q &q, S &s, int n, u64 events) {
	std::vector<i64> left(n);
	std::vector<int> ring(n);
	i64 t = 0, slice = 0, busy = 0, check = 0;
	int head = 0, count = 0, running = -1, id = 0;
	for (int i = 0; i < n; i++) q.push(s.draw(10000000000), i);
	auto dispatch = [&](i64 now) {
		running = -1;
		if (!count) return;
		running = ring[head];
		if (++head == n) head = 0;
		count--;
		slice = std::min(quantum, left[running]);
		q.push(now + slice, n);
	};
	auto ready = [&](int i) { int at = head + count; if (at >= n) at -= n; ring[at] = i; count++; };
	for (u64 k = 0; k < events; k++) {
		q.pop(t, id);
		check = check * 31 + t;
		if (id == n) {
			int i = running;
			busy += slice;
			if ((left[i] -= slice) == 0) q.push(t + s.draw(10000000000), i);
			else ready(i);
			dispatch(t);
		} else {
			left[id] = s.draw(10000000) + 1;
			ready(id);
			if (running < 0) dispatch(t);
		}
	}
	return {events, (u64)check, (double)busy / t};
}

// The best design for RR with sleeps: sleepers in a winner tree, the slice in a variable.
template <class S> Result rrsplit(S &s, int n, u64 events) {
	Winner w(n);
	const i64 never = (i64)(~0ull >> w.bits);
	std::vector<i64> left(n);
	std::vector<int> ring(n);
	i64 t = 0, slice = 0, end = never, busy = 0, check = 0;
	int head = 0, count = 0, running = -1;
	for (int i = 0; i < n; i++) w.push(s.draw(10000000000), i);
	auto dispatch = [&](i64 now) {
		running = -1;
		end = never;
		if (!count) return;
		running = ring[head];
		if (++head == n) head = 0;
		count--;
		slice = std::min(quantum, left[running]);
		end = now + slice;
	};
	auto ready = [&](int i) { int at = head + count; if (at >= n) at -= n; ring[at] = i; count++; };
	for (u64 k = 0; k < events; k++) {
		i64 wake;
		int id;
		w.pop(wake, id);
		if (wake <= end) {
			t = wake;
			w.push(never, id);
			left[id] = s.draw(10000000) + 1;
			ready(id);
			if (running < 0) dispatch(t);
		} else {
			t = end;
			int i = running;
			busy += slice;
			if ((left[i] -= slice) == 0) w.push(t + s.draw(10000000000), i);
			else ready(i);
			dispatch(t);
		}
		check = check * 31 + t;
	}
	return {events, (u64)check, (double)busy / t};
}

template <class Q, class S> Result run(const std::string &model, int n, S s, std::chrono::steady_clock::time_point &begin) {
	Q q(model == "rrsleep" ? n + 1 : n);
	if (model == "hold") return hold(q, s, n, n > 10000 ? 3000000 : 6000000, begin);
	if constexpr (!std::is_same_v<Q, Winner>) {
		if (model == "mm1") return mm1(q, s, 3000000);
		if (model == "rr") return rr(q, s, n);
		if (model == "rrsleep") return rrsleep(q, s, n, 6000000);
	} else if (model == "rrsleep") {
		return rrsplit(s, n, 6000000);
	}
	fprintf(stderr, "no model %s for this queue\n", model.c_str());
	exit(2);
}

template <class S> Result pick(const std::string &model, const std::string &queue, int n, S s, std::chrono::steady_clock::time_point &begin) {
	if (queue == "std") return run<StdQueue>(model, n, s, begin);
	if (queue == "4ary") return run<Heap4>(model, n, s, begin);
	if (queue == "winner") return run<Winner>(model, n, s, begin);
	fprintf(stderr, "no queue %s\n", queue.c_str());
	exit(2);
}

int main(int argc, char **argv) {
	if (argc != 5) {
		fprintf(stderr, "usage: anchors MODEL QUEUE SAMPLER N\n");
		return 2;
	}
	fill();
	std::string model = argv[1], queue = argv[2], sampler = argv[3];
	int n = atoi(argv[4]);
	auto begin = std::chrono::steady_clock::now();
	Result r = sampler == "tab" ? pick(model, queue, n, Tab{Random{1}}, begin) : pick(model, queue, n, Log{Random{1}}, begin);
	double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
	printf("%.3f %llu %016llx %.5f\n", ns / r.events, (unsigned long long)r.events, (unsigned long long)r.check, r.extra);
}
