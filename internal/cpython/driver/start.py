"""The program that a real interpreter runs on behalf of fibsim.

It comes in on standard input, before what it is to do, and needs nothing but
the standard library of CPython 2.7, 3.6 or later, or PyPy.

Input: one line of JSON; then, where the JSON announces them, random durations
as little-endian doubles, in seconds; then a line "start NS" and a line "stop".
The end of the input at any moment ends the process.
Output: lines of "@fibsim " and JSON. The line with "result" is followed by the
start and end times of each worker's iterations as little-endian doubles.
"""
from __future__ import division

import os
import sys

# What a library prints must not end up between the messages, so the messages
# get a descriptor of their own and everything else goes to standard error.
out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
if sys.platform == "win32":
    import msvcrt
    msvcrt.setmode(out.fileno(), os.O_BINARY)

import collections
import hashlib
import io
import itertools
import json
import platform
import select
import signal
import socket
import sysconfig
import threading
import time
import traceback
from array import array

stdin = getattr(sys.stdin, "buffer", sys.stdin)
MARK = b"@fibsim "

try:
    import queue
except ImportError:
    import Queue as queue
    range = xrange


