//go:build ORT

// Command hugot serves hugot's text classification pipeline, ONNX Runtime behind it, over
// Portcullis' own contract, so that the same generator asks both. It has no rules, no
// policy, no windows and no queue: each call is a text that is run by itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/knights-analytics/hugot"
	"github.com/knights-analytics/hugot/options"
	"github.com/knights-analytics/hugot/pipelines"
	"google.golang.org/grpc"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

type settings struct {
	model, file, library, listen, check string
	threads                             int
}

func main() {
	var s settings
	flag.StringVar(&s.model, "model", "", "folder with tokenizer.json and config.json")
	flag.StringVar(&s.file, "file", "", "the graph in it")
	flag.StringVar(&s.library, "library", "", "folder of libonnxruntime.so")
	flag.StringVar(&s.listen, "listen", "", "host:port")
	flag.StringVar(&s.check, "check", "classifier", "name of the check in the reply")
	flag.IntVar(&s.threads, "threads", 0, "threads of one call; 0 is ONNX Runtime's own choice")
	flag.Parse()
	if err := s.serve(); err != nil {
		fmt.Fprintln(os.Stderr, "hugot:", err)
		os.Exit(1)
	}
}

func (s settings) serve() error {
	opts := []options.WithOption{options.WithOnnxLibraryPath(s.library)}
	if s.threads > 0 {
		opts = append(opts, options.WithIntraOpNumThreads(s.threads), options.WithIntraOpSpinning(false))
	}
	session, err := hugot.NewORTSession(opts...)
	if err != nil {
		return err
	}
	pipeline, err := hugot.NewPipeline(session, hugot.TextClassificationConfig{
		ModelPath: s.model, Name: "guard", OnnxFilename: s.file,
		Options: []hugot.TextClassificationOption{pipelines.WithMultiLabel(), pipelines.WithSigmoid()},
	})
	if err != nil {
		return err
	}
	port, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	g := grpc.NewServer()
	pb.RegisterValidationServiceServer(g, server{pipeline: pipeline, check: s.check})
	return g.Serve(port)
}

type server struct {
	pb.UnimplementedValidationServiceServer
	pipeline *pipelines.TextClassificationPipeline
	check    string
}

// Validate runs one text.
func (s server) Validate(_ context.Context, r *pb.ValidateRequest) (*pb.ValidateResponse, error) {
	out, err := s.pipeline.RunPipeline([]string{r.GetText()})
	if err != nil {
		return nil, err
	}
	reply := &pb.ValidateResponse{
		Decision: pb.Decision_DECISION_ALLOW,
		Checks:   []*pb.CheckReport{{Check: s.check, State: pb.CheckState_CHECK_STATE_COMPLETED, Coverage: 1}},
	}
	for _, l := range out.ClassificationOutputs[0] {
		reply.Scores = append(reply.Scores, &pb.LabelScore{Model: "hugot", Label: l.Label, Score: float64(l.Score)})
	}
	return reply, nil
}
