# --- Operations --------------------------------------------------------------

def fib(n):
    if n <= 2:
        return 1
    else:
        return fib(n-1) + fib(n-2)


def spin(seconds):
    end = cpu_time() + seconds
    while cpu_time() < end:
        pass


def free(n):
    """Compute in C with the lock released, in proportion to n."""
    hashlib.pbkdf2_hmac("sha256", b"fibsim", b"salt", n)


def kept(n):
    """Compute in C, in proportion to n, without a look at the eval breaker."""
    collections.deque(itertools.repeat(None, n), 0)


def middle(values):
    values = sorted(values)
    return values[len(values) // 2]


def calibrated(work):
    """Return a function that calls work for a number of seconds of CPU time,
    and the share of what is asked for that a trial reached."""
    # The CPU clock of Windows steps by 16 ms; the others are fine enough.
    timer = clock if sys.platform == "win32" else cpu_time

    def cost(n, calls):
        begin = timer()
        for _ in range(calls):
            work(n)
        return (timer() - begin) / calls

    n = 16
    # Long enough for the clock's step and the call's own cost to be lost in it.
    while cost(n, 1) < 0.002:
        n *= 2
    # Not the best of them: where a core is shared, its speed changes all the
    # time, and CPU time is what is asked for at whatever speed.
    base = middle(cost(1, 20) for _ in range(9))
    each = (middle(cost(n, 1) for _ in range(15)) - base) / (n - 1)

    def run(seconds):
        work(max(1, int((seconds - base) / each)))

    def trial(seconds):
        begin = timer()
        run(seconds)
        return (timer() - begin) / seconds

    return run, middle(trial(0.002) for _ in range(9))


def percall(rounds):
    """Return the seconds that one call of fib takes, at best."""
    best = 9e9
    for _ in range(rounds):
        begin = clock()
        fib(22)
        best = min(best, clock() - begin)
    return best / (2*17711 - 1)


