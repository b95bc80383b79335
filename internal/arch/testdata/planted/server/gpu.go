//go:build gpu

package server

import _ "github.com/portcullis-ai/portcullis/guard/tokens" // planted, under a build tag
