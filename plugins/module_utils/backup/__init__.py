# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
