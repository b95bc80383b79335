package gpu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Card is a GPU as nvidia-smi describes it.
type Card struct {
	Name, Driver string
	Used         int64 // bytes of its memory in use, by whatever process
}

// Cards lists the machine's cards in the order of their numbers. No nvidia-smi means
// no cards; one that fails is an error.
func Cards(ctx context.Context) ([]Card, error) {
	out, err := exec.CommandContext(ctx, "nvidia-smi",
		"--query-gpu=name,driver_version,memory.used", "--format=csv,noheader,nounits").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi: %w", err)
	}
	return parseCards(string(out))
}

func parseCards(out string) ([]Card, error) {
	var cards []Card
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), ", ")
		if len(fields) != 3 {
			return nil, fmt.Errorf("nvidia-smi says %q, want name, driver, memory", line)
		}
		mebibytes, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("nvidia-smi says %q of the memory in use: %w", fields[2], err)
		}
		cards = append(cards, Card{Name: fields[0], Driver: fields[1], Used: mebibytes << 20})
	}
	return cards, nil
}

// Resident returns how many bytes of memory this process occupies.
func Resident() (int64, error) {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/self/statm holds %q", data)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
