"""Two network namespaces joined by a link as bad as one likes: `tc netem` where the kernel has it, else an emulator of its own.

The emulator moves the packets of two TUN devices as netem would: some are lost, the others pass one after the other at the link's rate and
arrive a delay later. So TCP on both sides is the kernel's, with its own retransmissions, and timing is as good as that of a process.
"""
import collections
import contextlib
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import struct
import subprocess
import time

import common

ENDS = ("10.77.0.1", "10.77.0.2")
LIMIT = 1000  # packets that wait for their turn in each direction, as in netem

Conditions = collections.namedtuple("Conditions", "megabits delay loss")  # Mbit/s, ms one way, % of the packets in each direction
PERFECT = Conditions(1e4, 0, 0)


class Unavailable(Exception):
    """What this machine lacks for a link."""


class Namespace:
    """A network namespace that lives as long as the block."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stderr=subprocess.PIPE)
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.prefix = ["nsenter", f"--net={self.path}"]

    def __enter__(self):
        try:
            while os.readlink(self.path) == os.readlink("/proc/self/ns/net"):
                if self.holder.poll() is not None:
                    raise Unavailable(f"network namespaces: {self.holder.stderr.read().decode().strip()}")
                time.sleep(0.01)
        except (FileNotFoundError, PermissionError):
            raise Unavailable(f"network namespaces: {self.holder.communicate()[1].decode().strip()}") from None
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.communicate()

    def ip(self, *words):
        run([*self.prefix, "ip", *words])


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"'{' '.join(map(str, command))}': {done.stderr.strip()}")


@contextlib.contextmanager
def link():
    """Two namespaces and the link between them, which the block may change: `link.become(conditions)`."""
    if os.geteuid() != 0:
        raise Unavailable("the rights of root")
    with Namespace() as one, Namespace() as other:
        try:
            made = Netem(one, other)
        except Unavailable:
            made = Emulator(one, other)
        with made:
            made.become(PERFECT)
            yield made


class Netem:
    """A pair of virtual Ethernet devices with netem on both."""

    name = "tc netem"

    def __init__(self, *namespaces):
        self.ends = namespaces
        one, other = namespaces
        one.ip("link", "add", "link0", "type", "veth", "peer", "name", "link0", "netns", other.holder.pid)
        try:
            self.become(PERFECT)
        except Unavailable:
            one.ip("link", "del", "link0")
            raise
        for end, address in zip(namespaces, ENDS):
            end.ip("addr", "add", f"{address}/30", "dev", "link0")
            end.ip("link", "set", "link0", "up")
            end.ip("link", "set", "lo", "up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def become(self, conditions):
        for end in self.ends:
            run([*end.prefix, "tc", "qdisc", "replace", "dev", "link0", "root", "netem", "limit", LIMIT, "rate",
                 f"{conditions.megabits}mbit", "delay", f"{conditions.delay}ms", "loss", f"{conditions.loss}%"])


class Emulator:
    """A pair of TUN devices and a process between them."""

    name = "an emulator in user space, since this kernel has no netem"

    def __init__(self, *namespaces):
        self.ends = namespaces
        self.files = [self.device(end, *addresses) for end, addresses in zip(namespaces, (ENDS, ENDS[::-1]))]
        fork = multiprocessing.get_context("fork")
        self.conditions = fork.Array("d", PERFECT)
        self.process = fork.Process(target=self.carry, daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
        for file in self.files:
            os.close(file)

    def become(self, conditions):
        self.conditions[:] = conditions

    @staticmethod
    def device(end, own, others):
        """A TUN device in a namespace, by the file that carries its packets."""
        try:
            file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            name = f"link{os.getpid()}"
            fcntl.ioctl(file, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
        except OSError as error:
            raise Unavailable(f"netem and TUN devices: {error}") from None
        run(["ip", "link", "set", name, "netns", end.holder.pid])
        end.ip("addr", "add", own, "peer", others, "dev", name)
        end.ip("link", "set", name, "up")
        end.ip("link", "set", "lo", "up")
        return file

    def carry(self):
        """Moves packets for ever."""
        os.nice(-5)
        free = {file: 0.0 for file in self.files}  # when the last packet on the way out has left, by the side that it came from
        waiting = {file: 0 for file in self.files}
        arrivals, number = [], 0
        while True:
            rest = max(0, arrivals[0][0] - time.monotonic()) if arrivals else None
            for file in select.select(self.files, [], [], rest)[0]:
                packet, now = os.read(file, 1 << 16), time.monotonic()
                megabits, delay, loss = self.conditions[:]
                if waiting[file] >= LIMIT or random.random() < loss / 100:
                    continue
                free[file] = max(free[file], now) + len(packet) * 8e-6 / megabits
                waiting[file] += 1
                number += 1
                heapq.heappush(arrivals, (free[file] + delay / 1e3, number, file, packet))
            while arrivals and arrivals[0][0] <= time.monotonic():
                _, _, file, packet = heapq.heappop(arrivals)
                waiting[file] -= 1
                with contextlib.suppress(OSError):  # as a wire: nobody hears what is sent to a device that is down
                    os.write(self.files[1 - self.files.index(file)], packet)
