package curate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"deskmate/model"
)

// Somebody waits for the list of misses: at most 2 s.
func BenchmarkClusters(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprintf("misses=%d", n), func(b *testing.B) {
			s := newStore()
			s.questions = manyMisses(rand.New(rand.NewPCG(1, 1)), n)
			s.fill(entry("如何申请年假"))
			d := newDesk(b, s)
			b.ReportAllocs()
			for b.Loop() {
				if list, err := d.misses.Clusters(b.Context(), acc(), 0, 50); err != nil || len(list) != 50 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
}

// Somebody moves a threshold and looks at what it does: at most 3 s at 10,000 variants.
func BenchmarkEffect(b *testing.B) {
	for _, entries := range []int{250, 2500} {
		b.Run(fmt.Sprintf("variants=%d", entries*4), func(b *testing.B) {
			s := newStore()
			var list []model.Entry
			for i := range entries {
				thing := fmt.Sprintf("%c%c%d", '一'+rune(i), '丁'+rune(i*3), i)
				list = append(list, entry("怎么申请"+thing, thing+"怎么申请", "申请"+thing+"要怎么做", thing+"的流程"))
			}
			s.fill(list...)
			for i := range 1000 {
				text := fmt.Sprintf("请问%s要什么材料，第%d次", list[i%entries].Similar[0], i)
				s.questions = append(s.questions, asked(uint64(i+1), 1, "wang", text))
			}
			d := newDesk(b, s)
			b.ReportAllocs()
			for b.Loop() {
				if effect, err := d.tuner.Effect(b.Context(), acc(), 0.9, 0.5); err != nil || effect.Questions != 1000 {
					b.Fatal(effect, err)
				}
			}
		})
	}
}
