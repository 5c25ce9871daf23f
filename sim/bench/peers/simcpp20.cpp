// SimCpp20: hold, each timer a coroutine. Usage: simcpp20 hold process - N.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fschuetz04/simcpp20.hpp"

static uint64_t state = 1;
static double exponential() {
	uint64_t z = state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return -std::log(((z >> 12) + 0.5) * 0x1p-52) * 1e6;
}

static uint64_t fired = 0;

static simcpp20::process<> timer(simcpp20::simulation<> &sim) {
	for (;;) {
		co_await sim.timeout(exponential());
		fired++;
	}
}

int main(int, char **argv) {
	int n = atoi(argv[4]);
	simcpp20::simulation<> sim;
	for (int i = 0; i < n; i++) timer(sim);
	const uint64_t warm = 3 * (uint64_t)n, events = 2000000;
	while (fired < warm) sim.step();
	auto begin = std::chrono::steady_clock::now();
	while (fired < warm + events) sim.step();
	double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
	printf("%.3f %llu - 0\n", ns / events, (unsigned long long)events);
	fflush(stdout);
	_Exit(0);
}
