package sheet

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How WeCom's own knowledge export is laid out is written down nowhere public. What is
// known of it: a knowledge base has groups, a main question (标准问法), similar ones
// (相似问法) and an answer, and its console and the interface of its sister product 微信客服
// (doc path/95972) speak of these. Everything else in this file is tolerance: names that
// the products around it give the same things, titles above the header, several similar
// questions in a cell or in rows of their own, groups by level, answers by number.

// nativeName finds the field of a name that makes a file count as native; fieldCount is
// for others.
func nativeName(name string) field {
	switch name {
	case "标准问法", "标准问", "主问题", "主问法", "问题标题", "问题名称", "问法":
		return fieldQuestion
	case "相似问法", "相似问", "相似说法", "扩展问法", "扩展问", "扩展问题", "同义问法":
		return fieldSimilar
	case "回答", "回复", "回答内容", "回复内容", "答案内容", "标准答案", "机器人回答", "机器人回复":
		return fieldAnswer
	}
	return fieldCount
}

// otherName finds the field of a name that anybody may use instead of ours.
func otherName(name string) field {
	switch name {
	case "问题":
		return fieldQuestion
	case "分类", "问题分类", "问题分组", "知识分类", "知识分组", "分组名称", "分类名称", "所属分组", "所属分类", "类目", "目录":
		return fieldGroup
	case "启用状态", "是否启用", "问题状态", "知识状态":
		return fieldState
	case "生效日期":
		return fieldFrom
	case "失效日期":
		return fieldUntil
	case "是否草稿":
		return fieldDraft
	}
	return fieldCount
}

// fieldOf finds the field of a header name and which of several columns it is; native
// reports a name that only native files have.
func fieldOf(name string) (f field, nth int, native bool) {
	if level := groupLevel(name); level > 0 {
		return fieldGroup, level, false
	}
	base := strings.TrimRight(name, "0123456789")
	if base != name {
		nth, _ = strconv.Atoi(name[len(base):])
	}
	f = plainName(base)
	if f == fieldCount {
		f = nativeName(base)
		native = f != fieldCount
	}
	switch {
	case nth == 1 && (f == fieldAnswer || f == fieldMore):
		return fieldAnswer, 0, native
	case nth > 1 && f == fieldAnswer:
		return fieldMore, nth, native
	case base != name && !f.several():
		return fieldCount, 0, false
	}
	return f, nth, native
}

// plainName finds the field of a name that isn't native.
func plainName(name string) field {
	for f := range fieldCount {
		if f.header() == name {
			return f
		}
	}
	return otherName(name)
}

// groupLevel reads names such as 二级分组; 0 is for others.
func groupLevel(name string) int {
	level, rest, ok := strings.Cut(name, "级")
	if !ok || rest != "" && otherName(rest) != fieldGroup && rest != fieldGroup.header() {
		return 0
	}
	n := slices.Index([]string{"一", "二", "三", "四", "五", "六"}, level) + 1
	if n == 0 && len(level) == 1 && level >= "1" && level <= "6" {
		n = int(level[0] - '0')
	}
	return n
}

// native takes the file for one of WeCom's own.
func (c *checker) native() {
	c.in.Native = true
	c.warn("已按企业微信知识库的导出格式读取，请核对分组和相似问题")
}

// splitSimilar cuts a native cell into similar questions where it has no line ends: at
// the strongest separator it holds. An enumeration comma (、) also stands inside
// questions, so it only counts where every part could be a question of its own.
func splitSimilar(text string) []string {
	if strings.Contains(text, "\n") {
		return strings.Split(text, "\n")
	}
	for _, separators := range []string{"|｜", ";；"} {
		if parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }); len(parts) > 1 {
			return parts
		}
	}
	const shortest = 4 // characters
	parts := strings.Split(text, "、")
	if slices.ContainsFunc(parts, func(part string) bool { return utf8.RuneCountInString(trimBlank(part)) < shortest }) {
		return []string{text}
	}
	return parts
}
