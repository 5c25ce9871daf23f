"""SimPy: python simpy_models.py MODEL process - N."""
import random
import sys
import time

import simpy

QUANTUM, BURST, SLEEP = 5e6, 1e7, 1e10


def hold(n, events):
    env, count = simpy.Environment(), 0

    def timer():
        nonlocal count
        while True:
            yield env.timeout(random.expovariate(1e-6))
            count += 1
            if count == events:
                done.succeed()

    done = env.event()
    for _ in range(n):
        env.process(timer())
    begin = time.perf_counter()
    env.run(until=done)
    return begin, events, 0


def mm1(n, customers):
    env = simpy.Environment()
    server, total, served = simpy.Resource(env), 0.0, 0
    done = env.event()

    def customer():
        nonlocal total, served
        came = env.now
        with server.request() as r:
            yield r
            yield env.timeout(random.expovariate(1e-6))
        total += env.now - came
        served += 1
        if served == customers:
            done.succeed()

    def source():
        while True:
            yield env.timeout(random.expovariate(0.8e-6))
            env.process(customer())

    env.process(source())
    begin = time.perf_counter()
    env.run(until=done)
    return begin, 2 * customers, total / customers / 1e6


def rrsleep(n, events):
    env = simpy.Environment()
    cpu, count, busy = simpy.Resource(env), 0, 0.0
    done = env.event()

    def event():
        nonlocal count
        count += 1
        if count == events:
            done.succeed()

    def thread():
        nonlocal busy
        while True:
            yield env.timeout(random.expovariate(1 / SLEEP))
            event()
            left = random.expovariate(1 / BURST)
            while left > 0:
                with cpu.request() as r:
                    yield r
                    part = min(QUANTUM, left)
                    yield env.timeout(part)
                    busy += part
                    left -= part
                event()

    for _ in range(n):
        env.process(thread())
    begin = time.perf_counter()
    env.run(until=done)
    return begin, events, busy / env.now


random.seed(1)
model, size = sys.argv[1], int(sys.argv[4])
begin, events, extra = {"hold": hold, "mm1": mm1, "rrsleep": rrsleep}[model](size, 150_000)
print(f"{(time.perf_counter() - begin) * 1e9 / events:.3f} {events} - {extra:.5f}")
