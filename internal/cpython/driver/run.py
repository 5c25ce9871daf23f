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


def largest_size(pid):
    """Return the largest resident size of a process in bytes, or 0."""
    try:
        with open("/proc/%s/status" % pid) as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (IOError, OSError, ValueError):
        pass
    return 0


def peak_memory():
    """Return the largest resident sizes of this process and of its children, in
    bytes and added up; 0 if they cannot be told."""
    # The kernel starts ru_maxrss of a new program at the parent's size, so its
    # own account of this address space comes first.
    own = largest_size("self")
    if own or children:
        # Where only this process can be told, that would not be the whole.
        return own and own + sum(largest_size(pid) for pid in children)
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
    names = names_for(program, achieved)
    writer = Writer(program, names)
    define_work(writer)
    call = percall(9)
    # Asked for after the interval was set: an interpreter may round it.
    run.facts = identity()
    run.facts["fib_call_ns"] = call * 1e9
    run.facts.update(achieved)
    if program.get("server"):
        run.port, run.serve = make_server(program["server"])
    for i, workers in enumerate(program["pools"]):
        names["pool_%d" % i] = make_pool(workers)
    if children:
        run.facts["start_method"] = "fork"
    for i, group in enumerate(program["groups"]):
        function = writer.function(group)
        for n in range(group["count"]):
            run.workers.append(Worker(run, group, function, drawn[i, n]))
    make_threads(run)
    if waits and not program["end_ns"]:
        run.watch = Watch(run, names).watch


def start_threads(run):
    for i, thread in enumerate(run.threads):
        try:
            thread.start()
        except Exception as e:
            fail("cannot start thread %d of %d: %s; lower the count or raise the limit on processes (ulimit -u)" % (i + 1, len(run.threads), e))


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
    """Send what was measured and end the process, threads, children and all."""
    ending.acquire()
    now = clock()
    rows = [worker.rows() for worker in run.workers]
    result = {"rows": rows, "zero": run.zero, "late_ns": int(run.late * 1e9), "peak_memory": peak_memory(), "facts": run.facts}
    if any(thread.is_alive() for thread in run.threads):
        if now < run.until:
            result["stopped"] = now - run.zero
        result["cut_off"] = now >= run.until + run.program["grace_ns"] / 1e9
    values = run.values[:]
    result["values"] = len(values)
    tell(result=result)
    for worker, n in zip(run.workers, rows):
        doubles(worker.starts[:n]).tofile(out)
        doubles(worker.ends[:n]).tofile(out)
    doubles(array("d", itertools.chain.from_iterable(values))).tofile(out)
    tell(done=True)
    end_children()
    os._exit(0)


def begin_at(run, zero):
    run.zero = zero
    run.until = zero + run.program["end_ns"] / 1e9 if run.program["end_ns"] else float("inf")


def measure(run):
    """Let the threads go at time 0 and wait until they have ended."""
    program = run.program
    word, epoch = command()
    epoch = clock_at(int(epoch) / 1e9)
    begin_at(run, epoch) # an interrupt may come before it
    thread = threading.Thread(target=listener, args=(run,))
    thread.daemon = True
    thread.start()
    wait_until(epoch)
    # Later than a sleep ends late: the host had no time for this process.
    now = clock()
    begin_at(run, epoch if now - epoch < 0.002 else now)
    run.late = now - epoch
    run.go.set()
    if not program["end_ns"]:
        if run.watch:
            background(run.watch)
        for thread in run.threads:
            thread.join()
        return
    # A join with a time limit polls in Python 2.7, which the threads would feel.
    wait_until(run.until)
    grace = run.until + program["grace_ns"] / 1e9
    for thread in run.threads:
        thread.join(max(0.0, grace - clock()))


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
        # One at a time, in turn with what it is compared to, until nobody asks any more.
        while stdin.readline():
            tell(pace_ns=percall(1) * 1e9)
        return
    run = Run(program)
    build(run)
    run.serve()
    start_threads(run)
    tell(ready=True, port=run.port, now=int(monotonic() * 1e9))
    measure(run)
    if not run.port:
        finish(run)
    # Requests may still be in flight; the other side knows when they are not.
    tell(ended=True)
    while True:
        time.sleep(3600)


main()
