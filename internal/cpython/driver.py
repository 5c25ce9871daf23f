"""The program that a real interpreter runs on behalf of fibsim.

It comes in on standard input, before what it is to do, and needs nothing but
the standard library of CPython 2.7, 3.6 or later, or PyPy.

Input: one line of JSON; then, where the JSON announces them, random durations
as little-endian doubles, in seconds; then a line "start NS" and a line "stop".
The end of the input at any moment ends the process.
Output: lines of "@fibsim " and JSON. The line with "result" is followed by the
start and end times of each worker's iterations as little-endian doubles.
"""
from __future__ import division

import os
import sys

# What a library prints must not end up between the messages, so the messages
# get a descriptor of their own and everything else goes to standard error.
out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
if sys.platform == "win32":
    import msvcrt
    msvcrt.setmode(out.fileno(), os.O_BINARY)

import collections
import hashlib
import itertools
import json
import platform
import socket
import sysconfig
import threading
import time
import traceback
from array import array

stdin = getattr(sys.stdin, "buffer", sys.stdin)
MARK = b"@fibsim "

try:
    range = xrange
except NameError:
    pass


# --- Clocks ------------------------------------------------------------------

def posix_clock(number):
    """Return a function that reads a clock of the system, or None.

    For Python 2.7, which lacks time.monotonic and time.thread_time. PyDLL keeps
    the lock during the call, as the functions of module time do.
    """
    import ctypes

    class Timespec(ctypes.Structure):
        _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]

    for library in (None, "librt.so.1"):
        try:
            gettime = ctypes.PyDLL(library).clock_gettime
        except (AttributeError, OSError, TypeError):
            continue
        t = Timespec()
        if gettime(number, ctypes.byref(t)):
            continue

        def read():
            t = Timespec()
            gettime(number, ctypes.byref(t))
            return t.tv_sec + t.tv_nsec * 1e-9
        return read
    return None


darwin = sys.platform == "darwin"

# clock times the iterations: what a Python user would take, at its finest.
if sys.platform == "win32":
    clock = time.perf_counter if hasattr(time, "perf_counter") else time.clock
elif hasattr(time, "monotonic"):
    clock = time.monotonic
else:
    clock = time.time

# monotonic is the clock that other processes share.
if hasattr(time, "monotonic"):
    monotonic = time.monotonic
else:
    monotonic = posix_clock(6 if darwin else 1) or clock

# cpu_time is the CPU time of the calling thread.
cpu_clock = "thread"
if hasattr(time, "thread_time"):
    cpu_time = time.thread_time
elif hasattr(time, "CLOCK_THREAD_CPUTIME_ID"):
    def cpu_time():
        return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)
else:
    cpu_time = posix_clock(16 if darwin else 3)
    if cpu_time is None:
        cpu_time, cpu_clock = time.clock, "process"


def clock_at(shared):
    """Return what clock shows when monotonic shows shared seconds."""
    if clock is monotonic:
        return shared
    readings = []
    for _ in range(20):
        before = clock()
        there = monotonic()
        after = clock()
        readings.append((after - before, (before + after) / 2 - there))
    return shared + min(readings)[1]


# --- Messages ----------------------------------------------------------------

def tell(**message):
    out.write(MARK + json.dumps(message).encode("ascii") + b"\n")
    out.flush()


def fail(text):
    """Report an error and end the process at once, from any thread."""
    try:
        tell(error=text)
    finally:
        os._exit(1)


def doubles(values):
    if sys.byteorder != "little":
        values = values[:]
        values.byteswap()
    return values


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


# --- Costs -------------------------------------------------------------------

def each(work, n):
    """Return the seconds that one call of work takes: the median of rounds of n."""
    rounds = []
    turns = [None] * n
    for _ in range(41):
        begin = clock()
        for _ in turns:
            work()
        rounds.append((clock() - begin) / n)
    empty = []
    for _ in range(41):
        begin = clock()
        for _ in turns:
            pass
        empty.append((clock() - begin) / n)
    return max(0.0, middle(rounds) - middle(empty))


def release_take():
    """Return the seconds that it takes to let the lock go and take it back.

    zlib lets the lock go around a checksum of more than 5 KiB and of no less
    (zlibmodule.c), so one byte makes the difference. Where it does not, the
    difference is nothing.
    """
    import zlib
    short, long_ = b"x" * 5120, b"x" * 5121
    differences = []
    for _ in range(5):
        differences.append(each(lambda: zlib.adler32(long_), 300) - each(lambda: zlib.adler32(short), 300))
    return max(0.0, middle(differences))


def costs():
    """Return what the operations of this interpreter cost, in nanoseconds; those
    that cannot be told are 0."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    near = socket.socket()
    near.connect(listener.getsockname())
    far, _ = listener.accept()
    sends, recvs = [], []
    for _ in range(3000):
        begin = clock()
        near.send(b"30")
        between = clock()
        far.recv(100)
        recvs.append(clock() - between)
        sends.append(between - begin)
    lock = release_take()

    def request():
        int(b"30")
        str(832040).encode("ascii") + b"\n"

    return {
        "fib_call_ns": percall(25) * 1e9,
        "release_take_ns": lock * 1e9,
        # The simulator charges the lock on its own.
        "send_ns": max(0.0, middle(sends) - lock) * 1e9,
        "recv_ns": max(0.0, middle(recvs) - lock) * 1e9,
        "request_ns": each(request, 1000) * 1e9,
    }


# --- Bodies ------------------------------------------------------------------

HEAD = """\
def run(clock, until, turns, first, last, draw):
    for _ in turns:
        begin = clock()
        if begin >= until:
            return True
"""
TAIL = """\
        end = clock()
        first(begin)
        last(end)
"""


def statements(ops, indent, names):
    """Write a body down as a Python user would."""
    for op in ops:
        kind = op["op"]
        length = repr(op["ns"] / 1e9) if "ns" in op else "draw()"
        if kind == "loop":
            yield "%sfor _ in range(%d):" % (indent, op["n"])
            for line in statements(op["body"], indent + "    ", names):
                yield line
        elif kind == "fib":
            yield "%sfib(%d)" % (indent, op["n"])
        elif kind == "yield":
            loop = "for _ in range(%d): " % op["n"] if op["n"] > 1 else ""
            yield "%s%ssleep(0)" % (indent, loop)
        elif kind == "hash":
            data = "data_%d" % op["bytes"]
            if data not in names:
                names[data] = b"x" * op["bytes"]
            yield "%ssha256(%s)" % (indent, data)
        elif kind in ("sleep", "spin", "nogil", "hold"):
            yield "%s%s(%s)" % (indent, kind, length)
        else:
            fail("the driver knows no operation %r" % kind)


def kinds(ops):
    found = set()
    for op in ops:
        found.add(op["op"])
        found |= kinds(op.get("body", ()))
    return found


def names_for(groups, achieved):
    """Return the names that bodies use."""
    used = set()
    for group in groups:
        used |= kinds(group["body"])
    names = {"fib": fib, "spin": spin, "sleep": time.sleep, "range": range, "sha256": hashlib.sha256}
    if "nogil" in used:
        if not hasattr(hashlib, "pbkdf2_hmac"):
            fail("this interpreter has no hashlib.pbkdf2_hmac, which nogil: {spin: ...} needs; use nogil: {hash: ...}")
        names["nogil"], achieved["nogil_spin_achieved_ratio"] = calibrated(free)
    if "hold" in used:
        names["hold"], achieved["hold_spin_achieved_ratio"] = calibrated(kept)
    return names


def function_of(body, names):
    """Compile a body into a function that repeats and times it."""
    source = HEAD + "".join(line + "\n" for line in statements(body, " " * 8, names)) + TAIL
    space = dict(names)
    exec(compile(source, "body", "exec"), space)
    return space["run"]


# --- Threads -----------------------------------------------------------------

class Run(object):
    """What all threads of a run share. Times are those of clock."""

    def __init__(self, program):
        self.program = program
        self.go = threading.Event()
        self.finishing = threading.Lock()
        self.zero = 0.0   # time 0
        self.until = 0.0  # nothing new starts from here on
        self.late = 0.0   # the threads' release after the time that was asked for
        self.workers = []
        self.facts = {}


class Worker(threading.Thread):
    def __init__(self, run, group, function, draws):
        threading.Thread.__init__(self, name=group["name"])
        self.daemon = True
        self.run_ = run
        self.group = group
        self.function = function
        self.starts, self.ends = array("d"), array("d")
        self.draw = next_of(draws)

    def run(self):
        try:
            run, group = self.run_, self.group
            run.go.wait()
            if group["start_ns"] > 0:
                wait_until(run.zero + group["start_ns"] / 1e9)
            turns = range(group["times"] or group["most"])
            over = self.function(clock, run.until, turns, self.starts.append, self.ends.append, self.draw)
            if not over and not group["times"] and clock() < run.until:
                fail("%s: more than %d iterations of one thread; make its body longer or the run shorter" % (group["name"], group["most"]))
        except StopIteration:
            fail("%s: the random durations do not last" % self.group["name"])
        except BaseException:
            fail(traceback.format_exc())

    def rows(self):
        return min(len(self.starts), len(self.ends))


def next_of(draws):
    it = iter(draws)
    return it.next if hasattr(it, "next") else it.__next__


def wait_until(t):
    while True:
        left = t - clock()
        if left <= 0:
            return
        time.sleep(left)


# --- Server ------------------------------------------------------------------

def fib_handler(client):
    while True:
        try:
            req = client.recv(100)
        except (OSError, IOError):
            break
        if not req:
            break
        n = int(req)
        result = fib(n)
        resp = str(result).encode("ascii") + b"\n"
        client.send(resp)
    client.close()


def fib_server(sock):
    try:
        while True:
            client, addr = sock.accept()
            thread = threading.Thread(target=fib_handler, args=(client,))
            thread.daemon = True
            thread.start()
    except BaseException:
        fail(traceback.format_exc())


def listen(server):
    host, port = server["host"], server["port"]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(server["backlog"])
    except (OSError, IOError) as e:
        fail("cannot listen on %s port %d: %s; use port 0 for any free one" % (host, port, e))
    thread = threading.Thread(target=fib_server, args=(sock,))
    thread.daemon = True
    thread.start()
    return sock.getsockname()[1]


# --- A run -------------------------------------------------------------------

def identity():
    """Return what is to be known of the interpreter."""
    implementation = platform.python_implementation()
    version = ".".join(str(n) for n in sys.version_info[:3])
    if sys.version_info[3] != "final":
        version += "%s%d" % (sys.version_info[3], sys.version_info[4])
    facts = {
        "implementation": implementation, "version": version,
        "major": sys.version_info[0], "minor": sys.version_info[1],
        "executable": sys.executable or "",
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "gil_enabled": bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
        "cpu_clock": cpu_clock,
    }
    if hasattr(sys, "getswitchinterval"):
        facts["switch_interval_ns"] = int(round(sys.getswitchinterval() * 1e9))
    elif hasattr(sys, "getcheckinterval"):
        facts["check_interval"] = sys.getcheckinterval()
    return facts


def peak_memory():
    """Return the largest resident size of this process in bytes, or 0."""
    # The kernel starts ru_maxrss of a new program at the parent's size, so its
    # own account of this address space comes first.
    try:
        with open("/proc/self/status") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (IOError, OSError, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if darwin else 1024)


def read_draws(sizes):
    for size in sizes:
        data = stdin.read(8 * size)
        if len(data) != 8 * size:
            os._exit(3)
        draws = array("d")
        getattr(draws, "frombytes", getattr(draws, "fromstring", None))(data)
        yield doubles(draws)


def build(run):
    program = run.program
    if program.get("switch_interval_ns"):
        sys.setswitchinterval(program["switch_interval_ns"] / 1e9)
    if program.get("check_interval"):
        sys.setcheckinterval(program["check_interval"])
    draws = read_draws(program["draws"])
    drawn = {}
    for i, group in enumerate(program["groups"]):
        for n in range(group["count"]):
            drawn[i, n] = next(draws) if group["random"] else ()
    achieved = {}
    names = names_for(program["groups"], achieved)
    for i, group in enumerate(program["groups"]):
        function = function_of(group["body"], names)
        for n in range(group["count"]):
            run.workers.append(Worker(run, group, function, drawn[i, n]))
    call = percall(9)
    # Asked for after the interval was set: an interpreter may round it.
    run.facts = identity()
    run.facts["fib_call_ns"] = call * 1e9
    run.facts.update(achieved)


def start_threads(run):
    for i, worker in enumerate(run.workers):
        try:
            worker.start()
        except Exception as e:
            fail("cannot start thread %d of %d: %s; lower the count or raise the limit on processes (ulimit -u)" % (i + 1, len(run.workers), e))


def command():
    """Return the words of the next line of input; without one, end."""
    line = stdin.readline()
    if not line:
        os._exit(3)
    return line.decode("ascii").split()


def listener(run):
    while command() != ["stop"]:
        pass
    finish(run)


def finish(run):
    """Send what was measured and end the process, threads and all."""
    run.finishing.acquire()  # never released: only the first gets here
    now = clock()
    rows = [worker.rows() for worker in run.workers]
    result = {"rows": rows, "zero": run.zero, "late_ns": int(run.late * 1e9), "peak_memory": peak_memory(), "facts": run.facts}
    if now < run.until and any(worker.is_alive() for worker in run.workers):
        result["stopped"] = now - run.zero
    tell(result=result)
    for worker, n in zip(run.workers, rows):
        doubles(worker.starts[:n]).tofile(out)
        doubles(worker.ends[:n]).tofile(out)
    tell(done=True)
    os._exit(0)


def measure(run):
    """Let the threads go at time 0 and wait until they have ended."""
    program = run.program
    word, epoch = command()
    epoch = clock_at(int(epoch) / 1e9)
    thread = threading.Thread(target=listener, args=(run,))
    thread.daemon = True
    thread.start()
    wait_until(epoch)
    # Later than a sleep ends late: the host had no time for this process.
    now = clock()
    run.zero = epoch if now - epoch < 0.002 else now
    run.late = now - epoch
    run.until = run.zero + program["end_ns"] / 1e9 if program["end_ns"] else float("inf")
    run.go.set()
    if not program["end_ns"]:
        for worker in run.workers:
            worker.join()
        return
    # A join with a time limit polls in Python 2.7, which the threads would feel.
    wait_until(run.until)
    grace = run.until + program["grace_ns"] / 1e9
    for worker in run.workers:
        worker.join(max(0.0, grace - clock()))


def main():
    line = stdin.readline()
    if not line:
        os._exit(3)
    program = json.loads(line.decode("utf-8"))
    if program["mode"] == "probe":
        tell(facts=identity())
        return
    if program["mode"] == "costs":
        tell(costs=costs())
        return
    if program["mode"] == "pace":
        tell(pace_ns=percall(9) * 1e9)
        return
    run = Run(program)
    build(run)
    port = listen(program["server"]) if program.get("server") else 0
    start_threads(run)
    tell(ready=True, port=port, now=int(monotonic() * 1e9))
    measure(run)
    if not port:
        finish(run)
    # Requests may still be in flight; the other side knows when they are not.
    tell(ended=True)
    while True:
        time.sleep(3600)


main()
