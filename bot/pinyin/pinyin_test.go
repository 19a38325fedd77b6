package pinyin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/pinyin"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want string }{
		{"张三", "张三 zhangsan zs 三 san"},
		{"张三丰", "张三丰 zhangsanfeng zsf 三丰 sanfeng sf 丰 feng"},
		{"單雄信", "單雄信 shanxiongxin sxx 雄信 xiongxin xx 信 xin"},
		{"欧阳锋", "欧阳锋 ouyangfeng oyf 阳锋 yangfeng yf 锋 feng"},
		{"长孙无忌", "长孙无忌 zhangsunwuji zswj 孙无忌 sunwuji swj 无忌 wuji wj 忌 ji"},
		{"乐嘉", "乐嘉 yuejia lejia yj lj 嘉 jia"},
		{"Lin Na", "linna ln na"},
		{"Sam·张", "sam张 samzhang sz 张 zhang"},
		{"", ""},
		{"·-", ""},
	} {
		if diff := cmp.Diff(strings.Fields(tt.want), pinyin.Words(tt.name), cmp.Transformer("nil", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Surnames that read otherwise than their character usually does.
func TestWords_of_surnames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"单雄信": "shanxiongxin", "曾国藩": "zengguofan", "仇英": "qiuying", "区志明": "ouzhiming", "任正": "renzheng",
		"解缙": "xiejin", "查良镛": "zhaliangyong", "朴志": "piaozhi", "盖叫天": "gejiaotian", "缪斯": "miaosi",
		"翟墨": "zhaimo", "覃伟": "qinwei", "冼星海": "xianxinghai", "种师道": "chongshidao", "尉迟恭": "yuchigong",
		"万俟卨": "moqixie", "吕布": "lvbu", "华佗": "huatuo", "葛优": "geyou", "令狐冲": "linghuchong",
	} {
		if words := pinyin.Words(name); !slices.Contains(words, want) {
			t.Errorf("%s is spelled %v, want %s", name, words, want)
		}
	}
	if words := pinyin.Words("王单"); !slices.Contains(words, "wangdan") {
		t.Errorf("王单 is spelled %v: only the surname reads otherwise", words)
	}
}

// However long a name is, it has few words.
func TestWords_of_long_names(t *testing.T) {
	t.Parallel()
	if n := len(pinyin.Words(strings.Repeat("乐张三 ab ", 50))); n > 40 {
		t.Errorf("%d words", n)
	}
}
