package main

import (
	_ "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	_ "github.com/portcullis-ai/portcullis/server" // planted
)

func main() {}
