// SPDX-License-Identifier: Apache-2.0
// The program around a model in an emulated image: one cold pass over the first call's samples, then every sample once,
// each call a region of interest.
#include "harness.h"

#include "ep/pal.h"

// Exit status of a sample region that does not hold what its header says; chosen to differ from what a trap or a model
// reports.
enum { EP_HARNESS_BAD_REGION = 64 };

__attribute__((weak)) const uint32_t ep_model_batch = 1u;
uint32_t ep_harness_call_samples;

static void ep_harness_measure(const void *input, void *output, uint32_t samples) {
    ep_harness_call_samples = samples;
    ep_roi_begin();
    ep_model_infer(input, output);
    ep_roi_end();
}

int main(void) {
    const ep_sample_header_t *header = (const ep_sample_header_t *)(const void *)__ep_samples_start;
    const uint32_t samples = header->samples;
    const uint32_t header_bytes = (uint32_t)sizeof(ep_sample_header_t);
    const uint32_t region_bytes = (uint32_t)((uintptr_t)__ep_samples_end - (uintptr_t)__ep_samples_start);
    const uint32_t sample_bytes = ep_model_input_bytes + ep_model_output_bytes;
    if (samples == 0u || samples > (region_bytes - header_bytes) / sample_bytes) {
        ep_exit(EP_HARNESS_BAD_REGION);
    }
    const uint8_t *inputs = (const uint8_t *)__ep_samples_start + header_bytes;
    uint8_t *outputs = (uint8_t *)__ep_samples_start + header_bytes + samples * ep_model_input_bytes;

    // Compilers believe the default that they see, though linkers put the model's own in its place.
    const uint32_t batch = *(const volatile uint32_t *)&ep_model_batch;
    ep_harness_measure(inputs, outputs, samples < batch ? samples : batch);
    for (uint32_t i = 0; i < samples; i += batch) {
        const uint32_t left = samples - i;
        ep_harness_measure(inputs + i * ep_model_input_bytes, outputs + i * ep_model_output_bytes,
                           left < batch ? left : batch);
    }
    ep_pal_dump(__ep_samples_start, header_bytes + samples * sample_bytes);
    ep_exit(0);
}
