"""The window in a Python process: a sealed mapping, region records from a private copy of its first page,
atomic words, and the signal protocol over them. Byte order is little-endian; offsets called `at` count from
the window's first byte, all others from the region's.
"""

import contextlib
import ctypes
import fcntl
import mmap
import os
import select
import struct
from dataclasses import dataclass

PAGE_BYTES = 4096
DESCRIPTOR = struct.Struct("<HHIII")
REGION_RECORD = struct.Struct("<HHIII III III 16s I")
F_GET_SEALS = 1034
ALL_SEALS = 0x1 | 0x2 | 0x4  # SEAL, SHRINK, GROW

# Python has no atomic instructions, GCC's runtime library has them; an exchange cannot be put together from
# loads and stores. The library is on every machine that has g++ (Debian: libatomic1).
_library = ctypes.CDLL("libatomic.so.1")
_SEQ_CST = 5


def _function(name, result, *arguments):
    function = getattr(_library, f"__atomic_{name}_4")
    function.restype, function.argtypes = result, arguments
    return function


_address, _word, _order = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
_load = _function("load", _word, _address, _order)
_store = _function("store", None, _address, _word, _order)
_exchange = _function("exchange", _word, _address, _word, _order)
_compare = _function(
    "compare_exchange", ctypes.c_bool, _address, ctypes.POINTER(_word), _word, _order, _order
)


class Window:
    """The whole window, mapped shared. Close it last: views of it must be gone."""

    def __init__(self, fd, offset=0, size=None):
        if size is None:
            if fcntl.fcntl(fd, F_GET_SEALS) & ALL_SEALS != ALL_SEALS:
                raise OSError("the window is not sealed: whoever shrinks it kills its readers")
            size = os.fstat(fd).st_size
        self.size = size
        self.bytes = mmap.mmap(fd, size, mmap.MAP_SHARED, offset=offset)
        self._anchor = ctypes.c_char.from_buffer(self.bytes)
        self._base = ctypes.addressof(self._anchor)

    def close(self):
        self._base = 0
        del self._anchor
        self.bytes.close()

    def _place(self, at):
        if at % 4 != 0 or not 0 <= at <= self.size - 4 or self._base == 0:
            raise ValueError(f"no word at {at:#x} of a window of {self.size:#x} bytes")
        return self._base + at

    def load(self, at):
        return _load(self._place(at), _SEQ_CST)

    def store(self, at, value):
        _store(self._place(at), value, _SEQ_CST)

    def exchange(self, at, value):
        return _exchange(self._place(at), value, _SEQ_CST)

    def compare_exchange(self, at, expected, value):
        """The old value; the new one is stored only where it was `expected`."""
        seen = _word(expected)
        _compare(self._place(at), ctypes.byref(seen), value, _SEQ_CST, _SEQ_CST)
        return seen.value


@dataclass(frozen=True)
class Table:
    slot_count_log2: int
    slots_offset: int
    interrupt_offset: int


@dataclass(frozen=True)
class RegionRecord:
    name: str
    index: int
    begin: int
    end: int
    data_offset: int
    guest_to_host: Table
    host_to_guest: Table
    managed_by: int


def unpack_record(record, index):
    """A vsoc_device_region as it stands in page 0, or as DESCRIBE_REGION answers."""
    fields = REGION_RECORD.unpack(record)
    begin, end, data_offset = fields[2:5]
    guest_to_host, host_to_guest = Table(*fields[5:8]), Table(*fields[8:11])
    for table in (guest_to_host, host_to_guest):
        end_of_slots = table.slots_offset + (4 << min(table.slot_count_log2, 16))
        if table.slot_count_log2 > 16 or max(end_of_slots, table.interrupt_offset + 4) > end - begin:
            raise ValueError(f"region {index}: a signal table reaches out of it")
    name = fields[11].split(b"\0")[0].decode("ascii")
    managed_by = fields[12]
    return RegionRecord(name, index, begin, end, data_offset, guest_to_host, host_to_guest, managed_by)


def read_regions(window):
    """All records by name, from one copy: what the other side changes later does not matter."""
    page0 = bytes(window.bytes[:PAGE_BYTES])
    major, _minor, size, count, first = DESCRIPTOR.unpack_from(page0)
    if major != 2 or size != window.size or first + count * REGION_RECORD.size > PAGE_BYTES:
        raise ValueError(f"no window of layout version 2: {major=} {size=} {count=} {first=}")
    records = {}
    for index in range(count):
        begin = first + index * REGION_RECORD.size
        record = unpack_record(page0[begin : begin + REGION_RECORD.size], index)
        if not PAGE_BYTES <= record.begin < record.end <= size:
            raise ValueError(f"region {record.name}: {record.begin:#x} to {record.end:#x}")
        records[record.name] = record
    return records


def ring(doorbell_fd):
    """Counter and O_NONBLOCK are shared with guest processes: one of them may have filled the counter, so look first."""
    poller = select.poll()
    poller.register(doorbell_fd, select.POLLOUT)
    if not poller.poll(0):
        os.set_blocking(doorbell_fd, False)
        with contextlib.suppress(BlockingIOError):  # somebody else read it away
            os.read(doorbell_fd, 8)
    os.write(doorbell_fd, struct.pack("<Q", 1))


def post(window, record, table, offset):
    """Steps 1 to 3: hints at the word, raises the interrupt word. True: the other side must be rung."""
    mask = (1 << table.slot_count_log2) - 1
    first = record.begin + table.slots_offset
    placed = False
    for probe in range(mask + 1):
        at = first + 4 * ((offset // 4 + probe) & mask)
        if window.compare_exchange(at, 0, offset) in (0, offset):
            placed = True
            break
    was_raised = window.exchange(record.begin + table.interrupt_offset, 1) != 0
    # A full table loses no signal: the receiver looks at all of its words on any edge.
    return not was_raised or not placed


def receive(window, record, table):
    """Steps 4 and 5: lowers the interrupt word, empties the table; returns the offsets that were in it."""
    window.exchange(record.begin + table.interrupt_offset, 0)
    offsets = set()
    for slot in range(1 << table.slot_count_log2):
        at = record.begin + table.slots_offset + 4 * slot
        if window.load(at) != 0:
            offsets.add(window.exchange(at, 0))
    offsets.discard(0)
    return offsets
