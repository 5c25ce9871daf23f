# --- Deadlocks ---------------------------------------------------------------

# In a run until all is done, threads that wait for each other would wait for ever.

def process_time():
    return sum(os.times()[:2])


class Watch(object):
    """Looks once in a while whether every thread waits for another."""

    def __init__(self, run, names):
        self.run = run
        self.names = names
        self.last = None

    def holds(self, kind, index):
        """Report whether such an operation has to wait now."""
        if kind == "lock":
            return self.names["lock_%d" % index].locked()
        items = self.names["queue_%d" % index]
        return items.full() if kind == "send" else items.empty()

    def waiting(self, frame):
        """Return the group and what the thread of a frame waits for, or None."""
        while frame:
            name = frame.f_code.co_filename
            if (name, frame.f_lineno) in waits:
                kind, index = waits[name, frame.f_lineno]
                return (name, kind, index) if self.holds(kind, index) else None
            frame = frame.f_back

    def look(self):
        """Return what each thread waits for; None where one of them does not."""
        frames = sys._current_frames()
        seen, found = [], []
        for thread in self.run.threads:
            if not thread.is_alive():
                continue
            frame = frames.get(thread.ident)
            wait = self.waiting(frame)
            if wait is None:
                return None
            found.append(wait)
            # The frame itself, so that no other one can have its place in memory.
            seen.append((frame, frame.f_lasti))
        return seen, [worker.rows() for worker in self.run.workers], found

    def step(self):
        """Wait a second; return what each thread waits for if that was all they did."""
        used = process_time()
        time.sleep(1)
        look, last = self.look(), self.last
        self.last = look
        # Who has gone on has used the CPU, or is elsewhere.
        if look and look[2] and look == last and process_time() - used < 0.05:
            return look[2]

    def watch(self):
        found = None
        while not found:
            found = self.step()
        parts = []
        for name, kind, index in found:
            if kind == "lock":
                part = "%s waits for lock %s" % (name, self.run.program["locks"][index]["name"])
            else:
                side = "send to" if kind == "send" else "receive from"
                part = "%s waits to %s queue %s" % (name, side, self.run.program["queues"][index]["name"])
            if part not in parts:
                parts.append(part)
        fail("every thread waits for another, so that the run has no end: " + "; ".join(parts))


