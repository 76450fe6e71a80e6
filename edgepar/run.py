# SPDX-License-Identifier: Apache-2.0
"""Run: what an emulator answered for some samples, in scikit-learn's shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgepar.emulators.job import CoreActivity, Measurement, Provenance
from edgepar.errors import EmulatorError, UsageError
from edgepar.manifest import Manifest


@dataclass(frozen=True, eq=False)
class Run:
    """Outputs, cycles and activity of one image on some samples.

    Attributes
    ----------
    manifest : Manifest
        What was run.
    measurement : Measurement
        The emulator's raw answer.
    """

    manifest: Manifest
    measurement: Measurement

    @property
    def outputs(self) -> dict[str, npt.NDArray[np.generic]]:
        """ONNX output name -> array, one row a sample; labels are the user's own."""
        found = self.manifest.split_record(self.measurement.outputs)
        for field in self.manifest.record:
            if field.role == "label":
                found[field.name] = self._labels(found[field.name][:, 0].astype(np.int64))
            elif field.flat:
                found[field.name] = found[field.name][:, 0]
        return found

    @property
    def call_cycles(self) -> npt.NDArray[np.int64]:
        """Cycles of each call, int64[n_calls], warm instruction cache.

        A call has ``batch`` samples, the last one what is left.
        """
        return self.measurement.cycles

    @property
    def cycles(self) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
        """Cycles of each inference, int64[n_samples], warm instruction cache.

        Of a batch, float64: the cycles of its call over the samples in the call.
        """
        batch, calls = self.manifest.batch, self.measurement.cycles
        if batch == 1:
            return calls
        samples = np.full(len(calls), batch)
        samples[-1] = len(self.measurement.outputs) // self.manifest.output_bytes - batch * (len(calls) - 1)
        return np.repeat(calls / samples, samples)

    @property
    def cold_cycles(self) -> int | None:
        """Cycles of the first call with a cold instruction cache; None where there is no such thing."""
        return self.measurement.cold_cycles

    @property
    def provenance(self) -> Provenance:
        """``rtl``, ``modelled`` or ``wall``."""
        return self.measurement.provenance

    @property
    def provenance_note(self) -> str:
        """What is modelled around the core."""
        return self.measurement.provenance_note

    @property
    def activity(self) -> tuple[CoreActivity, ...]:
        """One entry a core, summed over the samples; empty where the emulator cannot tell."""
        return self.measurement.activity

    def predict(self) -> npt.NDArray[np.generic]:
        """Labels, or values of a regressor, as the estimator's ``predict`` gives them."""
        return self._by_role("label" if self.manifest.kind == "classifier" else "value", "predict")

    def predict_proba(self) -> npt.NDArray[np.generic]:
        """Probabilities ``[n_samples, n_classes]``; UsageError where the model has none."""
        return self._by_role("probabilities", "predict_proba")

    def decision_function(self) -> npt.NDArray[np.generic]:
        """Scores as the estimator's ``decision_function`` gives them; UsageError where the model has none."""
        return self._by_role("decision", "decision_function")

    def transform(self) -> npt.NDArray[np.generic]:
        """What the estimator's ``transform`` gives, such as distances to centroids; UsageError where there is none."""
        return self._by_role("transformed", "transform")

    def score_samples(self) -> npt.NDArray[np.generic]:
        """Scores as the estimator's ``score_samples`` gives them; UsageError where the model has none."""
        return self._by_role("score", "score_samples")

    def _labels(self, classes: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        labels = np.asarray(self.manifest.labels)
        if classes.min(initial=0) < 0 or classes.max(initial=-1) >= len(labels):
            raise EmulatorError(
                f"run of {self.manifest.name}: the program answers a class that is none of the {len(labels)} labels "
                "of edgepar.json; compile the model anew."
            )
        return np.asarray(labels[classes])

    def _by_role(self, role: str, method: str) -> npt.NDArray[np.generic]:
        for field in self.manifest.record:
            if field.role == role:
                return self.outputs[field.name]
        have = ", ".join(field.role for field in self.manifest.record)
        raise UsageError(
            f"run of {self.manifest.name}: {method} needs the output {role}, the model has only {have}."
        )
