package main

import (
	"fmt"
)

type configCmd struct {
	settings
}

func (configCmd) Help() string {
	return `Settings come from, each winning over the one before: the built-in defaults, the file given with
--config, the environment, flags. A key that nobody knows is an error in each of them. In the
environment a key is written in capitals behind PORTCULLIS_, with _ for every dot:

  server.listen   PORTCULLIS_SERVER_LISTEN=0.0.0.0:50051
  models          PORTCULLIS_MODELS=bundled,toxic-bert`
}

// Run prints the settings that serve would use.
func (c configCmd) Run(std stdio) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	out, err := cfg.YAML()
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	_, err = std.out.Write(out)
	return err
}
