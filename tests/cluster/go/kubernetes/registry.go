// Copyright: (c) 2026, bunops contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

// The image registry, on every given address: the machine pushes to its loopback interface, the node pulls from another.
func serveRegistry(arguments []string) error {
	flags := flag.NewFlagSet("registry", flag.ExitOnError)
	addresses := flags.String("listen", "127.0.0.1:5000", "addresses, separated by commas")
	directory := flags.String("directory", "", "where images are kept")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	app := handlers.NewApp(context.Background(), &configuration.Configuration{
		Version: configuration.CurrentVersion,
		Storage: configuration.Storage{
			"filesystem": configuration.Parameters{"rootdirectory": *directory},
			"delete":     configuration.Parameters{"enabled": true},
		},
		Catalog: configuration.Catalog{MaxEntries: 1000},
		Tags:    configuration.Tags{MaxTags: 1000},
	})
	server := &http.Server{Handler: app, ReadHeaderTimeout: time.Minute}
	failed := make(chan error)
	for _, address := range strings.Split(*addresses, ",") {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() { failed <- server.Serve(listener) }()
	}
	return <-failed
}
