// SPDX-License-Identifier: Apache-2.0
// PROBE_SCALE, PROBE_DENSE, ... name the variants of the kernels that have several; PROBE_FUSED is 0 where there is no
// fused multiply-add. tests/kernel_samples.py numbers the operations.
#include "kernel_probe.h"

#include "ep/activation_f32.h"
#include "ep/argmax.h"
#include "ep/categories_f32.h"
#include "ep/centroids_f32.h"
#include "ep/coded_trees.h"
#include "ep/columns_f32.h"
#include "ep/compose_f32.h"
#include "ep/coupling_f32.h"
#include "ep/dense_f32.h"
#include "ep/distances_f32.h"
#include "ep/distances_u8.h"
#include "ep/gaussian_nb_f32.h"
#include "ep/kmeans_f32.h"
#include "ep/math.h"
#include "ep/median_f32.h"
#include "ep/neighbours_f32.h"
#include "ep/normalize_f32.h"
#include "ep/one_vs_rest_f32.h"
#include "ep/quadratic_f32.h"
#include "ep/scale_f32.h"
#include "ep/similarity_f32.h"
#include "ep/support_f32.h"
#include "ep/trees_f32.h"

// An operation of the table, or none.
#if PROBE_FUSED
#define IF_FUSED(operation) operation
#else
#define IF_FUSED(operation) 0
#endif

#define PASTE(name, variant) name##__##variant
#define VARIANT(name, variant) PASTE(name, variant)

static const uint32_t *payload;

// The next words of the sample, in memory of their own.
static void *take(uint32_t words) {
    uint32_t *copy = probe_memory(words);
    for (uint32_t i = 0; i < words; i++) {
        copy[i] = payload[i];
    }
    payload += words;
    return copy;
}

static void dense(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *weights = take(p[5] * p[1] * p[2]);
    VARIANT(ep_dense_f32, PROBE_DENSE)(x, weights, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void dense_combine(const uint32_t *p, void *out) {
    const float *partial = take((p[0] + p[1] - 1) / p[1] * p[1] * p[2]);
    const float *bias = take(p[0]);
    VARIANT(ep_dense_combine_f32, PROBE_DENSE_COMBINE)(partial, bias, out, p[1], p[2], 0, p[0]);
}

static void gaussian_nb(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(3 * p[5] * p[1] * p[2]);
    VARIANT(ep_gaussian_nb_f32, PROBE_GAUSSIAN_NB)(x, table, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void gaussian_nb_shrunk(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(3 * p[5] * p[1] * p[2]);
    ep_gaussian_nb_shrunk_f32__ref(x, table, ep_from_bits_f32(p[6]), out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

#if PROBE_FUSED
static void dense_fma(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *weights = take(p[5] * p[1] * p[2]);
    VARIANT(ep_dense_fma_f32, PROBE_DENSE_FMA)(x, weights, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void gaussian_nb_fma(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(3 * p[5] * p[1] * p[2]);
    VARIANT(ep_gaussian_nb_fma_f32, PROBE_GAUSSIAN_NB_FMA)(x, table, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void gaussian_nb_shrunk_fma(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(3 * p[5] * p[1] * p[2]);
    ep_gaussian_nb_shrunk_fma_f32__ref(x, table, ep_from_bits_f32(p[6]), out, p[0], p[1], p[2], p[3], p[4], p[5]);
}
#endif

static void gaussian_nb_combine(const uint32_t *p, void *out) {
    const float *partial = take((p[0] + p[1] - 1) / p[1] * p[1] * p[2]);
    const float *base = take(p[0]);
    float *y = out;
    VARIANT(ep_gaussian_nb_combine_f32, PROBE_GAUSSIAN_NB_COMBINE)(partial, base, y, p[1], p[2], 0, p[0]);
    ep_gaussian_nb_combine_shrunk_f32__ref(partial, y + p[0], p[0], p[1], p[2]);
    ((uint32_t *)out)[2 * p[0]] = ep_gaussian_nb_overflowed_f32__ref(y, p[0]);
}

static void centroids(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(p[5] * p[1] * p[2]);
    ep_centroids_f32__ref(x, table, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}

#if PROBE_FUSED
static void centroids_fma(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *table = take(p[5] * p[1] * p[2]);
    VARIANT(ep_centroids_fma_f32, PROBE_CENTROIDS_FMA)(x, table, out, p[0], p[1], p[2], p[3], p[4], p[5]);
}
#endif

static void centroids_combine(const uint32_t *p, void *out) {
    const float *partial = take((p[0] + p[1] - 1) / p[1] * p[1] * p[2]);
    float *y = out;
    VARIANT(ep_centroids_combine_f32, PROBE_CENTROIDS)(partial, y, y + p[0], p[1], p[2], 0, p[0]);
    VARIANT(ep_centroids_combine_f32, PROBE_CENTROIDS)(partial, y + 2 * p[0], 0, p[1], p[2], 0, p[0]);
    VARIANT(ep_root_f32, PROBE_CENTROIDS)(partial, y + 3 * p[0], 0, p[0]);
    ((uint32_t *)out)[4 * p[0]] = ep_argmin_f32__ref(partial, p[0]);
}

// Labels, squared distances, inertia and changes, then sums and counts.
static void kmeans(const uint32_t *p, void *out) {
    const uint32_t samples = p[0];
    const uint32_t rows = p[1];
    const float *x = take(samples * p[2]);
    const float *centroids = take(rows * p[3]);
    int32_t *labels = take(samples);
    float *sums = take(rows * p[2]);
    uint32_t *words = out;
    float *nearest = (float *)out + samples;
    float *inertia = nearest + samples;
    uint32_t *changed = words + 2 * samples + 1;
    uint32_t *counts = changed + 1;
    ep_kmeans_assign_f32__ref(x, centroids, labels, nearest, inertia, changed, rows, p[2], p[3], p[4], p[5]);
    VARIANT(ep_kmeans_add_f32, PROBE_KMEANS)(x, labels, centroids, sums, counts, p[2], p[3], p[4], p[5]);
    for (uint32_t s = 0; s < samples; s++) {
        words[s] = (uint32_t)labels[s];
    }
    for (uint32_t i = 0; i < rows * p[2]; i++) {
        ((float *)out)[2 * samples + 2 + rows + i] = sums[i];
    }
}

#if PROBE_FUSED
static void kmeans_fma(const uint32_t *p, void *out) {
    const uint32_t samples = p[0];
    const uint32_t rows = p[1];
    const float *x = take(samples * p[2]);
    const float *centroids = take(rows * p[3]);
    int32_t *labels = take(samples);
    float *sums = take(rows * p[2]);
    uint32_t *words = out;
    float *nearest = (float *)out + samples;
    float *inertia = nearest + samples;
    uint32_t *changed = words + 2 * samples + 1;
    uint32_t *counts = changed + 1;
    VARIANT(ep_kmeans_assign_fma_f32, PROBE_KMEANS_FMA)
    (x, centroids, labels, nearest, inertia, changed, rows, p[2], p[3], p[4], p[5]);
    VARIANT(ep_kmeans_add_f32, PROBE_KMEANS)(x, labels, centroids, sums, counts, p[2], p[3], p[4], p[5]);
    for (uint32_t s = 0; s < samples; s++) {
        words[s] = (uint32_t)labels[s];
    }
    for (uint32_t i = 0; i < rows * p[2]; i++) {
        ((float *)out)[2 * samples + 2 + rows + i] = sums[i];
    }
}
#endif

// Differences, squared lengths, scores and their evidence.
static void quadratic(const uint32_t *p, void *out) {
    const uint32_t components = p[0];
    const uint32_t features = p[1];
    const uint32_t pairs = (features + 1) / 2;
    const float *x = take(features);
    const float *high = take(components * features);
    const float *low = take(components * features);
    const float *table = take(components * pairs * (features + 1));
    const float *constants = take(components);
    float *d = out;
    float *partial = d + components * features;
    float *scores = partial + components * pairs;
    ep_differences_f32__ref(x, high, low, d, features, 0, components * features);
    VARIANT(ep_quadratic_f32, PROBE_QUADRATIC)(d, table, partial, features, 0, p[2], p[3]);
    ep_quadratic_combine_f32__ref(partial, constants, scores, pairs, 0, components);
    ep_evidence_f32__ref(scores, scores + components, components);
}

static void trees(const uint32_t *p, void *out) {
    const ep_tree_node_t *nodes = take(2 * p[0]);
    const uint32_t *roots = take(p[1]);
    const int32_t *leaves = take(p[2] * p[3]);
    const float *x = take(p[4]);
    VARIANT(ep_trees_f32, PROBE_TREES)(nodes, roots, leaves, x, out, p[3], p[5], p[6]);
    VARIANT(ep_trees_leaf_f32, PROBE_TREES)(nodes, roots, x, (uint32_t *)out + p[3], p[5], p[6]);
}

static void trees_wide(const uint32_t *p, void *out) {
    const ep_tree_wide_node_t *nodes = take(3 * p[0]);
    const uint32_t *roots = take(p[1]);
    const int32_t *leaves = take(p[2] * p[3]);
    const float *x = take(p[4]);
    ep_trees_wide_f32__ref(nodes, roots, leaves, x, out, p[3], p[5], p[6]);
    ep_trees_wide_leaf_f32__ref(nodes, roots, x, (uint32_t *)out + p[3], p[5], p[6]);
}

// Codes in both ways, then the sums of 5 outputs by each kind of leaf; leaves are below 5 and so are those of the sums.
static void coded_trees(const uint32_t *p, void *out) {
    const uint32_t *hot = take(p[0]);
    const uint32_t *cold = take(p[1]);
    const uint32_t *roots = take(9);
    const int32_t *leaves = take(25);
    const ep_coded_feature_t *features = take(2 * p[4]);
    const int32_t *cuts = take(5 * p[4]);
    const float *x = take(p[4]);
    uint32_t *codes = out;
    int32_t *acc = (int32_t *)out + 2 * p[4];
    ep_codes_by_rank_f32__ref(features, cuts, x, codes, 0, p[4]);
    VARIANT(ep_coded_trees_sum, PROBE_CODED_TREES)(hot, cold, roots, codes, acc, p[2], p[3]);
    VARIANT(ep_codes_by_grid_f32, PROBE_CODES)(x, codes, 19, 2000, 0, p[4]);
    VARIANT(ep_coded_trees_vote, PROBE_CODED_TREES)(hot, cold, roots, codes, acc + 5, p[2], p[3]);
    VARIANT(ep_coded_trees_row, PROBE_CODED_TREES)(hot, cold, roots, leaves, codes, acc + 10, 5, p[2], p[3]);
    ep_codes_by_rank_f32__ref(features, cuts, x, codes + 2 * p[4] + 21, 0, p[4]);
    VARIANT(ep_sum_i32, PROBE_SUMS)(acc, acc + 15, 3, 5, 0, 2);
    VARIANT(ep_sum_i32, PROBE_SUMS)(acc, acc + 17, 2, 5, 1, 4);
    VARIANT(ep_codes_by_grid_f32, PROBE_CODES)(x, codes + 4 * p[4] + 21, 20, -1100, 1, p[4]);
}

static void scores(const uint32_t *p, void *out) {
    const int32_t *acc = take(p[0]);
    const float *base = take(p[0]);
    ep_scores_from_i32_f32__ref(acc, ep_from_bits_f32(p[1]), base, out, 0, p[0]);
}

static void scale(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *a = take(p[0]);
    const float *b = take(p[0]);
    const float *c = take(p[0]);
    float *y = out;
    VARIANT(ep_scale_f32, PROBE_SCALE)(x, a, b, c, y, 0, p[0]);
    ep_affine_f32__ref(x, a, b, y + p[0], 0, p[0]);
    ep_clip_f32__ref(x, a, a, y + 2 * p[0], 0, p[0]);
}

static void normalize(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    float *y = out;
    ep_divide_f32__ref(x, ep_norm_l1_f32__ref(x, p[0], 0.0f), y, 0, p[0]);
    ep_divide_f32__ref(x, ep_norm_l2_f32__ref(x, p[0], 0.0f), y + p[0], 0, p[0]);
    ep_divide_f32__ref(x, ep_norm_max_f32__ref(x, p[0], 0.0f), y + 2 * p[0], 0, p[0]);
}

static void elementary(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    float *y = out;
    for (uint32_t i = 0; i < p[0]; i++) {
        y[3 * i] = ep_exp_f32(x[i]);
        y[3 * i + 1] = ep_log_f32(x[i]);
        y[3 * i + 2] = ep_sqrt_f32(x[i]);
    }
}

static void activations(const uint32_t *p, void *out) {
    uint32_t n = p[0];
    const float *x = take(n);
    float *y = out;
    ep_softmax_f32__ref(x, y, n);
    ep_softmax_zero_f32__ref(x, y + n, n);
    ep_logistic_f32__ref(x, y + 2 * n, n);
    ep_one_vs_rest_f32__ref(x, y + 3 * n + 4, n);
    ep_modified_huber_f32__ref(x, y + 4 * n + 4, n);
    ep_binary_modified_huber_f32__ref(x[0], y + 5 * n + 4);
    float *e = probe_memory(n);
    for (uint32_t core = 0; core < 2; core++) {
        uint32_t end = core == 0 ? n / 2 : n;
        VARIANT(ep_softmax_exp_f32, PROBE_SOFTMAX_EXP)(x, e, n, core * (n / 2), end);
    }
    VARIANT(ep_softmax_divide_f32, PROBE_SOFTMAX_DIVIDE)(e, y + 5 * n + 6, n, 0, n / 2);
    VARIANT(ep_softmax_divide_f32, PROBE_SOFTMAX_DIVIDE)(e, y + 5 * n + 6, n, n / 2, n);
    y[3 * n] = ep_log_sum_exp_f32__ref(x, n);
    uint32_t *labels = (uint32_t *)out + 3 * n + 1;
    labels[0] = VARIANT(ep_argmax_f32, PROBE_ARGMAX)(x, n);
    labels[1] = VARIANT(ep_argmax_i32, PROBE_ARGMAX_I32)((const int32_t *)(const void *)x, n);
    labels[2] = ep_positive_f32__ref(x[0], 0.5f);
}

static void distances(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *rows = take(p[3] * p[1]);
    float *y = out;
    uint32_t n = p[3];
    VARIANT(ep_sqeuclidean_f32, PROBE_DISTANCES)(x, rows, y, p[0], p[1], p[2], n);
    VARIANT(ep_manhattan_f32, PROBE_DISTANCES)(x, rows, y + n, p[0], p[1], p[2], n);
    VARIANT(ep_chebyshev_f32, PROBE_DISTANCES)(x, rows, y + 2 * n, p[0], p[1], p[2], n);
    ep_power_distance_f32__ref(x, rows, y + 3 * n, p[4], p[0], p[1], p[2], n);
    ep_minkowski_f32__ref(x, rows, y + 4 * n, ep_from_bits_f32(p[5]), p[0], p[1], p[2], n);
}

#if PROBE_FUSED
static void distances_fma(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const float *rows = take(p[3] * p[1]);
    VARIANT(ep_sqeuclidean_fma_f32, PROBE_DISTANCES_FMA)(x, rows, out, p[0], p[1], p[2], p[3]);
}
#endif

// The sample's bytes in two parts, what was found in them, and the distances.
static void byte_distances(const uint32_t *p, void *out) {
    const uint32_t words = (p[0] + 3) / 4;
    const float *x = take(p[0]);
    const uint32_t *rows = take(p[2] * (words + 1));
    uint32_t *found = out;
    uint32_t *narrow = probe_memory(words);
    uint32_t *parts = probe_memory(4);
    ep_narrow_u8__ref(x, narrow, parts, p[0], 0, words / 2);
    ep_narrow_u8__ref(x, narrow, parts + 2, p[0], words / 2, words);
    ep_narrow_sum_u8__ref(parts, found, 2);
    VARIANT(ep_sqeuclidean_u8, PROBE_BYTE_DISTANCES)(x, narrow, found, rows, (float *)out + 2, p[0], p[1], p[2]);
    for (uint32_t w = 0; w < words; w++) {
        found[2 + p[2] + w] = narrow[w];
    }
}

// p: block, columns, blocks, segments, begin, end.
static void dense_segments(const uint32_t *p, void *out) {
    const uint32_t *starts = take(p[3] + 1);
    const float *x = take(p[1]);
    const float *weights = take(p[0] * p[1] * p[2]);
    VARIANT(ep_dense_segments_f32, PROBE_DENSE_SEGMENTS)(x, weights, starts, out, p[0], p[3], p[4], p[5]);
}

#if PROBE_FUSED
static void dense_segments_fma(const uint32_t *p, void *out) {
    const uint32_t *starts = take(p[3] + 1);
    const float *x = take(p[1]);
    const float *weights = take(p[0] * p[1] * p[2]);
    VARIANT(ep_dense_segments_fma_f32, PROBE_DENSE_SEGMENTS_FMA)(x, weights, starts, out, p[0], p[3], p[4], p[5]);
}
#endif

static void similarity(const uint32_t *p, void *out) {
    uint32_t n = p[0];
    const float *x = take(n);
    float gamma = ep_from_bits_f32(p[1]);
    float *y = out;
    ep_rbf_f32__ref(x, y, gamma, 0, n);
    ep_polynomial_f32__ref(x, y + n, gamma, 0.5f, p[2], 0, n);
    ep_sigmoid_f32__ref(x, y + 2 * n, gamma, 0.25f, 0, n);
    ep_cosine_f32__ref(x, y + 3 * n, 0, n);
}

static void support_pairs(const uint32_t *p, void *out) {
    uint32_t n = p[0];
    uint32_t count = n * (n - 1) / 2;
    const uint32_t *first = take(n + 1);
    const float *partial = take((n - 2 + p[2]) / p[2] * p[2] * p[1]);
    const float *intercepts = take(count);
    float *y = out;
    ep_support_scores_f32__ref(partial, first, intercepts, y, n, p[2], 0, count);
    ep_support_votes_f32__ref(y, y + count, n, 0, n);
    ep_pair_votes_f32__ref(0, y, y + count + n, n, 0, n);
}

static void neighbours(const uint32_t *p, void *out) {
    uint32_t n = p[0];
    uint32_t k = p[1];
    uint32_t lists = p[2];
    uint32_t outputs = p[3];
    const float *d = take(n);
    const float *targets = take(n * outputs);
    const uint16_t *classes = take((n + 1) / 2);
    float *near = probe_memory(k * lists);
    uint32_t *rows = probe_memory(k * lists);
    for (uint32_t i = 0; i < lists; i++) {
        const uint32_t begin = n * i / lists;
        const uint32_t end = n * (i + 1) / lists;
        ep_nearest_clear_f32__ref(near + k * i, rows + k * i, k);
        ep_nearest_f32__ref(d, near + k * i, rows + k * i, k, 0, begin, begin + (end - begin) / 3);
        ep_nearest_f32__ref(d + begin, near + k * i, rows + k * i, k, begin, (end - begin) / 3, end - begin);
    }
    ep_nearest_merge_f32__ref(near, rows, k, lists);
    float *y = out;
    ep_neighbour_weights_f32__ref(near, y, ep_from_bits_f32(p[4]), k);
    ep_neighbour_votes_f32__ref(rows, classes, y, y + k, k, outputs);
    ep_neighbour_sums_f32__ref(rows, targets, y, y + k + outputs, k, outputs);
    ep_neighbour_divide_f32__ref(y, y + k + outputs, k, outputs);
    ep_neighbour_sums_f32__ref(rows, targets, 0, y + k + 2 * outputs, k, outputs);
    ep_neighbour_votes_f32__ref(rows, classes, 0, y + k + 3 * outputs, k, outputs);
    ep_outlier_factor_f32__ref(near, rows, d, targets, y + k + 4 * outputs, ep_from_bits_f32(p[4]), k);
}

// p: features, edges, runs, degree.
static void columns(const uint32_t *p, void *out) {
    uint32_t n = p[0];
    const float *x = take(n);
    const float *one_each = take(n);
    const uint32_t *starts = take(n + 1);
    const float *edges = take(p[1]);
    const uint32_t *run_starts = take(p[2] + 1);
    const uint16_t *factors = take((p[2] * p[3] + 1) / 2);
    const float *codes = take(p[1]);
    float *y = out;
    ep_reaches_f32__ref(x, one_each, y, 0, n);
    ep_count_edges_f32__ref(x, starts, edges, y + n, 0, n);
    const uint32_t terms = run_starts[p[2]];
    VARIANT(ep_products_f32, PROBE_PRODUCTS)(x, run_starts, factors, y + 2 * n, p[2], n, p[3], 0, terms / 3);
    VARIANT(ep_products_f32, PROBE_PRODUCTS)(x, run_starts, factors, y + 2 * n, p[2], n, p[3], terms / 3, terms);
    y += 2 * n + terms;
    ep_fill_nan_f32__ref(x, one_each, y, 0, n);
    ep_fill_number_f32__ref(x, 0.5f, one_each, y + n, 0, n);
    ep_nan_flags_f32__ref(x, y + 2 * n, 0, n);
    ep_number_flags_f32__ref(x, 0.5f, y + 3 * n, 0, n);
    ep_category_codes_f32__ref(x, starts, edges, codes, one_each, x, y + 4 * n, 0, n);
    ep_place_flags_f32__ref(y + 4 * n, starts, y + 5 * n, 0, n);
}

static void categories(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const uint32_t *starts = take(p[0] + 1);
    const float *table = take(p[5] * p[1]);
    ep_categories_f32__ref(x, starts, table, out, p[0], p[1], p[2], p[3], p[4]);
}

// Probabilities of pairs, then of classes; the matrix is checked by them.
static void coupling(const uint32_t *p, void *out) {
    const uint32_t n = p[0];
    const uint32_t pairs = n * (n - 1) / 2;
    const float *scores = take(pairs);
    const float *a = take(pairs);
    const float *b = take(pairs);
    float *q = probe_memory(n * n);
    float *scratch = probe_memory(2 * n);
    float *y = out;
    ep_pairwise_proba_f32__ref(scores, a, b, y, pairs, 0, pairs);
    ep_coupling_matrix_f32__ref(y, q, n, 0, n);
    ep_couple_f32__ref(q, scratch, y + 2 * pairs, n, ep_from_bits_f32(p[1]), 100);
}

static void median(const uint32_t *p, void *out) {
    const float *x = take(p[0]);
    const uint32_t *weights = take(p[0]);
    float *y = out;
    ep_median_candidates_f32__ref(x, weights, y, p[1], p[0], 0, p[0]);
    ep_least_f32__ref(y, y + p[0], p[0]);
}

void kernel_probe(const uint32_t *sample, uint32_t *answer) {
    static void (*const operations[])(const uint32_t *, void *) = {
        IF_FUSED(dense_fma),
        IF_FUSED(gaussian_nb_fma),
        IF_FUSED(gaussian_nb_shrunk_fma),
        IF_FUSED(centroids_fma),
        IF_FUSED(kmeans_fma),
        IF_FUSED(dense_segments_fma),
        IF_FUSED(distances_fma),
        dense,
        dense_combine,
        gaussian_nb,
        gaussian_nb_shrunk,
        gaussian_nb_combine,
        trees,
        trees_wide,
        scores,
        scale,
        normalize,
        elementary,
        activations,
        distances,
        byte_distances,
        centroids,
        centroids_combine,
        kmeans,
        coded_trees,
        quadratic,
        dense_segments,
        similarity,
        support_pairs,
        neighbours,
        columns,
        categories,
        coupling,
        median,
    };
    payload = sample + 9;
    for (uint32_t i = 0; i < PROBE_ANSWER_WORDS; i++) {
        answer[i] = 0;
    }
    operations[sample[0]](sample + 1, answer);
}
