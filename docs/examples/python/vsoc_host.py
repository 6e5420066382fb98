"""A host process's region, from the ivshmem server's socket: docs/protocol-host.md in Python."""

import os
import select
import socket
import struct
import time

from vsoc_memory import Window, post, read_regions, receive, ring

VERSION = 1
ANSWER = struct.Struct("<iIII")
NOTICE = struct.Struct("<II")


class HostRegion:
    def __init__(self, server_socket, name, timeout=10):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(server_socket)
        self._fds = []
        (version,) = struct.unpack("<I", self._read(4))
        if version != VERSION:
            raise OSError(f"the server speaks version {version}, this is {VERSION}")
        encoded = name.encode("ascii")
        self._socket.sendall(struct.pack("<h", len(encoded)) + encoded)
        status, begin, end, text_length = ANSWER.unpack(self._read(ANSWER.size))
        text = self._read(text_length).decode()
        if status != 0:
            raise OSError(-status, text)
        self._to_host, self._to_guest, window_fd = self._fds
        self.window = Window(window_fd)
        self.record = read_regions(self.window)[name]
        if (self.record.begin, self.record.end) != (begin, end):
            raise OSError(f"the server puts {name} at {begin:#x} to {end:#x}, the window does not")
        # Edge-triggered, and never read: the counter is shared with all other host processes of the region.
        self._edges = select.epoll()
        self._edges.register(self._to_host, select.EPOLLIN | select.EPOLLET)

    def _read(self, count):
        """Exactly `count` bytes; descriptors that come along are kept in order."""
        data = b""
        while len(data) < count:
            piece, fds, _flags, _from = socket.recv_fds(
                self._socket, count - len(data), 3, socket.MSG_CMSG_CLOEXEC
            )
            self._fds += fds
            if piece == b"":
                raise OSError(f"the server closed after {len(data)} of {count} bytes")
            data += piece
        return data

    def load(self, offset):
        return self.window.load(self.record.begin + offset)

    def store(self, offset, value):
        self.window.store(self.record.begin + offset, value)

    def signal(self, offset):
        """Tells the guest that the word at `offset` was changed."""
        if post(self.window, self.record, self.record.host_to_guest, offset):
            ring(self._to_guest)

    def wait_while(self, offset, value, timeout):
        """Sleeps while the word holds `value`, at most `timeout` seconds; returns what it holds then."""
        deadline = time.monotonic() + timeout
        while True:
            receive(self.window, self.record, self.record.guest_to_host)
            # Whatever was in the table: the word itself tells.
            seen = self.load(offset)
            left = deadline - time.monotonic()
            if seen != value or left <= 0:
                return seen
            self._edges.poll(left)

    def next_notice(self):
        """The epoch of a guest that has started, or 0: its connection is gone."""
        kind, epoch = NOTICE.unpack(self._read(NOTICE.size))
        return epoch if kind == 1 else self.next_notice()

    def close(self):
        self._edges.close()
        self.window.close()
        self._socket.close()
        for fd in self._fds:
            os.close(fd)
