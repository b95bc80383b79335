package guard

import _ "github.com/portcullis-ai/portcullis/guard/pattern" // a test may
