# SPDX-License-Identifier: Apache-2.0
"""From scores to the user's labels. N rows, F features, K classes or targets.

================  =========================================  =============================================
function          inputs                                     output
================  =========================================  =============================================
ArgMaxLabel       scores[N,K], classes[K] (int64 or string)  label[N], the first of equal maxima
SignLabel         decision[N], classes[2]                    label[N]: classes[1] where decision > 0
NonNegativeLabel  decision[N], classes[2]                    label[N]: classes[0] where decision < 0
================  =========================================  =============================================
"""

from __future__ import annotations

BODIES: dict[str, str] = {
    "ArgMaxLabel": """ (scores, classes) => (label) {
        index = ArgMax <axis = 1, keepdims = 0> (scores)
        label = Gather (classes, index)
    }""",
    "SignLabel": """ (decision, classes) => (label) {
        zero = Constant <value = double {0.0}> ()
        positive = Greater (decision, zero)
        index = Cast <to = 7> (positive)
        label = Gather (classes, index)
    }""",
    "NonNegativeLabel": """ (decision, classes) => (label) {
        zero = Constant <value = double {0.0}> ()
        negative = Less (decision, zero)
        positive = Not (negative)
        index = Cast <to = 7> (positive)
        label = Gather (classes, index)
    }""",
}
