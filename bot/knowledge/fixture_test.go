package knowledge_test

import (
	"fmt"
	"math/rand/v2"

	"deskmate/model"
)

func entry(id uint64, question string, similar ...string) model.Entry {
	return model.Entry{ID: id, Question: question, Similar: similar, Answer: fmt.Sprintf("答案 %d", id), State: model.EntryOn}
}

// office is a small knowledge base of an office.
func office() []model.Entry {
	return []model.Entry{
		entry(1, "域账号密码怎么重置", "忘记密码了怎么办", "密码过期如何修改"),
		entry(2, "VPN连不上怎么办", "在家怎么连公司内网"),
		entry(3, "年假有几天", "年假怎么休"),
		entry(4, "差旅费怎么报销", "出差回来怎么报账", "机票报销要什么材料"),
		entry(5, "入职需要准备哪些材料"),
		entry(6, "工资什么时候发", "几号发工资"),
		entry(7, "会议室怎么预订"),
		entry(8, "如何开通邮箱"),
		entry(9, "在哪里查公积金"),
		entry(10, "怎么连接打印机"),
		entry(11, "能不能报销打车费"),
		entry(12, "Win10 怎么激活"),
	}
}

func benchmarkEntries(entries int) []model.Entry {
	rng := rand.New(rand.NewPCG(7, 7))
	list := make([]model.Entry, entries)
	for i := range list {
		list[i] = entry(uint64(i+1), phrase(rng), phrase(rng), phrase(rng), phrase(rng))
	}
	return list
}

func phrase(rng *rand.Rand) string {
	verbs := []string{"怎么", "如何", "在哪里", "什么时候", "能不能", "为什么", "哪里可以", "需要什么材料"}
	acts := []string{"申请", "重置", "开通", "关闭", "查询", "修改", "报销", "预订", "领取", "打印", "提交", "审批", "续签", "登录"}
	things := []string{
		"年假", "病假", "域账号", "密码", "邮箱", "VPN", "OA", "打印机", "会议室", "差旅费", "工资条", "公积金", "工牌", "笔记本电脑",
		"合同", "发票", "加班餐", "体检", "班车", "停车位", "SAP", "2024年奖金", "住房补贴", "实习证明",
	}
	places := []string{"", "", "上海分公司的", "新员工的", "外包同事的", "财务部的", "手机上的", "周末的"}
	pick := func(of []string) string { return of[rng.IntN(len(of))] }
	parts := []string{pick(verbs), pick(acts), pick(places) + pick(things)}
	rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return parts[0] + parts[1] + parts[2] + fmt.Sprintf("%c", '一'+rng.IntN(2000))
}
