package guard

import (
	_ "math/rand" // planted
	_ "math/rand/v2"

	_ "github.com/portcullis-ai/portcullis/internal/config" // planted
)

func New() {}
