module github.com/portcullis-ai/portcullis/nested
