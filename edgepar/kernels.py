# SPDX-License-Identifier: Apache-2.0
"""The table of C kernels: which header declares each, which folder holds it, which variants there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    """A C function family ``<name>__<variant>``; ``folder`` lies below c_runtime/kernels, one file a variant.

    ``needs`` are folders whose functions it calls.
    """

    name: str
    folder: str
    variants: tuple[str, ...] = ("ref",)
    needs: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """Header below c_runtime/include."""
        return f"ep/{self.folder}.h"

    def choose(self, preference: tuple[str, ...]) -> str:
        """The first variant of a target's list that exists; ``ref`` always does."""
        return next((variant for variant in preference if variant in self.variants), "ref")


_ROWS = (
    Kernel("ep_scale_f32", "scale_f32", ("ref", "xpulp")),
    Kernel("ep_affine_f32", "scale_f32"),
    Kernel("ep_clip_f32", "scale_f32"),
    Kernel("ep_norm_l1_f32", "normalize_f32", needs=("math_f32",)),
    Kernel("ep_norm_l2_f32", "normalize_f32", needs=("math_f32",)),
    Kernel("ep_norm_max_f32", "normalize_f32", needs=("math_f32",)),
    Kernel("ep_divide_f32", "normalize_f32", needs=("math_f32",)),
    Kernel("ep_dense_f32", "dense_f32", ("ref", "armv7em", "integer")),
    Kernel("ep_dense_fma_f32", "dense_f32", ("ref", "xpulp")),
    Kernel("ep_dense_segments_f32", "dense_f32", ("ref", "armv7em", "integer")),
    Kernel("ep_dense_segments_fma_f32", "dense_f32", ("ref", "xpulp")),
    Kernel("ep_dense_combine_f32", "dense_f32", ("ref", "xpulp")),
    Kernel(
        "ep_sqeuclidean_f32", "distances_f32", ("ref", "xpulp", "armv7em", "integer"), needs=("math_f32",)
    ),
    Kernel("ep_sqeuclidean_fma_f32", "distances_f32", ("ref", "xpulp"), needs=("math_f32",)),
    Kernel("ep_manhattan_f32", "distances_f32", ("ref", "xpulp", "armv7em"), needs=("math_f32",)),
    Kernel("ep_chebyshev_f32", "distances_f32", ("ref", "xpulp", "armv7em"), needs=("math_f32",)),
    Kernel("ep_power_distance_f32", "distances_f32", needs=("math_f32",)),
    Kernel("ep_minkowski_f32", "distances_f32", needs=("math_f32",)),
    Kernel("ep_narrow_u8", "distances_u8", ("ref", "integer"), needs=("math_f32",)),
    Kernel("ep_narrow_sum_u8", "distances_u8", needs=("math_f32",)),
    Kernel(
        "ep_sqeuclidean_u8", "distances_u8", ("ref", "corev", "armv7em"), needs=("distances_u8", "math_f32")
    ),
    Kernel("ep_gaussian_nb_f32", "gaussian_nb_f32", ("ref", "armv7em", "integer")),
    Kernel("ep_gaussian_nb_fma_f32", "gaussian_nb_f32", ("ref", "xpulp")),
    Kernel("ep_rbf_f32", "similarity_f32", needs=("math_f32",)),
    Kernel("ep_polynomial_f32", "similarity_f32", needs=("math_f32",)),
    Kernel("ep_sigmoid_f32", "similarity_f32", needs=("math_f32",)),
    Kernel("ep_cosine_f32", "similarity_f32", needs=("math_f32",)),
    Kernel("ep_support_scores_f32", "support_f32"),
    Kernel("ep_support_votes_f32", "support_f32"),
    Kernel("ep_pairwise_proba_f32", "coupling_f32", needs=("math_f32",)),
    Kernel("ep_coupling_matrix_f32", "coupling_f32", needs=("math_f32",)),
    Kernel("ep_couple_f32", "coupling_f32", needs=("math_f32",)),
    Kernel("ep_nearest_clear_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_nearest_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_nearest_merge_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_outlier_factor_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_neighbour_weights_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_neighbour_votes_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_neighbour_sums_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_neighbour_divide_f32", "neighbours_f32", needs=("math_f32",)),
    Kernel("ep_categories_f32", "categories_f32"),
    Kernel("ep_gaussian_nb_shrunk_f32", "gaussian_nb_f32"),
    Kernel("ep_gaussian_nb_shrunk_fma_f32", "gaussian_nb_f32"),
    Kernel("ep_gaussian_nb_combine_f32", "gaussian_nb_f32", ("ref", "xpulp")),
    Kernel("ep_gaussian_nb_combine_shrunk_f32", "gaussian_nb_f32"),
    Kernel("ep_gaussian_nb_overflowed_f32", "gaussian_nb_f32"),
    Kernel("ep_centroids_f32", "centroids_f32", ("ref", "integer"), needs=("math_f32",)),
    Kernel("ep_centroids_fma_f32", "centroids_f32", ("ref", "xpulp"), needs=("math_f32",)),
    Kernel("ep_centroids_combine_f32", "centroids_f32", ("ref", "xpulp"), needs=("math_f32",)),
    Kernel("ep_root_f32", "centroids_f32", ("ref", "xpulp"), needs=("math_f32",)),
    Kernel("ep_differences_f32", "quadratic_f32", needs=("activation_f32", "math_f32")),
    Kernel("ep_quadratic_f32", "quadratic_f32", ("ref", "xpulp"), needs=("activation_f32", "math_f32")),
    Kernel("ep_quadratic_combine_f32", "quadratic_f32", needs=("activation_f32", "math_f32")),
    Kernel("ep_evidence_f32", "quadratic_f32", needs=("activation_f32", "math_f32")),
    Kernel("ep_kmeans_clear_f32", "kmeans_f32"),
    Kernel("ep_kmeans_assign_f32", "kmeans_f32", ("ref", "integer")),
    Kernel("ep_kmeans_assign_fma_f32", "kmeans_f32", ("ref", "xpulp")),
    Kernel("ep_kmeans_add_f32", "kmeans_f32", ("ref", "xpulp")),
    Kernel("ep_kmeans_spread_f32", "kmeans_f32"),
    Kernel("ep_kmeans_tolerance_f32", "kmeans_f32"),
    Kernel("ep_kmeans_relocate_f32", "kmeans_f32"),
    Kernel("ep_kmeans_update_f32", "kmeans_f32"),
    Kernel("ep_kmeans_total_f32", "kmeans_f32"),
    Kernel("ep_trees_f32", "trees_f32", ("ref", "xpulp", "integer")),
    Kernel("ep_trees_wide_f32", "trees_f32", ("ref", "integer")),
    Kernel("ep_trees_leaf_f32", "trees_f32", ("ref", "xpulp", "integer")),
    Kernel("ep_trees_wide_leaf_f32", "trees_f32", ("ref", "integer")),
    Kernel("ep_leaves_min_i32", "trees_f32"),
    Kernel("ep_leaves_max_i32", "trees_f32"),
    Kernel("ep_leaves_add_i32", "trees_f32"),
    Kernel("ep_leaf_copy_f32", "trees_f32"),
    Kernel("ep_scores_from_i32_f32", "trees_f32"),
    Kernel("ep_sum_i32", "trees_f32", ("ref", "corev")),
    Kernel("ep_codes_by_rank_f32", "coded_trees", needs=("math_f32",)),
    Kernel("ep_codes_by_grid_f32", "coded_trees", ("ref", "corev"), needs=("math_f32",)),
    Kernel("ep_coded_trees_sum", "coded_trees", ("ref", "corev", "armv7em")),
    Kernel("ep_coded_trees_vote", "coded_trees", ("ref", "corev", "armv7em")),
    Kernel("ep_coded_trees_row", "coded_trees", ("ref", "corev", "armv7em")),
    Kernel("ep_zero_i32", "zero_i32"),
    Kernel("ep_softmax_f32", "activation_f32", needs=("math_f32",)),
    Kernel("ep_softmax_exp_f32", "activation_f32", ("ref", "xpulp", "integer"), needs=("math_f32",)),
    Kernel("ep_softmax_divide_f32", "activation_f32", ("ref", "xpulp"), needs=("math_f32",)),
    Kernel("ep_softmax_zero_f32", "activation_f32", needs=("math_f32",)),
    Kernel("ep_exponential_f32", "activation_f32", ("ref", "integer"), needs=("math_f32",)),
    Kernel("ep_logistic_f32", "activation_f32", needs=("math_f32",)),
    Kernel("ep_binary_logistic_f32", "activation_f32", needs=("math_f32",)),
    Kernel("ep_complement_f32", "activation_f32", needs=("math_f32",)),
    Kernel("ep_one_vs_rest_f32", "one_vs_rest_f32", needs=("math_f32",)),
    Kernel("ep_modified_huber_f32", "one_vs_rest_f32", needs=("math_f32",)),
    Kernel("ep_binary_modified_huber_f32", "one_vs_rest_f32", needs=("math_f32",)),
    Kernel("ep_argmax_f32", "argmax", ("ref", "xpulp", "integer"), needs=("math_f32",)),
    Kernel("ep_argmin_f32", "argmax", ("ref", "integer")),
    Kernel("ep_argmax_i32", "argmax", ("ref", "corev")),
    Kernel("ep_leaf_label", "argmax"),
    Kernel("ep_positive_f32", "argmax", ("ref", "integer")),
    Kernel("ep_copy_f32", "compose_f32"),
    Kernel("ep_select_f32", "compose_f32"),
    Kernel("ep_reaches_f32", "columns_f32"),
    Kernel("ep_count_edges_f32", "columns_f32"),
    Kernel("ep_fill_nan_f32", "columns_f32"),
    Kernel("ep_fill_number_f32", "columns_f32"),
    Kernel("ep_nan_flags_f32", "columns_f32"),
    Kernel("ep_number_flags_f32", "columns_f32"),
    Kernel("ep_category_codes_f32", "columns_f32"),
    Kernel("ep_place_flags_f32", "columns_f32"),
    Kernel("ep_products_f32", "columns_f32", ("ref", "xpulp")),
    Kernel("ep_weighted_sum_f32", "compose_f32"),
    Kernel("ep_median_candidates_f32", "median_f32", needs=("math_f32",)),
    Kernel("ep_least_f32", "median_f32", needs=("math_f32",)),
    Kernel("ep_one_vote_f32", "compose_f32"),
    Kernel("ep_shares_f32", "compose_f32"),
    Kernel("ep_interpolate_f32", "compose_f32"),
    Kernel("ep_pair_votes_f32", "compose_f32"),
)

#: Every kernel by its family name.
KERNELS: dict[str, Kernel] = {row.name: row for row in _ROWS}
