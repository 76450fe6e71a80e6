# SPDX-License-Identifier: Apache-2.0
"""The controller's part of an image (FC): the chip's own start-up sequence, which the RTL's test bench plays itself.

No emulator of these tests has the controller's core, so Capstone decodes its instructions and they are followed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import capstone
import pytest

from edgepar.emulators.elf import Image, load_image
from tests.images import BY_NAME, image_of

#: Clusters 31 and 32; mhartid is the cluster's number << 5 | the core's.
CONTROLLERS = {"pulp-open": 0x3E0, "gap8": 0x400}
VECTORS, START = 0x1C008000, 0x1C008080
FETCH_ENABLE, BOOT_ADDRESS = 0x10200008, 0x10200040
CONTROLLER_CACHE, CLUSTER_CACHE = 0x1A108800, 0x10201400
WORD = 0xFFFFFFFF


@dataclass
class Controller:
    """A core that knows the integer instructions of the sequence, from reset to ``wfi``."""

    image: Image
    mhartid: int
    pc: int
    registers: dict[str, int] = field(default_factory=lambda: {"zero": 0})
    stores: list[tuple[int, int]] = field(default_factory=list)

    def run(self, steps_at_most: int = 500) -> list[tuple[int, int]]:
        """Addresses and words it stored, in order."""
        decoder = capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32 | capstone.CS_MODE_RISCVC)
        for _ in range(steps_at_most):
            ((start, code),) = (part for part in self.image.code if 0 <= self.pc - part[0] < len(part[1]))
            at = next(decoder.disasm(code[self.pc - start :][:4], self.pc))
            name, operands = at.mnemonic.removeprefix("c."), [word for word in at.op_str.split(", ") if word]
            if name == "wfi":
                return self.stores
            self.pc += at.size
            self._step(name, operands, at.address)
        raise AssertionError(f"no wfi after {steps_at_most} instructions")

    def _step(self, name: str, operands: list[str], at: int) -> None:
        value = self.registers.__getitem__
        target = operands[0]
        if name in ("j", "jal"):
            self.pc = at + int(operands[-1], 0)
        elif name in ("beqz", "bnez"):
            if (value(target) == 0) == (name == "beqz"):
                self.pc = at + int(operands[1], 0)
        elif name == "bltu":
            if value(target) < value(operands[1]):
                self.pc = at + int(operands[2], 0)
        elif name == "sw":
            offset, base = operands[1].rstrip(")").split("(")
            self.stores.append(((value(base) + int(offset, 0)) & WORD, value(target)))
        else:
            # Compressed forms name the first source once, as the target.
            sources = (
                operands[1:]
                if len(operands) > 2 or name in ("li", "lui", "mv", "csrr", "auipc")
                else operands
            )
            self.registers[target] = self._result(name, sources, at) & WORD

    def _result(self, name: str, sources: list[str], at: int) -> int:
        first, last = sources[0], sources[-1]
        number = (
            self.registers[last] if last in self.registers else None if last == "mhartid" else int(last, 0)
        )
        match name:
            case "csrr":
                assert last == "mhartid"
                return self.mhartid
            case "li" | "mv":
                return number
            case "lui":
                return number << 12
            case "auipc":
                return at + (number << 12)
            case "add" | "addi":
                return self.registers[first] + number
            case "slli":
                return self.registers[first] << number
            case "srli":
                return self.registers[first] >> number
        raise AssertionError(f"{name} is not in the sequence")


@pytest.mark.parametrize("cores", [1, 8])
@pytest.mark.parametrize("isa", ["corev", "plain"])
@pytest.mark.parametrize("target", CONTROLLERS)
def test_the_controller_starts_the_cluster(target: str, isa: str, cores: int) -> None:
    """Both caches on, every core's boot address, then all fetch enables; cores without work wait for some."""
    image = load_image(image_of(BY_NAME["iris_tree"], target, cores=cores, isa=isa).artefact)
    assert (image.symbol("__ep_vectors"), image.symbol("_start")) == (VECTORS, START)
    stores = Controller(image, CONTROLLERS[target], START).run()
    caches, boots, last = stores[:2], stores[2:-1], stores[-1]
    assert sorted(caches) == [(CLUSTER_CACHE, WORD), (CONTROLLER_CACHE, WORD)]
    assert boots == [(BOOT_ADDRESS + 4 * core, START) for core in range(8)]
    assert last == (FETCH_ENABLE, 0xFF)
