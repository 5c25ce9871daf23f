# --- Tasks -------------------------------------------------------------------

def yield_loop(workers):
    """Run generators in turn, each to its next yield."""
    later = collections.deque(sorted(workers, key=Worker.start))
    tasks = collections.deque()
    while tasks or later:
        while later and (not tasks or clock() >= later[0].start()):
            wait_until(later[0].start())
            tasks.append(later.popleft().begin())
        task = tasks.popleft()
        try:
            next(task)
            tasks.append(task)
        except StopIteration:
            pass


ALL = """\
async def all(tasks):
    await gather(*tasks)
"""


def asyncio_loop(workers):
    """Run coroutines in an event loop."""
    import asyncio
    space = {"gather": asyncio.gather}
    exec(ALL, space)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    tasks = [loop.create_task(worker.begin(loop)) for worker in workers]
    loop.run_until_complete(space["all"](tasks))


