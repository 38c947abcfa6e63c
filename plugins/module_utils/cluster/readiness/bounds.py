# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How long each kind of trouble may last before the wait ends because of it, in seconds.

Trouble that surely lasts (an image that does not exist, a pod that Pod Security refuses) ends it at once. All the rest
may heal by itself, and ending too early would undo a good deployment where `rollback` is on.
"""

from __future__ import annotations

# A registry that is not reached or answers with an error: the kubelet tries again after 10 s and 20 s more.
# https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
PULL = 15.0
# A Secret, a claim, a quota, a node label: another controller or person may be about to bring it.
HEALING = 30.0
# A volume that cannot be mounted: the kubelet's attempts come 0.5, 1, 2, … 32 s apart.
MOUNT = 40.0
# Room on a node, a volume provisioner or an admission webhook that starts in this very run.
CAPACITY = 60.0

# What has failed ends the wait that much later, so that all that is wrong is told at once.
GATHER = 2.0

# A container without a readiness probe is ready as soon as it runs: it has to stay so for that long.
SETTLE = 5.0

# Restarts of a container that make a crash loop final; with the kubelet's back-off of 10 s, 20 s, … that is 30 s after
# its start. A program that is restarted once or twice until its database answers is well.
# https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
RESTARTS = 3
# As long as other objects of the set are on their way, it may be these that the container needs: 70 s after its start.
RESTARTS_BESIDE_OTHERS = 4
