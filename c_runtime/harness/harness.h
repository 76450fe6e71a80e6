// SPDX-License-Identifier: Apache-2.0
// What the measuring program of an emulated image shares with the generated model glue, the platform and the emulators.
#ifndef EP_HARNESS_H
#define EP_HARNESS_H

#include <stdint.h>

// Generated with the model. Sizes are multiples of 4; `input` and `output` lie in L2 (RAM on cortex_m), 4-byte aligned.
extern const uint32_t ep_model_input_bytes;
extern const uint32_t ep_model_output_bytes;
void ep_model_infer(const void *input, void *output);

// Samples that one call takes: 1, unless the model's glue says more. Inputs and outputs of a call lie one behind the
// other; `ep_harness_call_samples` says how many there are, fewer in the last call.
extern const uint32_t ep_model_batch;
extern uint32_t ep_harness_call_samples;

// The emulators count from core 0's first instruction of ep_roi_begin to its first instruction of ep_roi_end, both by
// address.
void ep_roi_begin(void);
void ep_roi_end(void);

// Implemented by the platform: leaves the memory area in the file `samples.out` of the emulator's working directory.
// Does nothing where the test bench reads the memory itself.
void ep_pal_dump(const void *start, uint32_t bytes);

// Linker symbols around the memory that the test bench fills, 16-byte aligned: one ep_sample_header_t, the inputs, the
// outputs.
extern uint32_t __ep_samples_start[];
extern uint32_t __ep_samples_end[];

typedef struct {
    uint32_t samples;
    uint32_t reserved[3];
} ep_sample_header_t;

#endif
