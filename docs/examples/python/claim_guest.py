"""claim_guest.py DEVICE_DIRECTORY MANAGER MANAGED: claims the last page of a managed region, writes into it,
and sends the token to a second process, which reads the area and has it for itself once the first one has ended.
It lets go at a line on standard input. Prints lines of JSON.
"""

import json
import os
import socket
import sys

from vsoc_guest import Channel, Permission, open_node, pages

TEXT = b"written by the first process"


def say(**what):
    print(json.dumps(what), flush=True)


def errno_of(call):
    try:
        call()
    except OSError as error:
        return error.errno
    return 0


def first(device_directory, manager_name, managed_name, connection):
    channel = Channel(device_directory)
    manager, _ = open_node(f"{device_directory}/{manager_name}")
    managed, _ = open_node(f"{device_directory}/{managed_name}")
    say(who="first", step="opened", get=errno_of(lambda: channel.permission(managed)))

    region = channel.describe(managed)
    end = region.end - region.begin
    owner = channel.describe(manager).data_offset
    claim = Permission(end - pages(1), end, owner, os.getpid())
    channel.claim(manager, managed, claim)
    rival, _ = open_node(f"{device_directory}/{managed_name}")
    again = errno_of(lambda: channel.claim(manager, rival, claim))
    say(who="first", step="claimed", pid=os.getpid(), again=again)

    area = channel.map_area(managed)
    area.bytes[: len(TEXT)] = TEXT
    socket.send_fds(connection, [b"a token"], [managed])
    # The description lives on: the other process holds it.
    area.close()
    os.close(managed)
    channel.close()


def second(device_directory, connection):
    _message, fds, _flags, _from = socket.recv_fds(connection, 64, 1, socket.MSG_CMSG_CLOEXEC)
    (token,) = fds
    # The first process is gone when its end of the connection is.
    assert connection.recv(1) == b""
    channel = Channel(device_directory)
    permission = channel.permission(token)
    area = channel.map_area(token)
    text = area.bytes[: len(TEXT)].decode()
    say(who="second", step="imported", owner=permission.owned_value, text=text, bytes=area.size)
    sys.stdin.readline()
    area.close()
    os.close(token)
    channel.close()
    say(who="second", step="closed")


def main(device_directory, manager_name, managed_name):
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        far.close()
        first(device_directory, manager_name, managed_name, near)
        os._exit(0)
    near.close()
    second(device_directory, far)


if __name__ == "__main__":
    main(*sys.argv[1:4])
