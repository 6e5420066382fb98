"""A guest process's side: device nodes, tokens and ioctls, docs/protocol-channel.md in Python. A token is an
ordinary descriptor: dup, inherit or send it, and whoever holds it shares the open file description.
"""

import os
import socket
import struct
from dataclasses import dataclass

from vsoc_memory import PAGE_BYTES, Window, post, ring, unpack_record

OPEN_ANSWER = struct.Struct("<iIIIIIQQ")
REQUEST = struct.Struct("<III")
REPLY = struct.Struct("<IiI")
PERMISSION = struct.Struct("<IIII")
COND_WAIT_ARGUMENT = struct.Struct("<IIQIIII")

CREATE_FD_SCOPED_PERMISSION = 0x4010F500
GET_FD_SCOPED_PERMISSION = 0x8010F501
DESCRIBE_REGION = 0x803CF504
COND_WAIT = 0xC020F507
COND_WAKE = 0xF508
WAIT_IF_EQUAL, WAIT_IF_EQUAL_TIMEOUT = 1, 2


@dataclass(frozen=True)
class Permission:
    begin: int
    end: int
    owner_offset: int
    owned_value: int


def _connect(path):
    """A connection and its first message: the answer's fields, the descriptors."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(path)
    message, fds, _flags, _from = socket.recv_fds(connection, 4096, 3, socket.MSG_CMSG_CLOEXEC)
    status, *fields = OPEN_ANSWER.unpack_from(message)
    if status != 0:
        raise OSError(-status, message[OPEN_ANSWER.size :].decode())
    return connection, fields, fds


def open_node(path):
    """open(2) on a region's node: token and doorbell. The connection has nothing more to give."""
    connection, (_index, _size, _epoch, bus, *_), (token, window_fd, doorbell) = _connect(path)
    connection.close()
    os.close(window_fd)
    if bus != 0:
        raise OSError("this example knows the embedded bus alone, not the PCI one")
    return token, doorbell


class Channel:
    """Requests of this process, one after the other, about any token that it holds."""

    def __init__(self, device_directory):
        self._socket, fields, (self._window_fd,) = _connect(f"{device_directory}/control")
        _index, self._window_bytes, self.epoch, *_, self._window_offset, _doorbell = fields
        self.window = Window(self._window_fd)
        self._last_id = 0

    def ioctl(self, token, request, data=b"", argument=0, managed=None):
        """The reply's argument bytes; a failed COND_WAIT has some too, in the error's `answer`."""
        self._last_id += 1
        head = REQUEST.pack(self._last_id, request, argument)
        tokens = [token] if managed is None else [token, managed]
        socket.send_fds(self._socket, [head + data], tokens)
        while True:
            reply = self._socket.recv(4096)
            if reply == b"":
                raise ConnectionResetError("the guest driver is gone: this guest has crashed")
            number, status, length = REPLY.unpack_from(reply)
            if number == self._last_id:
                break
        tail = reply[REPLY.size :]
        if status < 0:
            error = OSError(-status, tail[length:].decode())
            error.answer = tail[:length]
            raise error
        return tail[:length]

    def describe(self, token):
        return unpack_record(self.ioctl(token, DESCRIBE_REGION), None)

    def claim(self, manager, managed, permission):
        """Attaches `permission` to the description of `managed`. EAGAIN: another claim has won."""
        fields = (permission.begin, permission.end, permission.owner_offset, permission.owned_value)
        data = PERMISSION.pack(*fields) + struct.pack("<i", 1)
        self.ioctl(manager, CREATE_FD_SCOPED_PERMISSION, data, managed=managed)

    def permission(self, token):
        return Permission(*PERMISSION.unpack(self.ioctl(token, GET_FD_SCOPED_PERMISSION)))

    def map_area(self, token):
        """The area of the token's permission, and nothing around it."""
        permission, region = self.permission(token), self.describe(token)
        offset = self._window_offset + region.begin + permission.begin
        return Window(self._window_fd, offset, permission.end - permission.begin)

    def wait_while(self, token, offset, value, deadline_ns=None):
        """Sleeps in the driver while the word holds `value`; returns how often it was woken. TimeoutError
        past the deadline, which is one of time.monotonic_ns."""
        kind = WAIT_IF_EQUAL if deadline_ns is None else WAIT_IF_EQUAL_TIMEOUT
        seconds, nanoseconds = divmod(deadline_ns or 0, 1_000_000_000)
        data = COND_WAIT_ARGUMENT.pack(offset, value, seconds, nanoseconds, kind, 0, 0)
        return COND_WAIT_ARGUMENT.unpack(self.ioctl(token, COND_WAIT, data))[5]

    def signal(self, token, doorbell, region, offset):
        """Tells the host, and guest processes that wait, that the word at `offset` was changed."""
        if post(self.window, region, region.guest_to_host, offset):
            ring(doorbell)
        self.ioctl(token, COND_WAKE, argument=offset)

    def close(self):
        self.window.close()
        os.close(self._window_fd)
        self._socket.close()


def pages(count):
    return count * PAGE_BYTES
