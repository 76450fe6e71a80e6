# SPDX-License-Identifier: Apache-2.0
"""The host as emulator: the model as a shared object in this process, timed by the wall clock."""

from __future__ import annotations

import numpy as np
from cffi import FFI

from edgepar.emulators.job import Job, Measurement
from edgepar.errors import EmulatorError

_DECLARATIONS = """
extern uint32_t ep_model_input_bytes;
extern uint32_t ep_model_output_bytes;
extern uint32_t ep_model_batch;
void ep_host_run(uint32_t n, const void *inputs, void *outputs, uint64_t *nanoseconds);
"""


def run(job: Job) -> Measurement:
    """Run the samples of a job: the first call once for the cold figure, then each call once."""
    ffi = FFI()
    ffi.cdef(_DECLARATIONS)
    try:
        library = ffi.dlopen(str(job.artefact.resolve()))
        entry = library.ep_host_run
        found = library.ep_model_input_bytes, library.ep_model_output_bytes
        batch = library.ep_model_batch
    except (OSError, AttributeError) as error:
        raise EmulatorError(f"{job.artefact.name}: cannot be loaded as a host image ({error}).") from error
    if found != (job.input_bytes, job.output_bytes):
        raise EmulatorError(
            f"{job.artefact.name}: takes {found[0]} bytes and gives {found[1]} a sample, but edgepar.json says "
            f"{job.input_bytes} and {job.output_bytes}; compile the model anew."
        )
    if batch != job.batch:
        raise EmulatorError(
            f"{job.artefact.name}: takes {batch} samples a call, but edgepar.json says {job.batch}; "
            "compile the model anew."
        )
    # Arrays of 32-bit words, since the model reads its input as words.
    inputs = np.frombuffer(job.inputs, dtype=np.uint8).copy()
    outputs = np.zeros(max(job.n_samples * job.output_bytes, 1), dtype=np.uint8)
    nanoseconds = np.zeros(max(job.n_calls, 1), dtype=np.uint64)

    def measure(samples: int) -> None:
        entry(
            samples,
            ffi.from_buffer(inputs) if len(inputs) else ffi.NULL,
            ffi.from_buffer(outputs, require_writable=True),
            ffi.cast("uint64_t *", ffi.from_buffer(nanoseconds, require_writable=True)),
        )

    cold: int | None = None
    if job.n_samples > 0:
        measure(min(job.batch, job.n_samples))
        cold = int(nanoseconds[0])
        measure(job.n_samples)
    return Measurement(
        outputs=outputs[: job.n_samples * job.output_bytes].tobytes(),
        cycles=nanoseconds[: job.n_calls].astype(np.int64),
        cold_cycles=cold,
        provenance="wall",
        provenance_note="wall clock of this machine; one cycle is one nanosecond, a clock of 1 GHz",
    )
