# --- Servers -----------------------------------------------------------------

# Each is what one would write in Python, after "Python Concurrency From the Ground
# Up" (David Beazley, PyCon 2015).

def fib_handler(client):
    try:
        while True:
            req = client.recv(100)
            if not req:
                break
            n = int(req)
            result = fib(n)
            resp = str(result).encode("ascii") + b"\n"
            client.send(resp)
    except (OSError, IOError):
        pass  # the client is gone
    client.close()


def pool_handler(client, pool):
    try:
        while True:
            req = client.recv(100)
            if not req:
                break
            n = int(req)
            future = pool.submit(fib, n)
            result = future.result()
            resp = str(result).encode("ascii") + b"\n"
            client.send(resp)
    except (OSError, IOError):
        pass  # the client is gone
    client.close()


def sequential_server(sock):
    while True:
        client, addr = sock.accept()
        fib_handler(client)


def threads_server(sock):
    while True:
        client, addr = sock.accept()
        background(fib_handler, client)


def processes_server(sock, pool):
    while True:
        client, addr = sock.accept()
        background(pool_handler, client, pool)


def prefork_process(sock, count):
    """Be one of the processes that accept from one socket."""
    for thread in [background(sequential_server, sock) for _ in range(count)]:
        thread.join()


# The scheduler of the talk: generators that yield what they are about to wait for.

tasks = collections.deque()
recv_wait = {}
send_wait = {}
future_wait = {}


def scheduler():
    while any([tasks, recv_wait, send_wait]):
        while not tasks:
            can_recv, can_send, _ = select.select(recv_wait, send_wait, [])
            for s in can_recv:
                tasks.append(recv_wait.pop(s))
            for s in can_send:
                tasks.append(send_wait.pop(s))
        task = tasks.popleft()
        try:
            why, what = next(task)
            if why == "recv":
                recv_wait[what] = task
            elif why == "send":
                send_wait[what] = task
            elif why == "future":
                future_wait[what] = task
                what.add_done_callback(future_done)
        except StopIteration:
            pass


def future_done(future):
    tasks.append(future_wait.pop(future))
    future_notify.send(b"x")


def future_monitor():
    while True:
        yield "recv", future_event
        future_event.recv(100)


def coroutine_server(sock, handler):
    while True:
        yield "recv", sock
        client, addr = sock.accept()
        tasks.append(handler(client))


def coroutine_handler(client):
    try:
        while True:
            yield "recv", client
            req = client.recv(100)
            if not req:
                break
            n = int(req)
            result = fib(n)
            resp = str(result).encode("ascii") + b"\n"
            yield "send", client
            client.send(resp)
    except (OSError, IOError):
        pass  # the client is gone
    client.close()


def coroutine_pool_handler(client, pool):
    try:
        while True:
            yield "recv", client
            req = client.recv(100)
            if not req:
                break
            n = int(req)
            future = pool.submit(fib, n)
            yield "future", future
            result = future.result()
            resp = str(result).encode("ascii") + b"\n"
            yield "send", client
            client.send(resp)
    except (OSError, IOError):
        pass  # the client is gone
    client.close()


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
    return sock


def make_server(server):
    """Return the port of the server, and what makes it accept.

    Its processes are made at once, those of prefork before any thread is.
    """
    global future_notify, future_event
    model, workers = server["model"], server["workers"]
    sock = listen(server)
    port = sock.getsockname()[1]
    if model == "sequential":
        return port, lambda: background(sequential_server, sock)
    if model == "threads":
        return port, lambda: background(threads_server, sock)
    if model == "processes":
        pool = make_pool(workers)
        return port, lambda: background(processes_server, sock, pool)
    if model == "prefork":
        processes = [fork(lambda: prefork_process(sock, server["threads"])) for _ in range(workers)]
        sock.close()
        return port, lambda: [background(mourn, pid) for pid in processes]
    if model == "interpreters":
        orders = make_interpreters(workers)
        return port, lambda: background(interpreters_server, sock, orders)
    if model == "coroutines":
        tasks.append(coroutine_server(sock, coroutine_handler))
        return port, lambda: background(scheduler)
    if model == "coroutines+processes":
        pool = make_pool(workers)
        future_notify, future_event = socket.socketpair()
        tasks.append(future_monitor())
        tasks.append(coroutine_server(sock, lambda client: coroutine_pool_handler(client, pool)))
        return port, lambda: background(scheduler)
    fail("the driver knows no server model %r" % model)


