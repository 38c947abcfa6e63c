// Copyright: (c) 2026, bunops contributors
// SPDX-License-Identifier: Apache-2.0

// Vault's own core and HTTP API with what the tests use of its engines and ways to log in: a server in memory,
// unsealed, as `vault server -dev` starts it, and by the same arguments.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"

	"github.com/hashicorp/go-hclog"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/helper/namespace"
	api "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
	"github.com/hashicorp/vault/version"
)

var included = map[consts.PluginType]map[string]logical.Factory{
	consts.PluginTypeSecrets:    {"kv": kv.Factory},
	consts.PluginTypeCredential: {"approle": approle.Factory, "kubernetes": kubernetes.Factory},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 1 && arguments[0] == "version" {
		fmt.Println("Vault v" + version.GetVersion().Version)
		return nil
	}
	if len(arguments) == 0 || arguments[0] != "server" {
		return errors.New("expected the command server or version")
	}
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	dev := flags.Bool("dev", false, "keep everything in memory; there is no other way")
	token := flags.String("dev-root-token-id", "", "the root token")
	address := flags.String("dev-listen-address", "127.0.0.1:8200", "where to listen")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if !*dev || *token == "" {
		return errors.New("expected -dev and -dev-root-token-id")
	}
	return serve(*address, *token)
}

func serve(address, token string) error {
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Info})
	memory, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           memory,
		LogicalBackends:    included[consts.PluginTypeSecrets],
		CredentialBackends: included[consts.PluginTypeCredential],
		BuiltinRegistry:    registry{},
		Logger:             logger,
		// Not all machines allow it, and no secret is here but those of tests.
		DisableMlock: true,
	})
	if err != nil {
		return err
	}
	if err := unseal(core, token); err != nil {
		return err
	}
	properties := vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}}
	return http.ListenAndServe(address, api.Handler.Handler(&properties))
}

// As the command `vault` does it for a development server.
func unseal(core *vault.Core, token string) error {
	ctx := namespace.RootContext(context.Background())
	barrier := vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: &barrier})
	if err != nil {
		return err
	}
	if _, err := core.Unseal(made.SecretShares[0]); err != nil {
		return err
	}
	root := map[string]any{"id": token, "policies": []string{"root"}, "no_parent": true, "no_default_policy": true}
	_, err = core.HandleRequest(ctx, &logical.Request{
		Operation:   logical.UpdateOperation,
		ClientToken: made.RootToken,
		Path:        "auth/token/create",
		Data:        root,
	})
	return err
}

// What the core asks before it looks for a program on the disk.
type registry struct{}

func (registry) Get(name string, kind consts.PluginType) (func() (any, error), bool) {
	factory, known := included[kind][name]
	return func() (any, error) { return factory, nil }, known
}

func (r registry) Contains(name string, kind consts.PluginType) bool {
	_, known := r.Get(name, kind)
	return known
}

func (registry) Keys(kind consts.PluginType) []string {
	return slices.Collect(maps.Keys(included[kind]))
}

func (r registry) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, r.Contains(name, kind)
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }
