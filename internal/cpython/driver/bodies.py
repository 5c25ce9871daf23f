# --- Bodies ------------------------------------------------------------------

# A body becomes the source of a function that repeats and times it. What yields
# or awaits is written where a user would write it.

HEAD = """\
run(clock, until, turns, first, last, draw, note, full, loop, start):
"""
LOOP = """\
    for _ in turns:
        begin = clock()
        if begin >= until:
            return
"""
TAIL = """\
        end = clock()
        first(begin)
        last(end)
    full()
"""
# A function is a generator even where its body never yields.
UNREACHED = """\
    return
    yield
"""

# What threads share, and what they do with it.
SHARED = {
    "send": "queue_%d.put(1)",
    "recv": "queue_%d.get()",
    "lock": "lock_%d.acquire()",
    "unlock": "lock_%d.release()",
}

# Where a body may wait for another thread: by file name and line the operation, and
# the index of the queue or lock.
waits = {}


class Writer(object):
    """Writes bodies down as a Python user would, and what they use into names."""

    def __init__(self, program, names):
        self.program = program
        self.names = names
        self.kind = "thread"  # of the group that is being written
        self.scripts = {}     # names by text
        self.functions = []   # what pools do
        self.shared = {}      # lines that may wait, and for what

    def lines(self, ops, indent):
        for op in ops:
            kind = op["op"]
            if kind == "loop":
                yield "%sfor _ in range(%d):" % (indent, op["n"])
                for line in self.lines(op["body"], indent + "    "):
                    yield line
            elif kind == "yield":
                yield indent + ("for _ in range(%d): " % op["n"] if op["n"] > 1 else "") + self.turn()
            elif kind == "count":
                yield "%sfor value in range(%d, 0, -1):" % (indent, op["n"])
                if self.program["values"]:
                    yield indent + "    note(value)"
                yield indent + "    " + ("yield value" if self.kind == "yield" else self.turn())
            else:
                yield indent + self.line(op, kind)

    def line(self, op, kind):
        length = repr(op["ns"] / 1e9) if "ns" in op else "draw()"
        if kind == "fib":
            return "fib(%d)" % op["n"]
        if kind == "sleep" and self.kind == "asyncio":
            return "await pause(%s)" % length
        if kind in ("sleep", "spin", "nogil", "hold"):
            return "%s(%s)" % (kind, length)
        if kind == "read":
            return "read(%d)" % op["bytes"]
        if kind in ("hash", "script", "submit"):
            return getattr(self, kind)(op)
        if kind in SHARED:
            line = SHARED[kind] % op["ref"]
            if kind != "unlock":
                self.shared[line] = kind, op["ref"]
            return line
        fail("the driver knows no operation %r" % kind)

    def turn(self):
        """Return what lets the others have their turn."""
        return {"thread": "sleep(0)", "yield": "yield", "asyncio": "await pause(0)"}[self.kind]

    def hash(self, op):
        data = "data_%d" % op["bytes"]
        if data not in self.names:
            self.names[data] = b"x" * op["bytes"]
        return "sha256(%s)" % data

    def script(self, op):
        text = op["source"]
        if text not in self.scripts:
            name = "script_%d" % len(self.scripts)
            self.scripts[text], self.names[name] = name, script_of(text)
        return self.scripts[text] + "()"

    def submit(self, op):
        """Hand the body and its random lengths to a pool, and wait."""
        name = self.submitted(op)
        if not op["random"]:
            arguments = name
        elif op["random"] <= 8:
            arguments = "%s, [%s]" % (name, ", ".join(["draw()"] * op["random"]))
        else:
            arguments = "%s, [draw() for _ in range(%d)]" % (name, op["random"])
        if self.kind == "asyncio":
            return "await loop.run_in_executor(pool_%d, %s)" % (op["ref"], arguments)
        return "pool_%d.submit(%s).result()" % (op["ref"], arguments)

    def submitted(self, op):
        """Return the name of the function that does the body in a worker."""
        if "name" not in op:
            op["name"] = "work_%d" % len(self.functions)
            source = "def %s(lengths=()):\n    draw = drawer(lengths)\n" % op["name"]
            kind, self.kind = self.kind, "thread"
            source += "".join(line + "\n" for line in self.lines(op["body"], "    "))
            self.kind = kind
            self.functions.append((op["name"], source))
        return op["name"]

    def function(self, group):
        """Return the function of a group."""
        self.kind = group["kind"]
        body = "".join(line + "\n" for line in self.lines(group["body"], " " * 8))
        start = ""
        if self.kind == "asyncio" and group["start_ns"] > 0:
            start = "    await pause(max(0.0, start - clock()))\n"
        source = ("async def " if self.kind == "asyncio" else "def ") + HEAD + start + LOOP + body + TAIL
        if self.kind == "yield":
            source += UNREACHED
        return self.compiled(source, "run", group["name"])

    def compiled(self, source, name, filename):
        for number, line in enumerate(source.split("\n"), 1):
            if line.strip() in self.shared:
                waits[filename, number] = self.shared[line.strip()]
        space = dict(self.names)
        exec(compile(source, filename, "exec"), space)
        return space[name]


def script_of(text):
    """Return the function of a script: the one called run, or the only one."""
    space = {"__name__": "script", "range": range}
    try:
        exec(compile(text, "script", "exec"), space)
    except SyntaxError as e:
        fail("script: line %s: %s in Python; write what Starlark and Python share" % (e.lineno, e.msg))
    functions = [f for name, f in sorted(space.items()) if type(f) is type(script_of)]
    if "run" in space:
        return space["run"]
    if len(functions) != 1:
        fail("script: must define one function, or one that is called run; it defines %d" % len(functions))
    return functions[0]


def kinds(ops):
    found = set()
    for op in ops:
        found.add(op["op"])
        found |= kinds(op.get("body", ()))
    return found


MIB = 1 << 20


def reader(path):
    """Return a function that reads so many bytes of a file that has as many."""
    if not hasattr(os, "pread"):
        def read(n):
            with io.open(path, "rb", 0) as f:
                while n > 0:
                    n -= len(f.read(min(n, MIB)))
        return read
    file = os.open(path, os.O_RDONLY)
    os.unlink(path)  # it lasts as long as this process

    def read(n):
        for at in range(0, n, MIB):
            os.pread(file, min(MIB, n - at), at)
    return read


def names_for(program, achieved):
    """Return the names that bodies use, but for the pools."""
    used = set()
    for group in program["groups"]:
        used |= kinds(group["body"])
    names = {"fib": fib, "spin": spin, "sleep": time.sleep, "range": range, "sha256": hashlib.sha256, "drawer": drawer}
    if "nogil" in used:
        if not hasattr(hashlib, "pbkdf2_hmac"):
            fail("this interpreter has no hashlib.pbkdf2_hmac, which nogil: {spin: ...} needs; use nogil: {hash: ...}")
        names["nogil"], achieved["nogil_spin_achieved_ratio"] = calibrated(free)
    if "hold" in used:
        names["hold"], achieved["hold_spin_achieved_ratio"] = calibrated(kept)
    if "read" in used:
        names["read"] = reader(program["file"])
    for i, one in enumerate(program["queues"]):
        names["queue_%d" % i] = queue.Queue(one["size"])
    for i in range(len(program["locks"])):
        names["lock_%d" % i] = threading.Lock()
    if any(group["kind"] == "asyncio" for group in program["groups"]):
        import asyncio
        names["pause"] = asyncio.sleep
    return names


def each_op(ops):
    for op in ops:
        yield op
        for inner in each_op(op.get("body", ())):
            yield inner


def define_work(writer):
    """Define what pools do, where a worker that is forked later finds it."""
    for group in writer.program["groups"]:
        for op in each_op(group["body"]):
            if op["op"] == "submit":
                writer.submitted(op)
    writer.names["__name__"] = __name__
    for name, source in writer.functions:
        writer.names[name] = globals()[name] = writer.compiled(source, name, "submitted body")


class Exhausted(Exception):
    """There are no more random lengths."""


def exhausted():
    raise Exhausted
    yield


def drawer(lengths):
    """Return a function that returns the lengths, one after the other."""
    it = itertools.chain(lengths, exhausted())
    return it.next if hasattr(it, "next") else it.__next__


