# --- Messages ----------------------------------------------------------------

# Whoever takes it ends the process. Nobody lets it go.
ending = threading.Lock()


def tell(**message):
    out.write(MARK + json.dumps(message).encode("ascii") + b"\n")
    out.flush()


def fail(text):
    """Report an error and end the process at once, from any thread."""
    if not ending.acquire(False):
        # The end is on its way, and takes away what others are working with.
        while True:
            time.sleep(3600)
    try:
        tell(error=text)
    finally:
        os._exit(1)


def doubles(values):
    if sys.byteorder != "little":
        values = values[:]
        values.byteswap()
    return values


