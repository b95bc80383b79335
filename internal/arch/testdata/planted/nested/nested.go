package nested // another module, so none of our business

import _ "github.com/portcullis-ai/portcullis/server"
