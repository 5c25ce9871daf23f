# --- Interpreters ------------------------------------------------------------

# What each of several interpreters in one process executes. It gets the descriptors
# of its connections as numbers of eight digits.
SERVE = """\
import os, socket, sys, threading

def fib(n):
    if n <= 2:
        return 1
    else:
        return fib(n-1) + fib(n-2)

def fib_handler(client):
    try:
        while True:
            req = client.recv(100)
            if not req:
                break
            n = int(req)
            result = fib(n)
            resp = str(result).encode("ascii") + b"\\n"
            client.send(resp)
    except OSError:
        pass  # the client is gone
    client.close()

sys.setswitchinterval(interval)
os.write(ready, b"x")
while True:
    client = socket.socket(fileno=int(os.read(orders, 8)))
    threading.Thread(target=fib_handler, args=(client,)).start()
"""


def execute(source):
    """Execute source in a new interpreter of this process, which has a lock of its own."""
    # By name, as exec is a keyword of Python 2.
    if sys.version_info >= (3, 14):
        from concurrent import interpreters
        getattr(interpreters.create(), "exec")(source)
    elif sys.version_info >= (3, 13):
        import _interpreters
        failed = getattr(_interpreters, "exec")(_interpreters.create(), source)
        if failed:
            fail(failed.formatted)
    else:
        import _xxsubinterpreters
        _xxsubinterpreters.run_string(_xxsubinterpreters.create(), source)


def make_interpreters(count):
    """Return descriptors that give connections to interpreters, which stand ready."""
    out = []
    answer, ready = os.pipe()
    for _ in range(count):
        orders, order = os.pipe()
        names = "interval, ready, orders = %r, %d, %d\n" % (sys.getswitchinterval(), ready, orders)
        background(execute, names + SERVE)
        out.append(order)
    for _ in range(count):
        os.read(answer, 1)
    return out


def interpreters_server(sock, orders):
    for order in itertools.cycle(orders):
        client, addr = sock.accept()
        os.write(order, b"%8d" % client.detach())


