package bundled

import (
	_ "github.com/portcullis-ai/portcullis/model"
	_ "github.com/portcullis-ai/portcullis/server" // planted
)
