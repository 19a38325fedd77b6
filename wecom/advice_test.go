package wecom_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"deskmate/wecom"
)

// Every code of docs/wecom-errors.md that a push can meet has an advice of its own.
func TestAdviceFor(t *testing.T) {
	t.Parallel()
	for code, want := range map[int64]wecom.Advice{
		0: wecom.AdviceNoAnswer, 60020: wecom.AdviceIP, 40001: wecom.AdviceSecret, 81013: wecom.AdviceRange, 60111: wecom.AdviceMember,
		40007: wecom.AdviceMedia, 42019: wecom.AdviceCard, 86215: wecom.AdviceGroup, 47001: wecom.AdviceRequest, -1: wecom.AdviceBusy, 12345: wecom.AdviceUnknown,
	} {
		if got := wecom.AdviceFor(code); got != want {
			t.Errorf("%d: %s, want %s", code, got, want)
		}
	}
	doc, err := os.ReadFile("../docs/wecom-errors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| errcode |")
	// Those of calls that send nothing.
	elsewhere := []string{"40057", "40093", "95000"}
	number := regexp.MustCompile(`\d{5,6}`)
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		codes := number.FindAllString(cells[1], -1)
		if len(codes) == 0 || strings.Contains(strings.Join(elsewhere, " "), codes[0]) {
			continue
		}
		for _, text := range codes {
			code, _ := strconv.ParseInt(text, 10, 64)
			if wecom.AdviceFor(code) == wecom.AdviceUnknown {
				t.Errorf("%d (%s) has no advice", code, strings.TrimSpace(cells[2]))
			}
		}
	}
}
