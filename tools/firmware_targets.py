"""The architectures of the device binary: whose compilers and libraries, and the flags that all its profiles share."""
import dataclasses
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Failure(Exception):
    """A reason to stop that the user is told in one line."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    swift: str  # the triple of the Embedded Swift standard library
    triple: str  # that of C, which the code becomes in the end
    gnu: str  # Debian's name for compilers and libraries
    cpu: tuple[str, ...]  # C flags: what every device has; faster kernels are chosen at start
    emulator: str  # runs the binary on another machine
    helpers: bool = False  # whether code needs the compiler's helper functions (libgcc)
    importer: tuple[str, ...] = ()  # C flags for Swift in place of `cpu`, where those would change its triple
    linker: tuple[str, ...] = ()  # flags for linking, where the code of Swift says too little of the processor

    def sysroot(self):
        """The folder of the C library and all other libraries (`lib`), and their headers (`include`)."""
        done = subprocess.run([ROOT / "tools" / "firmware-sysroot", self.triple.split("-")[0]], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failure(f"there are no libraries for {self.triple}")
        return pathlib.Path(done.stdout.strip())

    def helper_archives(self):
        if not self.helpers:
            return []
        compiler = shutil.which(f"{self.gnu}-gcc")
        if not compiler:
            raise Failure(f"no {self.gnu}-gcc: run tools/install-packages --firmware")
        return [pathlib.Path(subprocess.check_output([compiler, "-print-libgcc-file-name"], text=True).strip())]


ARM = ("-march=armv7-a", "-mfpu=neon", "-mfloat-abi=hard")
ARCHITECTURES = {
    "aarch64": Architecture(
        "aarch64-none-none-elf", "aarch64-linux-musl", "aarch64-linux-gnu", ("-march=armv8-a",), "qemu-aarch64-static", helpers=True),
    "armv7": Architecture(
        "armv7-none-none-eabi", "armv7-linux-musleabihf", "arm-linux-gnueabihf", (*ARM, "-mthumb"), "qemu-arm-static", helpers=True,
        importer=(*ARM, "-Xclang", "-target-feature", "-Xclang", "+thumb-mode")),
    "riscv64": Architecture(
        "riscv64-none-none-eabi", "riscv64-linux-musl", "riscv64-linux-gnu", ("-march=rv64gc", "-mabi=lp64d"), "qemu-riscv64-static",
        helpers=True, linker=("-Xlinker", "-mllvm", "-Xlinker", "-mattr=+m,+a,+f,+d,+c")),
    # Left to itself, this level is tuned for processors that are slow to read or write a whole vector that is not aligned.
    "x86_64": Architecture(
        "x86_64-unknown-none-elf", "x86_64-linux-musl", "x86_64-linux-gnu", ("-march=x86-64-v2", "-mtune=generic"), "qemu-x86_64-static"),
}
