package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// EachLine calls do with the number, from 1, and the text of every line that isn't
// blank. An error names its line.
func EachLine(r io.Reader, do func(number int, line []byte) error) error {
	br := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := br.ReadBytes('\n')
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte(bom))
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := do(number, text); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
		if last {
			return nil
		}
	}
}
