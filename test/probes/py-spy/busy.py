"""Two threads: one computes in `hot` and, a quarter as long, in `cold`; one waits. Tells ten times a second how much CPU each function took."""
import json
import threading
import time


def work_for(seconds):
    """Returns the CPU seconds that it took."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        sum(range(200))
    return time.thread_time() - began


def hot():
    return work_for(0.008)


def cold():
    return work_for(0.002)


def serve():
    spent = {"hotMs": 0, "coldMs": 0}
    told = 0
    while True:
        spent["hotMs"] += hot() * 1000
        spent["coldMs"] += cold() * 1000
        time.sleep(0.005)
        if time.monotonic() - told >= 0.1:
            told = time.monotonic()
            print(json.dumps(spent), flush=True)


threading.Thread(target=threading.Event().wait, daemon=True).start()
serve()
