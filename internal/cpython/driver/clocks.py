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


