# Sends the last copy of a TCP socket whose close would wait for the given seconds: full towards a peer that does not
# read. `pair` sends it over descriptor 3, `connect PATH` over a fresh connection; with a text as long as is said.
import os, socket, struct, sys, time

seconds, text_bytes, way = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
listening = socket.create_server(("127.0.0.1", 0))
sender = socket.create_connection(listening.getsockname())
peer, _ = listening.accept()
sender.setblocking(False)
try:
    while True:
        sender.send(b"x" * 65536)
except BlockingIOError:
    pass
sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))
if way == "pair":
    over = socket.socket(fileno=3)
else:
    over = socket.socket(socket.AF_UNIX)
    over.connect(sys.argv[4])
socket.send_fds(over, [b"x" * text_bytes], [sender.fileno()])
sender.close()
print("sent", flush=True)
sys.stdin.read()
