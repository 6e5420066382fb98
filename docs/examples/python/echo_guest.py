"""echo_guest.py DEVICE_DIRECTORY REGION TRIPS: the guest's side of echo_host.py. Prints a line when it waits,
and one of JSON at the end.
"""

import json
import sys
import time

from vsoc_guest import Channel, open_node

TIMEOUT_NS = 10_000_000_000


def main(device_directory, name, trips):
    channel = Channel(device_directory)
    token, doorbell = open_node(f"{device_directory}/{name}")
    region = channel.describe(token)
    ping = region.data_offset
    pong = ping + 4
    seen = channel.window.load(region.begin + ping)
    print("waiting", flush=True)
    for _ in range(trips):
        channel.wait_while(token, ping, seen, time.monotonic_ns() + TIMEOUT_NS)
        seen = channel.window.load(region.begin + ping)
        channel.window.store(region.begin + pong, seen)
        channel.signal(token, doorbell, region, pong)
    try:
        channel.wait_while(token, ping, seen, time.monotonic_ns())
    except TimeoutError:
        print(json.dumps({"epoch": channel.epoch, "trips": trips, "pong": seen}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
