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


