// SPDX-License-Identifier: Apache-2.0
#include "ep/kmeans_f32.h"
#include "ep/math.h"

void ep_kmeans_clear_f32__ref(float *sums, uint32_t *counts, float *inertia, uint32_t *changed, uint32_t rows,
                              uint32_t cols) {
    for (uint32_t i = 0; i < rows * cols; i++) {
        sums[i] = 0.0f;
    }
    for (uint32_t r = 0; r < rows; r++) {
        counts[r] = 0;
    }
    *inertia = 0.0f;
    *changed = 0;
}

void ep_kmeans_assign_f32__ref(const float *x, const float *centroids, int32_t *labels, float *nearest, float *inertia,
                               uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride, uint32_t begin,
                               uint32_t end) {
    for (uint32_t s = begin; s < end; s++) {
        const float *v = x + s * cols;
        float best = __builtin_inff();
        uint32_t label = 0;
        for (uint32_t r = 0; r < rows; r++) {
            const float *c = centroids + r * stride;
            float sum = 0.0f;
            for (uint32_t i = 0; i < cols; i++) {
                float d = v[i] - c[i];
                sum += d * d;
            }
            if (sum < best) {
                best = sum;
                label = r;
            }
        }
        *changed += labels[s] != (int32_t)label;
        labels[s] = (int32_t)label;
        nearest[s] = best;
        *inertia += best;
    }
}

void ep_kmeans_assign_fma_f32__ref(const float *x, const float *centroids, int32_t *labels, float *nearest,
                                   float *inertia, uint32_t *changed, uint32_t rows, uint32_t cols, uint32_t stride,
                                   uint32_t begin, uint32_t end) {
    for (uint32_t s = begin; s < end; s++) {
        const float *v = x + s * cols;
        float best = __builtin_inff();
        uint32_t label = 0;
        for (uint32_t r = 0; r < rows; r++) {
            const float *c = centroids + r * stride;
            float sum = 0.0f;
            for (uint32_t i = 0; i < cols; i++) {
                float d = v[i] - c[i];
                sum = ep_fma_f32(d, d, sum);
            }
            if (sum < best) {
                best = sum;
                label = r;
            }
        }
        *changed += labels[s] != (int32_t)label;
        labels[s] = (int32_t)label;
        nearest[s] = best;
        *inertia += best;
    }
}

void ep_kmeans_add_f32__ref(const float *x, const int32_t *labels, const float *centroids, float *sums,
                            uint32_t *counts, uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end) {
    for (uint32_t s = begin; s < end; s++) {
        const uint32_t row = (uint32_t)labels[s];
        const float *v = x + s * cols;
        const float *c = centroids + row * stride;
        float *sum = sums + row * cols;
        for (uint32_t i = 0; i < cols; i++) {
            sum[i] += v[i] - c[i];
        }
        counts[row]++;
    }
}

// Sum of one element over the blocks, in order.
static float block_sum(const float *sums, uint32_t blocks, uint32_t step) {
    float sum = sums[0];
    for (uint32_t b = 1; b < blocks; b++) {
        sum += sums[b * step];
    }
    return sum;
}

static uint32_t block_count(const uint32_t *counts, uint32_t blocks, uint32_t step) {
    uint32_t count = 0;
    for (uint32_t b = 0; b < blocks; b++) {
        count += counts[b * step];
    }
    return count;
}

void ep_kmeans_spread_f32__ref(const float *centroids, const float *sums, const uint32_t *counts, float *spread,
                               uint32_t blocks, uint32_t rows, uint32_t cols, uint32_t stride, uint32_t begin,
                               uint32_t end) {
    for (uint32_t f = begin; f < end; f++) {
        // The mean of all samples, from the first centroid.
        const float origin = centroids[f];
        float mean = 0.0f;
        uint32_t samples = 0;
        for (uint32_t r = 0; r < rows; r++) {
            const uint32_t count = block_count(counts + r, blocks, rows);
            const float sum = block_sum(sums + r * cols + f, blocks, rows * cols);
            mean += (float)count * (centroids[r * stride + f] - origin) + sum;
            samples += count;
        }
        mean /= (float)samples;
        float total = 0.0f;
        for (uint32_t r = 0; r < rows; r++) {
            const float count = (float)block_count(counts + r, blocks, rows);
            const float sum = block_sum(sums + r * cols + f, blocks, rows * cols);
            const float away = (centroids[r * stride + f] - origin) - mean;
            total += away * (2.0f * sum + count * away);
        }
        spread[f] = total;
    }
}

float ep_kmeans_total_f32__ref(const float *values, uint32_t n) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

float ep_kmeans_tolerance_f32__ref(const float *inertia, const float *spread, float tol, uint32_t blocks, uint32_t cols,
                                   uint32_t samples) {
    const float around = ep_kmeans_total_f32__ref(inertia, blocks) + ep_kmeans_total_f32__ref(spread, cols);
    const float variance = around / (float)samples / (float)cols;
    return variance > 0.0f ? tol * variance : 0.0f;
}

// Moves the farthest sample that no cluster has taken yet to cluster `empty`. Returns 0 where all of them lie on their
// centroids.
static uint32_t take_farthest(const float *x, const int32_t *labels, const float *nearest, const float *centroids,
                              float *sums, uint32_t *totals, int32_t *source, uint32_t empty, uint32_t samples,
                              uint32_t rows, uint32_t cols, uint32_t stride) {
    float largest = 0.0f;
    uint32_t farthest = samples;
    for (uint32_t s = 0; s < samples; s++) {
        if (nearest[s] > largest) {
            uint32_t taken = 0;
            for (uint32_t r = 0; r < rows; r++) {
                taken |= source[r] == (int32_t)s;
            }
            if (taken == 0) {
                largest = nearest[s];
                farthest = s;
            }
        }
    }
    if (farthest == samples) {
        return 0;
    }
    const uint32_t old = (uint32_t)labels[farthest];
    for (uint32_t f = 0; f < cols; f++) {
        sums[old * cols + f] -= x[farthest * cols + f] - centroids[old * stride + f];
    }
    totals[old]--;
    totals[empty] = 1;
    source[empty] = (int32_t)farthest;
    return 1;
}

uint32_t ep_kmeans_relocate_f32__ref(const float *x, const int32_t *labels, const float *nearest,
                                     const float *centroids, float *sums, const uint32_t *counts,
                                     const uint32_t *changed, uint32_t *totals, int32_t *source, uint32_t blocks,
                                     uint32_t samples, uint32_t rows, uint32_t cols, uint32_t stride) {
    uint32_t empty = 0;
    for (uint32_t r = 0; r < rows; r++) {
        totals[r] = block_count(counts + r, blocks, rows);
        source[r] = -1;
        empty += totals[r] == 0;
    }
    if (empty != 0) {
        // A cluster that loses its last sample on the way is not in the list.
        for (uint32_t r = 0; r < rows; r++) {
            if (block_count(counts + r, blocks, rows) == 0) {
                (void)take_farthest(x, labels, nearest, centroids, sums, totals, source, r, samples, rows, cols,
                                    stride);
            }
        }
        uint32_t largest = 0;
        for (uint32_t r = 1; r < rows; r++) {
            largest = totals[r] > totals[largest] ? r : largest;
        }
        for (uint32_t r = 0; r < rows; r++) {
            if (totals[r] == 0) {
                source[r] = -2 - (int32_t)largest;
            }
        }
    }
    return block_count(changed, blocks, 1);
}

void ep_kmeans_update_f32__ref(const float *x, const float *centroids, const float *sums, const uint32_t *totals,
                               const int32_t *source, float *next, float *shift, uint32_t blocks, uint32_t rows,
                               uint32_t cols, uint32_t stride, uint32_t begin, uint32_t end) {
    for (uint32_t f = begin; f < end; f++) {
        float moved = 0.0f;
        for (uint32_t r = 0; r < rows; r++) {
            const uint32_t from = source[r] <= -2 ? (uint32_t)(-2 - source[r]) : r;
            float to;
            if (source[from] >= 0) {
                to = x[(uint32_t)source[from] * cols + f];
            } else {
                const float sum = block_sum(sums + from * cols + f, blocks, rows * cols);
                to = centroids[from * stride + f] + sum / (float)totals[from];
            }
            next[r * stride + f] = to;
            const float d = to - centroids[r * stride + f];
            moved += d * d;
        }
        shift[f] = moved;
    }
}
