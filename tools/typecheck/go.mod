module github.com/portcullis-ai/portcullis/tools/typecheck

go 1.26.0
