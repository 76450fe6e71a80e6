// SPDX-License-Identifier: Apache-2.0
// The exponential in fixed point by the name that tests/c/math_sweep.c knows.
#include "exponential.h"

float ep_exp_f32(float x);

float ep_exp_f32(float x) {
    return ep_exponential(x);
}
