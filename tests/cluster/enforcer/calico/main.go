// Copyright: (c) 2026, bunops contributors
// SPDX-License-Identifier: Apache-2.0

// The two programs of Calico that make NetworkPolicies work: felix, which writes them into the node's packet filter, and
// the CNI plugin `calico`, which links pods to the node so that felix finds them. The name that it is started by says which.
package main

import (
	"flag"
	"os"
	"path/filepath"

	"github.com/projectcalico/calico/cni-plugin/pkg/plugin"
	"github.com/projectcalico/calico/felix/daemon"
)

func main() {
	if filepath.Base(os.Args[0]) != "felix" {
		plugin.Main("")
		return
	}
	config := flag.String("config", "", "felix's configuration")
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	flag.Parse()
	// It has no setting for this one but the variable.
	if err := os.Setenv("KUBECONFIG", *kubeconfig); err != nil {
		panic(err)
	}
	daemon.Run(*config, "", "", "")
}
