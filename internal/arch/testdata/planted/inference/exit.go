package inference

import (
	"os"

	_ "github.com/yalue/onnxruntime_go" // planted
)

var end = os.Exit // planted

func stop() { os.Exit(1) } // planted
