module github.com/portcullis-ai/portcullis/tools/testreport

go 1.26.0
