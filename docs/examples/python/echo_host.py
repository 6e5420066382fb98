"""echo_host.py SERVER_SOCKET REGION TRIPS: raises the region's first data word, signals it, and waits until
the guest has copied it into the second one. One line of JSON at the end.
"""

import json
import sys

from vsoc_host import HostRegion

TIMEOUT_S = 10


def main(server_socket, name, trips):
    region = HostRegion(server_socket, name)
    ping = region.record.data_offset
    pong = ping + 4
    for _ in range(trips):
        before = region.load(pong)
        region.store(ping, (before + 1) & 0xFFFFFFFF)
        region.signal(ping)
        seen = region.wait_while(pong, before, TIMEOUT_S)
        if seen != (before + 1) & 0xFFFFFFFF:
            raise TimeoutError(f"the guest answered {before + 1} with {seen}")
    print(json.dumps({"name": region.record.name, "trips": trips, "pong": region.load(pong)}))
    region.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
