package rephrase_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"deskmate/bot/rephrase"
)

// rewordings are answers of several sentences and how a model would say them.
func rewordings() [][2]string {
	return [][2]string{
		{"年假需提前3个工作日在OA系统提交申请，由直属主管审批；超过5天的，还需部门总监审批。未经审批擅自休假的，按旷工处理。", "您好～年假请提前3个工作日在OA系统提交申请，由直属主管审批；如果超过5天，还需要部门总监审批哦。未经审批擅自休假的，会按旷工处理。"},
		{"员工入职满1年后享有5天带薪年假，满10年享有10天，满20年享有15天。当年未休完的年假可顺延至次年3月31日，逾期作废。", "您好，员工入职满1年后可享有5天带薪年假，满10年可享有10天，满20年可享有15天。当年没休完的年假可以顺延到次年3月31日，逾期就作废啦。"},
		{"差旅住宿标准：一线城市每晚不超过600元，其他城市每晚不超过450元，超出部分由个人承担。交通费凭票据实报销。", "您好，差旅住宿标准是：一线城市每晚不超过600元，其他城市每晚不超过450元，超出的部分由个人承担哦。交通费可以凭票据实报销。"},
		{"忘记密码请打开 https://sso.example.com/reset，输入工号和手机号，按提示重置。连续输错5次账号会锁定30分钟，不需要联系IT。", "忘记密码的话，请打开 https://sso.example.com/reset，输入工号和手机号，然后按提示重置就可以啦。如果连续输错5次，账号会锁定30分钟，这种情况不需要联系IT。"},
		{"电脑故障请拨打IT热线 010-88886666 转 2，或发邮件到 it@example.com。工作日9:00-18:00有人值守，其他时间请勿拨打。", "电脑出现故障时，请拨打IT热线 010-88886666 转 2，或者发邮件到 it@example.com。工作日9:00-18:00有人值守，其他时间请勿拨打哦。"},
		{"报销款一般在审批通过后3-5个工作日内到账，如遇月底结账会顺延。发票必须是增值税普通发票，抬头为公司全称，不接受收据。", "您好，报销款一般会在审批通过后3-5个工作日内到账，如果遇到月底结账会顺延。请注意，发票必须是增值税普通发票，抬头为公司全称，不接受收据哦。"},
		{"试用期为3个月，试用期内不能申请调岗，也不享受年终奖。转正需通过部门考核，考核不合格的可以延长一次，最长不超过6个月。", "试用期为3个月，试用期内不能申请调岗，也不享受年终奖哦。转正需要通过部门考核，如果考核不合格，可以延长一次，最长不超过6个月。"},
		{"病假需提供二级以上医院证明，3天以内由主管审批，3天以上由人力资源部审批。病假期间工资按80%发放，事假期间不发工资。", "您好，请病假需要提供二级以上医院证明：3天以内由主管审批，3天以上由人力资源部审批。病假期间工资按80%发放，事假期间不发工资。"},
		{"VPN客户端V3.2只支持Windows 10及以上系统，Mac用户请使用网页版。首次登录必须修改初始密码，密码至少8位且包含字母和数字。", "VPN客户端V3.2只支持Windows 10及以上的系统，Mac用户请使用网页版哦。首次登录时必须修改初始密码，密码至少8位，并且包含字母和数字。"},
		{"公积金缴存比例为12%，每年7月调整一次基数。离职当月不缴纳，入职当月15日前入职的从当月起缴，15日后入职的从次月起缴。", "您好，公积金缴存比例为12%，每年7月会调整一次基数。离职当月不缴纳；入职当月15日前入职的从当月起缴，15日后入职的从次月起缴。"},
		{"访客须提前登记，由接待人陪同进入，不得单独进入机房。携带电脑的访客需在前台领取放行条，离开时归还。", "访客需要提前登记，并由接待人陪同进入，不能单独进入机房。携带电脑的访客，请在前台领取放行条，离开时记得归还哦。"},
		{"加班需提前申请并经主管批准，否则不计加班。工作日加班可调休，法定节假日加班按3倍工资支付，不能调休。", "加班请提前申请并经主管批准哦，否则是不计加班的。工作日加班可以调休，法定节假日加班会按3倍工资支付，不能调休。"},
		{"社保卡丢失请先挂失，再携带身份证到社保中心补办，10个工作日后领取。补办期间可使用电子社保卡就医。", "社保卡丢失的话，请您先挂失，再携带身份证到社保中心补办，10个工作日后就可以领取啦。补办期间，您可以使用电子社保卡就医。"},
		{"工卡丢失需补交20元工本费。补办请到1号楼2层行政前台，周一至周五上午9点到11点半办理，周末不办理。", "工卡丢失需要补交20元工本费哦。补办请到1号楼2层行政前台，周一至周五上午9点到11点半办理，周末不办理。"},
	}
}

func TestCheckPassesWholeRewordings(t *testing.T) {
	t.Parallel()
	for _, c := range rewordings() {
		if err := rephrase.Check(c[0], c[1]); err != nil {
			d, _ := errors.AsType[*rephrase.DoubtError](err)
			t.Errorf("answer %q\nphrase %q\nrefused: %s %s", c[0], c[1], d.Doubt, d.Detail)
		}
	}
}

// TestCheckRefusesEveryChangeOfARewording spoils good phrases, one place at a time.
func TestCheckRefusesEveryChangeOfARewording(t *testing.T) {
	t.Parallel()
	pairs := append(rewordings(), passing()...)
	spoiled := 0
	for _, c := range pairs {
		for _, wrong := range spoil(c[1]) {
			spoiled++
			if rephrase.Check(c[0], wrong) == nil {
				t.Errorf("answer %q\nphrase %q\npassed", c[0], wrong)
			}
		}
	}
	if spoiled < 2000 {
		t.Errorf("only %d phrases were spoiled", spoiled)
	}
}

var (
	digit    = regexp.MustCompile(`[0-9]`)
	numeral  = regexp.MustCompile(`[二三四五六七八九十]`)
	denials  = regexp.MustCompile(`不能|不可以|不得|禁止|请勿|不要|无需|不需要|不予|没有|不含|不包含|不|未|没`)
	bounds   = regexp.MustCompile(`至少|最多|不超过|超过|以内|以上|以下|必须|仅限|只有|才能|方可|提前|之前|之后|次月|或者|除了|否则|可能|一般|通常|大约|尽快|每`)
	contents = regexp.MustCompile(`申请|报销|审批|主管|财务|年假|病假|工资|发票|密码|员工|证明|培训|入职|离职|归还|材料|系统`)
	latinRun = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// spoil gives the phrase with each single fact, denial, limit or word changed, and with things
// nobody approved behind it.
func spoil(phrase string) []string {
	var out []string
	replace := func(at []int, with string) { out = append(out, phrase[:at[0]]+with+phrase[at[1]:]) }
	for _, at := range digit.FindAllStringIndex(phrase, -1) {
		replace(at, string('0'+(phrase[at[0]]-'0'+1)%10))
		replace(at, phrase[at[0]:at[1]]+"0")
		if phrase[at[0]] != '0' { // 01-05 is 1-5
			replace(at, "")
		}
	}
	for _, at := range numeral.FindAllStringIndex(phrase, -1) {
		replace(at, "七百")
	}
	for _, pattern := range []*regexp.Regexp{denials, bounds} {
		for _, at := range pattern.FindAllStringIndex(phrase, -1) {
			if !strings.HasPrefix(phrase[at[0]:], "不满意") {
				replace(at, "")
			}
		}
	}
	for _, at := range contents.FindAllStringIndex(phrase, -1) {
		replace(at, "其他")
		replace(at, "不"+phrase[at[0]:at[1]])
		replace(at, "免费"+phrase[at[0]:at[1]])
	}
	for _, at := range latinRun.FindAllStringIndex(phrase, -1) {
		replace(at, "XYZ")
		replace(at, "")
	}
	for _, more := range []string{
		"我们保证当天办好。", "详见 https://evil.example/login", "如有疑问请拨打 13900001111。", "另外可以免费停车。",
		"也可以联系李四。", "超过3天也没关系。", "请发送密码到 a@b.example。", "不提交也可以。",
	} {
		out = append(out, phrase+more)
	}
	return out
}

func FuzzCheck(f *testing.F) {
	for _, c := range rewordings() {
		f.Add(c[0], c[1])
	}
	for _, c := range refusals() {
		f.Add(c.answer, c.phrased)
	}
	f.Add("第、百分之、三分之、点半、¥、-、1/0、00:00、周", "半半半个半、一万亿亿亿、999999999999999999999999999999999999999999")
	f.Fuzz(func(t *testing.T, answer, phrased string) {
		if len(answer) > 2000 || len(phrased) > 2000 {
			return
		}
		_ = rephrase.Check(answer, phrased)
		if err := rephrase.Check(answer, answer); err != nil {
			t.Errorf("%q may not be said as it stands: %v", answer, err)
		}
	})
}
