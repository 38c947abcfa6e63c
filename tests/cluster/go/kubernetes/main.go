// Copyright: (c) 2026, bunops contributors
// SPDX-License-Identifier: Apache-2.0

// One program for everything that the test cluster runs on the machine itself. The name that it is started by says which
// part it is: it is installed once, with a link a part.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // CronJobs may name a time zone.

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	part := filepath.Base(os.Args[0])
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "registry":
		exit(part, serveRegistry(os.Args[1:]))
	case "volumes":
		exit(part, provisionVolumes(os.Args[1:]))
	case "kubectl":
		util.CheckErr(cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()))
	default:
		command, err := command(part)
		exit(part, err)
		os.Exit(cli.Run(command))
	}
}

// Only the wanted command is made: each constructor installs the process's signal handler, and a second one panics.
func command(part string) (*cobra.Command, error) {
	switch part {
	case "kube-apiserver":
		return apiserver.NewAPIServerCommand(), nil
	case "kube-controller-manager":
		return controllers.NewControllerManagerCommand(), nil
	case "kube-scheduler":
		return scheduler.NewSchedulerCommand(), nil
	case "kubelet":
		return kubelet.NewKubeletCommand(context.Background()), nil
	case "kube-proxy":
		return proxy.NewProxyCommand(), nil
	}
	return nil, fmt.Errorf("started by a name that stands for no part of the cluster")
}

func exit(part string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", part, err)
		os.Exit(1)
	}
}
