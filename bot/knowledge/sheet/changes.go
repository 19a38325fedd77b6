package sheet

import (
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
)

// changes names what an entry gets, in a few words each.
func changes(old, now *model.Entry) []string {
	var list []string
	note := func(changed bool, what string) {
		if changed {
			list = append(list, what)
		}
	}
	note(old.Question != now.Question, "标准问题的写法")
	note(!slices.Equal(old.Similar, now.Similar), "相似问题"+listChange(old.Similar, now.Similar))
	note(old.Answer != now.Answer, "答案")
	note(!slices.Equal(old.More, now.More), "后续消息"+listChange(old.More, now.More))
	note(old.Group != now.Group, "分组 "+fromTo(old.Group, now.Group, "无"))
	note(old.State != now.State, "状态 "+fromTo(stateText(old.State), stateText(now.State), ""))
	note(old.Draft && !now.Draft, "草稿改为发布")
	note(!old.Draft && now.Draft, "发布改为草稿")
	note(old.ValidFromMS != now.ValidFromMS, timeChange("生效时间", old.ValidFromMS, now.ValidFromMS))
	note(old.ValidUntilMS != now.ValidUntilMS, timeChange("失效时间", old.ValidUntilMS, now.ValidUntilMS))
	note(old.Ref != now.Ref, "编号")
	return list
}

// listChange counts what comes and goes; what does neither has another place.
func listChange(old, now []string) string {
	count := map[string]int{}
	for _, text := range now {
		count[text]++
	}
	for _, text := range old {
		count[text]--
	}
	added, removed := 0, 0
	for _, n := range count {
		added, removed = added+max(n, 0), removed+max(-n, 0)
	}
	var parts []string
	if added > 0 {
		parts = append(parts, fmt.Sprintf("+%d", added))
	}
	if removed > 0 {
		parts = append(parts, fmt.Sprintf("−%d", removed))
	}
	if len(parts) == 0 {
		return "的顺序"
	}
	return " " + strings.Join(parts, " ")
}

func fromTo(old, now, empty string) string {
	if old == "" {
		old = empty
	}
	if now == "" {
		now = empty
	}
	return old + " → " + now
}

func timeChange(name string, old, now int64) string {
	switch {
	case old == 0:
		return "新增" + name
	case now == 0:
		return "去掉" + name
	}
	return name
}
