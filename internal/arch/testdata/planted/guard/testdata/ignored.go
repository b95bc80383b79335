package ignored

import _ "github.com/portcullis-ai/portcullis/server" // the go command does not look here either
