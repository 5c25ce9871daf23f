# --- Threads -----------------------------------------------------------------

class Run(object):
    """What all threads of a run share. Times are those of clock."""

    def __init__(self, program):
        self.program = program
        self.go = threading.Event()
        self.zero = 0.0   # time 0
        self.until = 0.0  # nothing new starts from here on
        self.late = 0.0   # the threads' release after the time that was asked for
        self.workers = []
        self.threads = []
        self.values = []  # what counts yielded, with the worker's index
        self.facts = {}
        self.port = 0     # of the server, if there is one
        self.serve = lambda: None
        self.watch = None # looks for deadlocks, where there can be any


class Worker(object):
    """One thread or task of a group, and its times."""

    def __init__(self, run, group, function, draws):
        self.run = run
        self.index = len(run.workers)
        self.group = group
        self.function = function
        self.starts, self.ends = array("d"), array("d")
        self.draw = drawer(draws)

    def begin(self, loop=None):
        """Call the function. Where it makes a generator or a coroutine, return that."""
        run, group = self.run, self.group
        turns = range(group["times"] or group["most"])
        return self.function(
            clock, run.until, turns, self.starts.append, self.ends.append, self.draw, self.note, self.full,
            loop, self.start())

    def start(self):
        return self.run.zero + self.group["start_ns"] / 1e9

    def note(self, value):
        values = self.run.values
        if len(values) < self.run.program["values"]:
            values.append((self.index, value))

    def full(self):
        """Fail where a worker has done all that can be kept, and not all of its own."""
        group = self.group
        if not group["times"] and clock() < self.run.until:
            fail("%s: more than %d iterations of one thread; make its body longer or the run shorter" % (group["name"], group["most"]))

    def thread(self):
        """Do what a thread of the group does."""
        if self.group["start_ns"] > 0:
            wait_until(self.start())
        self.begin()

    def rows(self):
        return min(len(self.starts), len(self.ends))


class Thread(threading.Thread):
    """A thread that starts at time 0. Its failure is that of the run."""

    def __init__(self, run, name, function):
        threading.Thread.__init__(self, name=name)
        self.daemon = True
        self.run_ = run
        self.function = function

    def run(self):
        try:
            self.run_.go.wait()
            self.function()
        except Exhausted:
            fail("%s: the random durations do not last" % self.name)
        except BaseException:
            fail(traceback.format_exc())


def make_threads(run):
    """Make a thread for each worker that is one, and one for each kind of tasks."""
    for worker in run.workers:
        if worker.group["kind"] == "thread":
            run.threads.append(Thread(run, worker.group["name"], worker.thread))
    for kind, loop in (("yield", yield_loop), ("asyncio", asyncio_loop)):
        group = [worker for worker in run.workers if worker.group["kind"] == kind]
        if group:
            run.threads.append(Thread(run, "tasks", lambda loop=loop, group=group: loop(group)))


def wait_until(t):
    while True:
        left = t - clock()
        if left <= 0:
            return
        time.sleep(left)


def background(function, *args):
    """Run function in a thread that does not keep the process from ending."""
    def guarded():
        try:
            function(*args)
        except BaseException:
            fail(traceback.format_exc())
    thread = threading.Thread(target=guarded)
    thread.daemon = True
    thread.start()
    return thread


