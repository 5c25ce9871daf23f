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
        self.facts = {}
        self.port = 0     # of the server, if there is one
        self.serve = lambda: None


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


