package sheet_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

func TestRead_takes_pasted_markup_out(t *testing.T) {
	t.Parallel()
	const word, web = "Word 的项目符号已改为普通符号", "网页格式标记已去掉"
	tests := []struct{ name, cell, want, what string }{
		{"hard blank", "年假&nbsp;5&nbsp;天", "年假 5 天", web},
		{"line breaks", "第一步<br>第二步<BR/>第三步", "第一步\n第二步\n第三步", web},
		{"paragraphs", `<p style=""font-size:14px"">第一段</p><p>第二段 &lt;必读&gt;</p>`, "第一段\n第二段 <必读>", web},
		{"a list", "<ul>\n<li>身份证</li>\n<li>学历证</li>\n</ul>", "身份证\n学历证", web},
		{"bold in pairs", "<b>注意</b>：<span>当天</span>有效", "注意：当天有效", web},
		{"Word's own", "<!--StartFragment--><p>当天<o:p></o:p></p><!--EndFragment-->", "当天", web},
		{"blank lines", "<div>一</div><div><br></div><div><br></div><div>二</div>", "一\n\n二", web},
		{"bullets of a symbol font", "\uf0b7 带身份证\n\uf0fc 带学历证", "• 带身份证\n✓ 带学历证", word},
		{"a link stays", `见<a href=""https://example.com/a?b=1&c=2"">制度</a>`, `见<a href="https://example.com/a?b=1&c=2">制度</a>`, ""},
		{"arithmetic stays", "若 a<b 且 c>d", "若 a<b 且 c>d", ""},
		{"a placeholder stays", "输入 <b> 后回车，或 <姓名>", "输入 <b> 后回车，或 <姓名>", ""},
		{"an entity alone stays", "R&amp;D 与 R&D", "R&amp;D 与 R&D", ""},
		{"smart quotes and bullets stay", "“年假”… • 一 – 二", "“年假”… • 一 – 二", ""},
		{"what is meant stays", "'换行写 <br>", "换行写 <br>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", csvHeader+",问,,\""+tt.cell+"\",\n")
			if len(in.Entries) != 1 || in.Entries[0].Answer != tt.want {
				t.Fatalf("entries %+v, errors %v, want the answer %q", in.Entries, in.Errors, tt.want)
			}
			var want []sheet.Repair
			if tt.what != "" {
				want = []sheet.Repair{{Row: 2, Column: "D 答案", What: tt.what}}
			}
			if diff := cmp.Diff(want, in.Repairs); diff != "" {
				t.Errorf("repairs (-want +got):\n%s", diff)
			}
			mustComeBack(t, "a.xlsx", in.Entries)
		})
	}
}

func TestMend(t *testing.T) {
	t.Parallel()
	clean, what := sheet.Mend("　年假\u200b\r\n&nbsp;<br> ")
	if clean != "年假\n&nbsp;<br>" {
		t.Errorf("mended %q", clean)
	}
	if diff := cmp.Diff([]string{"全角空格已改为普通空格", "看不见的字符已去掉"}, what); diff != "" {
		t.Errorf("what (-want +got):\n%s", diff)
	}
	for _, name := range formats() {
		mustComeBack(t, name, []model.Entry{{Question: "问", Folded: "问", Answer: clean, State: model.EntryOn}})
	}
}
