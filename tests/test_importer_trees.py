# SPDX-License-Identifier: Apache-2.0
"""Tree ensembles of every form against onnxruntime: node modes, special numbers, missing values, two classes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from edgepar.errors import UnsupportedModelError
from tests.onnx_models import ML, assert_agrees, by_graph, by_onnxruntime, imported, model

MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")
FLOAT_MAX = float(np.finfo(np.float32).max)
SPECIAL = (0.0, -0.0, 1.0, 1.5, -2.0, 1e-45, -1e-45, FLOAT_MAX, -FLOAT_MAX, float("inf"), float("-inf"))


def samples(features: int, thresholds: np.ndarray) -> np.ndarray:
    """Rows of special numbers, of each threshold and of its neighbours, and NaN."""
    t = np.concatenate([thresholds, SPECIAL]).astype(np.float32)
    with np.errstate(over="ignore"):
        row = np.concatenate(
            [t, np.nextafter(t, np.float32(-np.inf)), np.nextafter(t, np.float32(np.inf)), [np.nan]]
        )
    rng = np.random.default_rng(0)
    return np.stack([rng.permutation(row) for _ in range(features)], axis=1).astype(np.float32)


def regressor(nodes, weights, *, double: bool, targets: int = 1, **extra) -> onnx.ModelProto:
    """TreeEnsembleRegressor from nodes (tree, node, feature, mode, value, yes, no, missing) and weights
    (tree, node, target, weight)."""
    columns = list(zip(*nodes, strict=True))
    names = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
             "missing_value_tracks_true")  # fmt: skip
    attributes = {f"nodes_{name}": list(column) for name, column in zip(names, columns, strict=True)}
    attributes |= {
        f"target_{name}": list(column)
        for name, column in zip(
            ("treeids", "nodeids", "ids", "weights"), zip(*weights, strict=True), strict=True
        )
    }
    if double:
        for name in ("nodes_values", "target_weights"):
            array = np.array(attributes.pop(name), dtype=np.float64)
            attributes[f"{name}_as_tensor"] = numpy_helper.from_array(array, name)
    node = helper.make_node(
        "TreeEnsembleRegressor", ["X"], ["y"], domain=ML, n_targets=targets, **attributes, **extra
    )
    features = max(node[2] for node in nodes) + 1
    element = TensorProto.DOUBLE if double else TensorProto.FLOAT
    return model([node], [features], [("y", TensorProto.FLOAT)], element=element)


def random_trees(draw) -> tuple[list, list]:
    """A few trees of any shape and mode; leaf weights are powers of two, so that their sums are exact."""
    nodes: list[tuple] = []
    weights = []
    number = st.one_of(st.sampled_from(SPECIAL), st.floats(-4, 4, width=32))
    for tree in range(draw(st.integers(1, 3))):
        inner = draw(st.integers(0, 6))
        # Node i < inner is an inner node; open places are filled in order, so that the tree is proper.
        open_places = [(None, None)]
        entries = []
        for i in range(2 * inner + 1):
            at = draw(st.integers(0, len(open_places) - 1)) if i else 0
            parent, side = open_places.pop(at)
            if parent is not None:
                entries[parent][side] = i
            if i < inner or (open_places == [] and i < 2 * inner):
                value = float(np.float32(draw(number)))
                entries.append([tree, i, draw(st.integers(0, 2)), draw(st.sampled_from(MODES)), value, 0, 0,
                                draw(st.integers(0, 1))])  # fmt: skip
                open_places += [(i, 5), (i, 6)]
            else:
                entries.append([tree, i, 0, "LEAF", 0.0, 0, 0, 0])
                weights.append((tree, i, 0, float(2 ** (len(weights) % 20))))
            if not open_places:
                break
        nodes += [tuple(entry) for entry in entries]
    return nodes, weights


@settings(max_examples=60)
@given(st.data(), st.booleans())
def test_every_mode_decides_as_in_onnxruntime(data, double):
    nodes, weights = random_trees(data.draw)
    proto = regressor(nodes, weights, double=double)
    X = samples(proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value, np.array([n[4] for n in nodes]))
    wanted = by_onnxruntime(proto, X)["y"]
    np.testing.assert_array_equal(by_graph(imported(proto), X)["y"].reference, wanted)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("threshold", SPECIAL)
def test_one_split_of_each_mode_at_special_numbers(mode, missing, threshold):
    nodes = [
        (0, 0, 0, mode, threshold, 1, 2, missing),
        (0, 1, 0, "LEAF", 0.0, 0, 0, 0),
        (0, 2, 0, "LEAF", 0.0, 0, 0, 0),
    ]
    proto = regressor(nodes, [(0, 1, 0, 1.0), (0, 2, 0, 2.0)], double=False)
    X = samples(1, np.array([threshold]))
    np.testing.assert_array_equal(by_graph(imported(proto), X)["y"].reference, by_onnxruntime(proto, X)["y"])


def test_double_thresholds_decide_between_neighbouring_floats():
    one = np.float32(1.0)
    between = (float(one) + float(np.nextafter(one, np.float32(2)))) / 2
    nodes = [
        (0, 0, 0, "BRANCH_LEQ", between, 1, 2, 0),
        (0, 1, 0, "LEAF", 0, 0, 0, 0),
        (0, 2, 0, "LEAF", 0, 0, 0, 0),
    ]
    graph = imported(regressor(nodes, [(0, 1, 0, 1.0), (0, 2, 0, 2.0)], double=True))
    X = np.array([[one], [np.nextafter(one, np.float32(2))]], dtype=np.float32)
    assert by_graph(graph, X)["y"].reference.tolist() == [[1.0], [2.0]]


FOREST = [
    *((t, 0, t % 2, "BRANCH_LEQ", 0.5 * t - 0.5, 1, 2, 0) for t in range(3)),
    *((t, n, 0, "LEAF", 0.0, 0, 0, 0) for t in range(3) for n in (1, 2)),
]
FOREST.sort(key=lambda node: node[:2])


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("aggregate", ["SUM", "AVERAGE", "MIN", "MAX"])
@pytest.mark.parametrize(("targets", "base"), [(1, ()), (1, (0.25,)), (3, ()), (3, (0.5, -1.0, 0.125))])
@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"])
def test_aggregates_base_values_and_transforms(double, aggregate, targets, base, transform):
    rng = np.random.default_rng(targets)
    weights = [
        (t, n, k, float(np.float32(rng.normal()))) for t in range(3) for n in (1, 2) for k in range(targets)
    ]
    extra = {"aggregate_function": aggregate, "post_transform": transform}
    if base:
        extra["base_values"] = list(base)
    if double and base:
        array = np.array(extra.pop("base_values"), dtype=np.float64)
        extra["base_values_as_tensor"] = numpy_helper.from_array(array, "base_values")
    proto = regressor(FOREST, weights, double=double, targets=targets, **extra)
    if targets == 1 and transform != "NONE":
        with pytest.raises(UnsupportedModelError, match=f"{transform} of one target; onnxruntime ignores it"):
            imported(proto)
        return
    assert_agrees(imported(proto), proto, rng.normal(size=(50, 2)).astype(np.float32))


def classifier(weights, *, labels=(10, 20), base=None, transform="NONE", double=False) -> onnx.ModelProto:
    """TreeEnsembleClassifier on FOREST; weights are (tree, node, class, weight)."""
    columns = list(zip(*FOREST, strict=True))
    names = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
             "missing_value_tracks_true")  # fmt: skip
    attributes = {f"nodes_{name}": list(column) for name, column in zip(names, columns, strict=True)}
    attributes |= {
        f"class_{name}": list(column)
        for name, column in zip(
            ("treeids", "nodeids", "ids", "weights"), zip(*weights, strict=True), strict=True
        )
    }
    key = "classlabels_strings" if isinstance(labels[0], str) else "classlabels_int64s"
    attributes |= {key: list(labels), "post_transform": transform}
    if base is not None:
        attributes["base_values"] = list(base)
    node = helper.make_node("TreeEnsembleClassifier", ["X"], ["label", "scores"], domain=ML, **attributes)
    kind = TensorProto.STRING if isinstance(labels[0], str) else TensorProto.INT64
    element = TensorProto.DOUBLE if double else TensorProto.FLOAT
    return model([node], [2], [("label", kind), ("scores", TensorProto.FLOAT)], element=element)


def weights_of(*classes: int, low: float = 0.0, high: float = 1.0) -> list[tuple]:
    """Random weights of each leaf for the classes."""
    rng = np.random.default_rng(len(classes))
    return [
        (t, n, k, float(np.float32(rng.uniform(low, high))))
        for t in range(3)
        for n in (1, 2)
        for k in classes
    ]


TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")
BINARY = {
    "positive weights of class 0": {"weights": weights_of(0, high=0.4)},
    "positive weights of class 1": {"weights": weights_of(1, high=0.4)},
    "mixed weights of class 0": {"weights": weights_of(0, low=-1.0)},
    "mixed weights of class 1": {"weights": weights_of(1, low=-1.0)},
    "mixed weights and a base value": {"weights": weights_of(0, low=-1.0), "base": (0.25,)},
    "positive weights and a base value": {"weights": weights_of(0, high=0.3), "base": (-0.25,)},
    "both classes, labels 0 and 1": {"weights": weights_of(0, 1, low=-1.0), "labels": (0, 1)},
    "both classes, texts": {"weights": weights_of(0, 1, low=-1.0), "labels": ("no", "yes")},
    "texts": {"weights": weights_of(0, high=0.4), "labels": ("no", "yes")},
    "three classes": {"weights": weights_of(0, 1, 2, low=-1.0), "labels": (5, -3, 8)},
    "three classes and base values": {
        "weights": weights_of(0, 1, 2, low=-1.0), "labels": (5, -3, 8), "base": (0.5, -0.25, 0.0)
    },
    "three classes, one leaf a class": {
        "weights": [(t, n, (t + n) % 3, 0.5 + t + n / 4) for t in range(3) for n in (1, 2)], "labels": ("a", "b", "c"),
    },
}  # fmt: skip


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("case", BINARY)
def test_classifiers_answer_as_onnxruntime_does(case, transform, double):
    proto = classifier(**BINARY[case], transform=transform, double=double)
    X = np.random.default_rng(1).normal(size=(60, 2)).astype(np.float32)
    assert_agrees(imported(proto), proto, X)


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ({"weights": weights_of(0, 1)}, "onnxruntime answers 0 and 1 then"),
        ({"weights": weights_of(0, 1), "labels": (0, 1), "base": (0.0, 1.0)}, "leave base_values out"),
        ({"weights": weights_of(1), "base": (1.0,)}, "give one base value and weights of class 0"),
        ({"weights": weights_of(0), "labels": (3,)}, "a classifier has 2 or more"),
        ({"weights": weights_of(0), "transform": "PROBIT"}, "approximate"),
        ({"weights": [*weights_of(0), (0, 1, 1, 0.5)], "labels": (0, 1)}, "weigh both classes in each leaf"),
        (
            {"weights": [*weights_of(0, low=-1.0), (0, 1, 1, 0.5)], "labels": (0, 1, 2)},
            "has to weigh all classes",
        ),
    ],
)
def test_classifiers_that_are_refused(case, text):
    with pytest.raises(UnsupportedModelError, match=text):
        imported(classifier(**case))


def ensemble_5(
    modes, splits, *, members=None, aggregate=1, transform=0, targets=1, element=TensorProto.FLOAT
):
    """TreeEnsemble: a chain of nodes, each with a leaf on its true branch and the next node on its false one."""
    n = len(modes)
    dtype = np.float32 if element == TensorProto.FLOAT else np.float64
    attributes = {
        "n_targets": targets, "aggregate_function": aggregate, "post_transform": transform, "tree_roots": [0],
        "nodes_featureids": [i % 2 for i in range(n)],
        "nodes_modes": numpy_helper.from_array(np.array(modes, dtype=np.uint8), "modes"),
        "nodes_splits": numpy_helper.from_array(np.array(splits, dtype=dtype), "splits"),
        "nodes_truenodeids": list(range(n)), "nodes_trueleafs": [1] * n,
        "nodes_falsenodeids": [*range(1, n), n], "nodes_falseleafs": [0] * (n - 1) + [1],
        "nodes_missing_value_tracks_true": [int(i % 3 == 0) for i in range(n)],
        "leaf_targetids": [i % targets for i in range(n + 1)],
        "leaf_weights": numpy_helper.from_array(np.array([2.0**i for i in range(n + 1)], dtype=dtype), "weights"),
    }  # fmt: skip
    if members is not None:
        attributes["membership_values"] = numpy_helper.from_array(np.array(members, dtype=dtype), "members")
    node = helper.make_node("TreeEnsemble", ["X"], ["y"], domain=ML, **attributes)
    return model([node], [2], [("y", element)], element=element, ml_version=5)


NAN = float("nan")
NEW = {
    "all comparisons": ensemble_5([0, 1, 2, 3, 4, 5], [-1.0, -0.5, 2.0, 1.0, 0.25, 0.5]),
    "all comparisons in double": ensemble_5([0, 1, 2, 3, 4, 5], [-1.0, -0.5, 2.0, 1.0, 0.25, 0.5],
                                            element=TensorProto.DOUBLE),
    "one set": ensemble_5([6, 0], [0.0, 0.5], members=[1.0, 2.0, 25.0, NAN]),
    "two sets": ensemble_5([6, 0, 6], [0.0, 0.5, 0.0], members=[1.0, 2.0, NAN, -1.0, 0.0, NAN]),
    "large members": ensemble_5([6, 6], [0.0, 0.0], members=[100.0, -70.0, NAN, 65.0, 2.0**20, NAN]),
    "average": ensemble_5([0, 1], [0.0, 0.5], aggregate=0),
    "least": ensemble_5([0, 1], [0.0, 0.5], aggregate=2),
    "most": ensemble_5([0, 1], [0.0, 0.5], aggregate=3),
}  # fmt: skip


@pytest.mark.parametrize("case", NEW)
def test_the_operator_of_ai_onnx_ml_5(case):
    proto = NEW[case]
    X = samples(2, np.array([-1.0, -0.5, 2.0, 1.0, 0.25, 0.5]))
    if "membership_values" in [attribute.name for attribute in proto.graph.node[0].attribute]:
        # onnxruntime cuts fractions off before it looks into a set, against the specification.
        whole = [NAN, -71, -70, -2, -1, 0, 1, 2, 3, 24, 25, 26, 64, 65, 66, 99, 100, 101, 2.0**20]
        X = np.array([(a, b) for a in whole for b in whole], dtype=np.float32)
    assert_agrees(imported(proto), proto, X)


def test_sets_of_fractions_are_read_as_specified():
    members = [0.3, -0.5, 1e30, NAN, float("inf"), 0.0, NAN]
    proto = ensemble_5([6, 6], [0.0, 0.0], members=members)
    X = samples(2, np.array([0.3, -0.5, 1e30]))
    wanted = []
    for a, b in X:  # node 0 asks feature 0 and sends NaN to its true branch, node 1 asks feature 1
        if np.isnan(a) or a in np.array(members[:3], dtype=np.float32):
            wanted.append([1.0])
        else:
            wanted.append([2.0] if b in (np.inf, 0.0) else [4.0])
    assert by_graph(imported(proto), X)["y"].reference.tolist() == wanted


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_transforms_by_number_are_refused(number):
    with pytest.raises(UnsupportedModelError, match="add a Softmax or Sigmoid node"):
        imported(ensemble_5([0, 1], [0.0, 0.5], targets=2, transform=number))


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("weights", [(0.75, 0.25), (-0.5, 0.25), (1.0, 0.5)])
def test_a_forest_of_lone_leaves(weights, transform):
    node = helper.make_node(
        "TreeEnsembleClassifier", ["X"], ["label", "scores"], domain=ML, post_transform=transform,
        nodes_treeids=[0, 1], nodes_nodeids=[0, 0], nodes_featureids=[0, 0], nodes_modes=["LEAF", "LEAF"],
        nodes_values=[0.0, 0.0], nodes_truenodeids=[0, 0], nodes_falsenodeids=[0, 0], class_treeids=[0, 1],
        class_nodeids=[0, 0], class_ids=[0, 0], class_weights=list(weights), classlabels_int64s=[4, 9],
    )  # fmt: skip
    proto = model([node], [2], [("label", TensorProto.INT64), ("scores", TensorProto.FLOAT)])
    assert_agrees(imported(proto), proto, np.zeros((3, 2), dtype=np.float32))


def test_a_tree_of_one_leaf_is_a_node_whose_branches_meet():
    proto = ensemble_5([0], [0.0])
    for attribute in proto.graph.node[0].attribute:
        if attribute.name == "nodes_falsenodeids":
            attribute.ints[:] = [0]
    X = np.array([[-1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    assert by_graph(imported(proto), X)["y"].reference.tolist() == [[1.0], [1.0]]
    assert_agrees(imported(proto), proto, X)
