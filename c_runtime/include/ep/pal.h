// SPDX-License-Identifier: Apache-2.0
// The platform: what a port must provide, and all that generated code may ask for. One folder of c_runtime/pal/
// implements it.
#ifndef EP_PAL_H
#define EP_PAL_H

#include <stdint.h>

#include "ep/place.h"

#ifdef __cplusplus
extern "C" {
#define EP_NORETURN [[noreturn]]
#else
#define EP_NORETURN _Noreturn
#endif

// The cores that run one step. Owned by the platform, valid during the step.
typedef struct ep_team ep_team_t;

// One core's part of a step. `core` is 0 .. ep_team_cores(team)-1, `arg` is what ep_team_fork was given.
typedef void (*ep_step_fn)(ep_team_t *team, uint32_t core, void *arg);

// Stands before a step: it keeps its name in the image, so that whoever stops a program can say where it was.
#define EP_STEP __attribute__((noinline))

// Runs `step` on cores 0 .. cores-1 and returns when all of them have returned from it; the caller is core 0. Writes
// made before the call are visible to every core, writes of every core are visible after it. `cores` is 1 .. the cores
// of the platform. Calls do not nest.
void ep_team_fork(uint32_t cores, ep_step_fn step, void *arg);

// Waits until every core of the team has called it; writes made before it are visible to all after it.
void ep_team_barrier(ep_team_t *team);

// The next of `units` units for this core, `units` or more where none is left. Every core asks until none is left, and
// each unit goes to one core: to whoever asks first where the platform can tell, else by its number alone. `taken` is
// how many this core got before. `flags` are units + 1 words of L1, zero before the first core asks.
uint32_t ep_take_unit(const ep_team_t *team, uint32_t core, int32_t *flags, uint32_t units, uint32_t taken);

// Number of cores of the team, 1 or more.
uint32_t ep_team_cores(const ep_team_t *team);

// Copies `bytes` (0 is allowed) between the memory levels and returns when they have arrived; only the calling core
// waits. Addresses and size are multiples of 4, the areas do not overlap. A plain copy where there is no DMA.
void ep_dma_copy_in(void *l1, const void *l2, uint32_t bytes);
void ep_dma_copy_out(void *l2, const void *l1, uint32_t bytes);

// A copy that goes on while the core works. `ep_dma_wait` returns when it has arrived; the core that started it calls
// that once, for each copy, before anybody reads the area that is copied to or writes the other one. Up to 16
// copies may be under way, those of all cores together; addresses and size as above. Where there is no DMA, the copy is
// made at once and there is nothing to wait for.
typedef uint32_t ep_dma_t;
ep_dma_t ep_dma_start_in(void *l1, const void *l2, uint32_t bytes);
ep_dma_t ep_dma_start_out(void *l2, const void *l1, uint32_t bytes);
void ep_dma_wait(ep_dma_t copy);

// Writes `len` characters to the developer's console.
void ep_console_write(const char *text, uint32_t len);

// Ends the program; 0 is success.
EP_NORETURN void ep_exit(int32_t status);

#ifdef __cplusplus
}
#endif

#endif
