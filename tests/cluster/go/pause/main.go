// Copyright: (c) 2026, bunops contributors
// SPDX-License-Identifier: Apache-2.0

// Holds a pod's namespaces: sleeps until it is told to end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGINT, syscall.SIGTERM)
	<-told
}
