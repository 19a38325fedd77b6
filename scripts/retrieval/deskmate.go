package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const deskmateName = "deskmate"

// askDeskmate runs "deskmate kb eval" on the task: its knowledge base is that of one account
// with default settings.
func askDeskmate(ctx context.Context, s settings, t task) ([]result, error) {
	out := filepath.Join(s.out, deskmateName, t.name+".jsonl")
	if err := os.MkdirAll(filepath.Dir(out), 0o750); err != nil {
		return nil, err
	}
	program, err := filepath.Abs(s.program)
	if err != nil {
		return nil, err
	}
	args := []string{
		"kb", "eval", "--kb", filepath.Join(t.dir, "kb.jsonl"), "--queries", filepath.Join(t.dir, "queries.jsonl"), "--out", out,
	}
	weights, err := weightsFor(s.weights, t.name)
	if err != nil {
		return nil, err
	}
	if weights != "" {
		args = append(args, "--weights", weights)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("deskmate kb eval: %w\n%s", err, stderr.Bytes())
	}
	return readResults(out, t)
}

// weightsFor names the file in dir that holds weights fitted without a task's source,
// without-SOURCE.json: SOURCE is one of the parts of the task's name between hyphens. It is
// empty where there is none.
func weightsFor(dir, taskName string) (string, error) {
	if dir == "" {
		return "", nil
	}
	for part := range strings.SplitSeq(taskName, "-") {
		path := filepath.Join(dir, "without-"+part+".json")
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	return "", nil
}
