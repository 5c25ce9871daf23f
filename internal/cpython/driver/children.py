# --- Child processes ---------------------------------------------------------

# A pipe whose write end is this process's own: when it ends, in whatever way, its
# children read the end of the pipe and end, too. None before there are any.
life = None
children = []  # their ids


def expect():
    """Prepare for children. They are forked by the main thread, before time 0."""
    global life
    if life is None:
        life = os.pipe()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=belong)


def belong():
    """Make this child end with its parent. Further calls do nothing."""
    global life
    if life is None:
        return
    end, other = life
    life = None
    os.close(other)

    def follow():
        os.read(end, 1)
        os._exit(3)
    background(follow)


def fork(function):
    """Run function in a child, whose end before that of this process is an error."""
    expect()
    try:
        pid = os.fork()
    except (OSError, IOError) as e:
        fail("cannot start process %d: %s; lower the number of workers or raise the limit on processes (ulimit -u)" % (len(children) + 1, e))
    if pid:
        children.append(pid)
        return pid
    try:
        belong()
        function()
    except BaseException:
        fail(traceback.format_exc())
    finally:
        os._exit(1)


def mourn(pid):
    """Fail when a child has ended."""
    _, status = os.waitpid(pid, 0)
    how = "signal %d" % (status & 127) if status & 127 else "exit status %d" % (status >> 8)
    fail("a process of the server has ended with %s" % how)


def ready(seconds):
    """Keep a worker of a pool busy for a while; return its id."""
    belong()
    time.sleep(seconds)
    return os.getpid()


def make_pool(workers):
    """Return a pool of processes that all exist."""
    from concurrent.futures import ProcessPoolExecutor
    expect()
    options = {}
    if sys.version_info >= (3, 7):
        # A child that is forked has the bodies in its memory; another one would
        # look for a file to import them from. It is the default up to 3.13.
        import multiprocessing
        options["mp_context"] = multiprocessing.get_context("fork")
    found = set()
    seconds = 0.005
    try:
        pool = ProcessPoolExecutor(workers, **options)
        while len(found) < workers:
            found.update(pool.map(ready, [seconds] * workers))
            # A worker that is up early may have done the work of another one.
            seconds *= 2
    except Exception as e:
        fail("cannot start a pool of %d processes: %s; lower the number of workers or raise the limit on processes (ulimit -u)" % (workers, e))
    children.extend(sorted(found))
    return pool


def end_children():
    """Kill and reap the children."""
    for act in (lambda pid: os.kill(pid, signal.SIGKILL), lambda pid: os.waitpid(pid, 0)):
        for pid in children:
            try:
                act(pid)
            except (OSError, IOError):
                pass  # it has ended, and another thread has reaped it


