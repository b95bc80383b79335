package main

import (
	"fmt"
	"runtime"
)

// The processors of what is measured, and of whoever asks it where both are apart.
const serverCore = "0"

func clientCores() string { return fmt.Sprintf("1-%d", runtime.NumCPU()-1) }

func allCores() string { return fmt.Sprintf("0-%d", runtime.NumCPU()-1) }
