# SPDX-License-Identifier: Apache-2.0
"""Generated host projects under the sanitizers: no report on any row, and the same answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgepar.image import Image
from tests.case import Case
from tests.images import cases, image_of, run_of

#: Reads samples from standard input, each into memory of exactly its size, and writes the answers to standard output.
_DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include "model.h"

int main(void) {
    for (;;) {
        float *x = malloc(sizeof(float) * MACRO_N_FEATURES);
        MODEL_result_t *result = malloc(sizeof *result);
        int more = x && result && fread(x, sizeof(float), MACRO_N_FEATURES, stdin) == MACRO_N_FEATURES;
        if (more) {
            MODEL_infer(x, result);
            fwrite(result, sizeof *result, 1, stdout);
        }
        free(x);
        free(result);
        if (!more) {
            return 0;
        }
    }
}
"""


def _run_with(
    sanitizers: str, image: Image, X: np.ndarray, folder: Path, text: str = _DRIVER
) -> tuple[bytes, str]:
    name = image.manifest.name
    driver = folder / "main.c"
    driver.write_text(text.replace("MODEL", name).replace("MACRO", name.upper()))
    project = image.folder
    sources = [path for path in sorted(project.rglob("*.c")) if path.name not in ("model_glue.c", "run.c")]
    command = [
        "gcc", "-std=c11", "-O1", "-g", "-ffp-contract=off", "-pthread", "-fno-omit-frame-pointer",
        f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", driver,
        *(path for path in sources if "build" not in path.parts),
        f"-I{project}", f"-I{project}/runtime/include", f"-I{project}/runtime/pal/host", "-lm", "-o",
        folder / "program",
    ]  # fmt: skip
    subprocess.run([str(word) for word in command], check=True)
    options = {
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_init_order=1",
        "TSAN_OPTIONS": "halt_on_error=1",
    }
    done = subprocess.run(
        [str(folder / "program")], input=X.astype(np.float32).tobytes(), capture_output=True, check=False,
        env={**os.environ, **options}, timeout=300,
    )  # fmt: skip
    report = done.stderr.decode()
    assert done.returncode == 0, report
    return done.stdout, report


CASES = cases(
    "digits_forest", "digits_logistic", "digits_gaussian_nb", "one_leaf_tree", "one_class_tree", "nan_forest",
    "200_feature_forest", "two_target_forest", "clipped_forest", "normalized_tree", "cancer_logistic_l1_norm",
    "one_feature_logistic", "tiny_variance_gaussian_nb", "string_labels_forest",
    "offset_k_means", "14_component_mixture",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_addresses_and_undefined_behaviour(case: Case, tmp_path: Path) -> None:
    fitted = case.fit()
    outputs, report = _run_with(
        "address,undefined,float-cast-overflow", image_of(case, "host"), fitted.X_test, tmp_path
    )
    assert not report
    assert outputs == run_of(case, "host").measurement.outputs


EXTREMES = np.array([0.0, -0.0, 1e-45, -1e-38, 1.0, 3.4e38, -3.4e38, 16777216.0], dtype=np.float32)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_extreme_inputs_are_no_undefined_behaviour(case: Case, tmp_path: Path) -> None:
    """Whatever the answers are, they are the same with and without the sanitizers."""
    features = case.fit().X_test.shape[1]
    X = np.random.default_rng(0).choice(EXTREMES, size=(60, features))
    outputs, report = _run_with("address,undefined,float-cast-overflow", image_of(case, "host"), X, tmp_path)
    assert not report
    wanted = image_of(case, "host").run(X).measurement.outputs
    ours, theirs = np.frombuffer(outputs, dtype=np.float32), np.frombuffer(wanted, dtype=np.float32)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "case",
    cases("digits_forest", "digits_logistic", "digits_gaussian_nb", "clipped_forest", "normalized_tree"),
    ids=str,
)
def test_threads_race_nowhere(case: Case, tmp_path: Path) -> None:
    image = image_of(case, "host", cores=3)
    outputs, report = _run_with("thread", image, case.fit().X_test[:30], tmp_path)
    assert not report
    assert outputs == run_of(case, "host").measurement.outputs[: len(outputs)]
    assert len(outputs) == 30 * image.manifest.output_bytes


def test_an_overrun_would_be_reported(tmp_path: Path) -> None:
    """The last feature lies behind the memory that this driver asks for."""
    (case,) = cases("digits_logistic")
    wrong = _DRIVER.replace(
        "malloc(sizeof(float) * MACRO_N_FEATURES)", "malloc(sizeof(float) * MACRO_N_FEATURES - 4)"
    )
    wrong = wrong.replace("fread(x, sizeof(float), MACRO_N_FEATURES, stdin) == MACRO_N_FEATURES", "1")
    with pytest.raises(AssertionError, match="heap-buffer-overflow"):
        _run_with("address,undefined", image_of(case, "host"), case.fit().X_test[:1], tmp_path, wrong)
