"""Eight threads that want the interpreter lock: each computes in `score`, then exchanges a byte by a socket in `exchange`, which takes hardly any CPU."""
import socket
import threading


def score():
    total = 0
    for i in range(20000):
        total = (total * 31 + i) % 1000003
    return total


def exchange(pair):
    for _ in range(20):
        pair[0].send(b"x")
        pair[1].recv(1)


def serve():
    pair = socket.socketpair()
    while True:
        score()
        exchange(pair)


for _ in range(7):
    threading.Thread(target=serve, daemon=True).start()
serve()
