package rephrase_test

import (
	"errors"
	"testing"

	"deskmate/bot/rephrase"
)

// refused is a phrase that says something else, or might.
type refused struct {
	answer, phrased string
	doubt           rephrase.Doubt // "": any
}

func refusals() []refused {
	return []refused{
		// Numbers, amounts, dates, times.
		{"年假需提前3天申请。", "年假需提前5天申请。", rephrase.DoubtFact},
		{"年假需提前3天申请。", "年假需提前申请。", rephrase.DoubtFact},
		{"年假需提前3天申请。", "年假需提前3个工作日申请。", rephrase.DoubtFact},
		{"年假需提前3天申请。", "年假需提前3个月申请。", rephrase.DoubtFact},
		{"年假需提前3天申请。", "年假需提前三周申请。", rephrase.DoubtFact},
		{"报销金额超过1000元需总监审批。", "报销金额超过10000元需总监审批。", rephrase.DoubtFact},
		{"报销金额超过1000元需总监审批。", "报销金额超过1000美元需总监审批。", rephrase.DoubtFact},
		{"报销金额超过2万元需总监审批。", "报销金额超过2元需总监审批。", rephrase.DoubtFact},
		{"补贴为工资的5%。", "补贴为工资的5。", rephrase.DoubtFact},
		{"补贴为工资的5%。", "补贴为工资的50%。", rephrase.DoubtFact},
		{"利率上调5个百分点。", "利率上调5%。", rephrase.DoubtFact},
		{"午餐时间为12点半。", "午餐时间为12点。", rephrase.DoubtFact},
		{"下午2点开始培训。", "2:00开始培训。", rephrase.DoubtFact},
		{"上午9点开门。", "下午9点开门。", rephrase.DoubtFact},
		{"工作时间为9:00-18:00。", "工作时间为9:00-17:00。", rephrase.DoubtFact},
		{"工作时间为9:00-18:00。", "工作时间为9:00或18:00。", ""},
		{"客服时间为下午2点到5点。", "客服时间是14:00到5:00。", rephrase.DoubtFact},
		{"制度自2026年1月5日起执行。", "制度自2026年5月1日起执行。", rephrase.DoubtFact},
		{"制度自2026年1月5日起执行。", "制度自1月5日起执行。", rephrase.DoubtFact},
		{"制度自2026年1月5日起执行。", "制度自2025-01-05起执行。", rephrase.DoubtFact},
		{"制度自2026年1月5日起执行。", "制度在2026年1月5日前执行。", rephrase.DoubtModality},
		{"每月10日发放。", "每月10日前发放。", rephrase.DoubtModality},
		{"每月5日前提交。", "每月5日后提交。", rephrase.DoubtModality},
		{"3天到账。", "3天后到账。", rephrase.DoubtModality},
		{"3天内到账。", "3天到账。", rephrase.DoubtModality},
		{"每年体检1次。", "每月体检1次。", rephrase.DoubtModality},
		{"每年体检1次。", "体检1次。", rephrase.DoubtModality},
		{"补贴100元/天。", "补贴100元/月。", rephrase.DoubtModality},
		{"补贴100元/天。", "补贴100元。", rephrase.DoubtModality},
		{"病假3天，事假3天。", "病假、事假3天。", rephrase.DoubtFact},
		{"病假3天，事假5天。", "病假5天，事假3天。", rephrase.DoubtFact},
		{"病假3天，事假5天。", "事假3天，病假5天。", rephrase.DoubtOrder},
		{"病假3天，事假5天。", "事假5天，病假3天。", ""},
		{"住宿500元餐费100元。", "餐费500元住宿100元。", rephrase.DoubtOrder},
		{"病假工资按80%发放，事假工资按50%发放。", "事假工资按80%发放，病假工资按50%发放。", rephrase.DoubtOrder},
		{"满1年5天，满10年10天。", "满1年10天，满10年5天。", rephrase.DoubtFact},
		{"一线城市600元，二线城市450元。", "二线城市600元，一线城市450元。", ""},
		{"每周一例会。", "每周二例会。", rephrase.DoubtFact},
		{"每周一例会。", "每周一次例会。", ""},
		{"周一至周五提供服务。", "周一至周六提供服务。", rephrase.DoubtFact},
		{"周一至周五提供服务。", "周一和周五提供服务。", rephrase.DoubtModality},
		{"报销需要3-5个工作日。", "报销需要3个工作日。", rephrase.DoubtFact},
		{"报销需要3-5个工作日。", "报销需要35个工作日。", rephrase.DoubtFact},
		{"办公区在3楼。", "办公区在13楼。", rephrase.DoubtFact},
		{"密码至少8位。", "密码最多8位。", rephrase.DoubtModality},
		{"密码至少8位。", "密码8位。", rephrase.DoubtModality},
		{"最多预订4小时。", "预订4小时以上。", rephrase.DoubtModality},
		{"超过3天需附证明。", "不超过3天需附证明。", rephrase.DoubtModality},
		{"不超过3天的由主管审批。", "超过3天的由主管审批。", rephrase.DoubtModality},
		{"满1年可申请。", "不满1年可申请。", rephrase.DoubtModality},
		{"约3天到账。", "3天到账。", rephrase.DoubtModality},
		{"大约3天到账。", "3天到账。", rephrase.DoubtModality},
		{"第三步点击提交。", "第二步点击提交。", rephrase.DoubtFact},
		{"三分之一的名额给新员工。", "三分之二的名额给新员工。", rephrase.DoubtFact},
		{"半天假也要申请。", "一天假也要申请。", rephrase.DoubtFact},
		{"每人限领一个。", "每人限领。", rephrase.DoubtFact},
		{"加班一个半小时以上可调休。", "加班半小时以上可调休。", rephrase.DoubtFact},
		{"工号为0012。", "工号为12。", rephrase.DoubtFact},

		// Addresses and names.
		{"请在 https://vpn.example.com 下载。", "请在 https://vpn.example.org 下载。", rephrase.DoubtFact},
		{"请在 https://vpn.example.com 下载。", "请下载。", rephrase.DoubtFact},
		{"请下载客户端。", "请在 https://evil.example 下载客户端。", rephrase.DoubtFact},
		{"请在 https://a.example/x 下载。", "请在 https://a.example/x/y 下载。", rephrase.DoubtFact},
		{"请联系 it@example.com。", "请联系 hr@example.com。", rephrase.DoubtFact},
		{"热线：010-88886666。", "热线：010-88886667。", rephrase.DoubtFact},
		{"热线：010-88886666转8。", "热线：010-88886666。", rephrase.DoubtFact},
		{"热线 400-820-1234。", "热线请拨打客服电话。", rephrase.DoubtFact},
		{"请使用VPN登录。", "请使用SAP登录。", rephrase.DoubtFact},
		{"请使用VPN登录。", "请登录。", rephrase.DoubtFact},
		{"请登录系统。", "请登录OA系统。", rephrase.DoubtFact},
		{"SAP V3.2 可用。", "SAP V3.3 可用。", rephrase.DoubtFact},
		{"初始密码为Abc123。", "初始密码为abc123。", rephrase.DoubtFact},
		{"先登录OA再登录ERP。", "先登录ERP再登录OA。", rephrase.DoubtFact},
		{"服务器地址是 10.0.0.8。", "服务器地址是 10.0.0.80。", rephrase.DoubtFact},
		{`文件在 D:\共享\模板.docx。`, `文件在 D:\共享\范本.docx。`, rephrase.DoubtFact},
		{"请在「审批」中提交。", "请在「汇报」中提交。", rephrase.DoubtQuote},
		{"请在审批中提交。", "请在「我的审批」中提交。", rephrase.DoubtQuote},
		{"进入 审批→请假 提交。", "进入 请假→审批 提交。", ""},
		{"进入 审批→请假→年假 提交。", "进入审批、请假、年假提交。", rephrase.DoubtFact},
		{"联系王老师办理。", "联系李老师办理。", rephrase.DoubtContent},
		{"由财务部审核。", "由人事部审核。", rephrase.DoubtContent},
		{"由主管审批后交财务。", "由财务审批后交主管。", rephrase.DoubtOrder},
		{"由人事部交给财务部。", "由财务部交给人事部。", rephrase.DoubtOrder},
		{"北京办公室支持。", "上海办公室支持。", rephrase.DoubtContent},
		{"张三负责招聘，李四负责培训。", "李四负责招聘，张三负责培训。", rephrase.DoubtOrder},
		{"张三和李四分别负责招聘和培训。", "李四和张三分别负责招聘和培训。", rephrase.DoubtOrder},

		// Negation, duty, permission.
		{"打车费不能报销。", "打车费能报销。", rephrase.DoubtModality},
		{"打车费不能报销。", "打车费可以报销。", rephrase.DoubtModality},
		{"打车费可以报销。", "打车费不可以报销。", rephrase.DoubtModality},
		{"打车费不能报销，火车票可以报销。", "火车票不能报销，打车费可以报销。", rephrase.DoubtOrder},
		{"打车费不能报销，火车票可以报销。", "不能报销火车票，可以报销打车费。", rephrase.DoubtOrder},
		{"禁止在办公区吸烟。", "可以在办公区吸烟。", rephrase.DoubtModality},
		{"禁止外带电脑。", "外带电脑。", rephrase.DoubtModality},
		{"实习生没有年假。", "实习生有年假。", rephrase.DoubtModality},
		{"无需打印材料。", "需要打印材料。", rephrase.DoubtModality},
		{"需要打印材料。", "无需打印材料。", rephrase.DoubtModality},
		{"必须打印材料。", "可以打印材料。", rephrase.DoubtModality},
		{"可以打印材料。", "必须打印材料。", rephrase.DoubtModality},
		{"必须打印材料。", "请打印材料。", rephrase.DoubtModality},
		{"必须打印材料。", "打印材料即可。", rephrase.DoubtModality},
		{"只能申请一次。", "可以申请一次。", rephrase.DoubtModality},
		{"正式员工可以申请。", "只有正式员工可以申请。", rephrase.DoubtModality},
		{"只有正式员工才能申请。", "正式员工能申请。", rephrase.DoubtModality},
		{"只要提交申请即可。", "只有提交申请才可以。", rephrase.DoubtModality},
		{"可以不提交。", "不可以提交。", rephrase.DoubtModality},
		{"不是必须提交的。", "必须不提交的。", ""},
		{"未满1年不享受年假。", "满1年不享受年假。", rephrase.DoubtModality},
		{"未提交的视为放弃。", "提交的视为放弃。", rephrase.DoubtModality},
		{"身份证或护照均可。", "身份证和护照均可。", rephrase.DoubtModality},
		{"携带身份证和毕业证。", "携带身份证或毕业证。", rephrase.DoubtModality},
		{"除法定节假日外每天开放。", "法定节假日每天开放。", ""},
		{"除非主管同意，不能报销。", "主管同意，不能报销。", rephrase.DoubtModality},
		{"费用不含晚餐。", "费用含晚餐。", rephrase.DoubtModality},
		{"费用包含早餐，不含晚餐。", "费用包含晚餐，不含早餐。", rephrase.DoubtOrder},
		{"外包员工不能访问内网。", "内网不能访问外包员工。", rephrase.DoubtOrder},
		{"需要提交但不必打印。", "需要打印但不必提交。", rephrase.DoubtOrder},
		{"不建议使用公共电脑。", "不能使用公共电脑。", rephrase.DoubtModality},
		{"可能需要3天。", "需要3天。", rephrase.DoubtModality},
		{"一般3天内处理。", "3天内处理。", rephrase.DoubtModality},
		{"离职前必须归还电脑。", "离职后必须归还电脑。", rephrase.DoubtModality},
		{"审批通过后才能打款。", "审批通过前才能打款。", rephrase.DoubtModality},
		{"审批通过后才能打款。", "打款后才能审批通过。", rephrase.DoubtOrder},
		{"先审批再打款。", "先打款再审批。", rephrase.DoubtOrder},
		{"请尽快提交。", "请提交。", rephrase.DoubtModality},
		{"会尽快处理。", "会立即处理。", rephrase.DoubtModality},
		{"由公司承担。", "由您承担。", rephrase.DoubtContent},
		{"由我们承担。", "由您承担。", rephrase.DoubtModality},
		{"否则不予报销。", "不予报销。", rephrase.DoubtModality},
		{"超时请勿提交。", "超时请提交。", rephrase.DoubtModality},

		{"可选A方案或B方案，不可同时选择。", "可选A方案或B方案，不可选择。", rephrase.DoubtContent},
		{"考核未通过的不予转正。", "考核的不予转正。", ""},
		{"机房温度不低于-5℃。", "机房温度不低于5℃。", rephrase.DoubtFact},
		{"误差±5%。", "误差5%。", rephrase.DoubtFact},
		{"<3天由主管审批。", "3天由主管审批。", rephrase.DoubtFact},
		{"✅打车费 ❌餐费", "❌打车费 ✅餐费", rephrase.DoubtFact},
		{"支持微信支付，不支持支付宝。", "支持支付宝，不支持微信支付。", rephrase.DoubtOrder},
		{"发票抬头为公司，不能为个人。", "发票抬头为个人，不能为公司。", rephrase.DoubtOrder},
		{"加班餐补30元，交通补贴实报实销。", "加班餐补实报实销，交通补贴30元。", rephrase.DoubtOrder},
		{"主管审批后财务打款。", "财务审批后主管打款。", rephrase.DoubtOrder},
		{"经理级以上可坐头等舱。", "经理级以下可坐头等舱。", rephrase.DoubtModality},
		{"上半年调薪。", "下半年调薪。", rephrase.DoubtContent},
		{"工资次月10日发放。", "工资当月10日发放。", ""},
		{"最高可报销80%。", "可报销80%。", rephrase.DoubtModality},
		{"无上限。", "有上限。", rephrase.DoubtModality},
		{"不限次数。", "限次数。", ""},
		{"每月1日至5日提交。", "每月1日和5日提交。", rephrase.DoubtModality},
		{"北京500元，上海500元，广州400元。", "北京500元，上海400元，广州500元。", rephrase.DoubtFact},
		{"也不享受年终奖。转正需考核。", "也享受年终奖，不转正需考核。", rephrase.DoubtOrder},
		{"3天以内由主管审批。", "由主管3天以内审批。", rephrase.DoubtOrder},
		{"给公司赔偿。", "公司赔偿。", rephrase.DoubtModality},
		{"离职当月不缴纳，次月起缴。", "离职当月缴纳，次月起不缴。", rephrase.DoubtModality},

		// New and missing content.
		{"年假需提前3天申请。", "年假需提前3天申请，我们保证当天批准。", ""},
		{"年假需提前3天申请。", "年假需提前3天申请，有问题随时找我。", ""},
		{"享受5天年假。", "享受5天带薪年假。", rephrase.DoubtContent},
		{"享受5天带薪年假。", "享受5天年假。", rephrase.DoubtContent},
		{"男员工陪产假15天。", "女员工陪产假15天。", rephrase.DoubtContent},
		{"入职时办理工卡。", "离职时办理工卡。", rephrase.DoubtContent},
		{"开通权限请找IT。", "关闭权限请找IT。", rephrase.DoubtContent},
		{"入职时办理工卡，离职时归还工卡。", "离职时办理工卡，入职时归还工卡。", rephrase.DoubtOrder},
		{"入职当月缴纳，离职当月停缴。", "离职当月缴纳，入职当月停缴。", rephrase.DoubtOrder},
		{"上传发票。", "下载发票。", rephrase.DoubtContent},
		{"比例上调。", "比例下调。", rephrase.DoubtContent},
		{"需医院证明和病历。", "需医院证明。", rephrase.DoubtContent},
		{"蓝色按钮为确认。", "红色按钮为确认。", rephrase.DoubtContent},
		{"今年执行新标准。", "明年执行新标准。", ""},
		{"原件留存公司。", "复印件留存公司。", rephrase.DoubtContent},
		{"国内出差。", "国外出差。", rephrase.DoubtContent},
		{"内网可访问。", "外网可访问。", rephrase.DoubtContent},
		{"免费停车。", "停车。", ""},
		{"可停车。", "可免费停车。", rephrase.DoubtModality},
		{"年假需提前3天申请。", "抱歉，我无法回答这个问题。", ""},
		{"年假需提前3天申请。", "**年假**需提前3天申请。", rephrase.DoubtForm},
		{"年假需提前3天申请。", "<a href='x'>年假</a>需提前3天申请。", rephrase.DoubtForm},
		{"年假需提前3天申请。", "1. 年假\n2. 提前3天\n3. 申请", rephrase.DoubtForm},
		{"可以调休。", "可以可以可以可以可以可以可以可以可以可以可以可以可以可以可以可以可以调休。", rephrase.DoubtLength},
		// Who does what to whom.
		{"主管批准员工的申请。", "员工批准主管的申请。", rephrase.DoubtOrder},
		{"主管通知员工。", "员工通知主管。", rephrase.DoubtOrder},
		{"公司为员工缴纳社保。", "员工为公司缴纳社保。", rephrase.DoubtOrder},
		{"使用公司邮箱注册系统。", "使用系统注册公司邮箱。", rephrase.DoubtOrder},
		{"用电脑登录手机。", "用手机登录电脑。", ""},

		// Conditions that go, and what is not said of all.
		{"如果您是正式员工，可以申请。", "您是正式员工，可以申请。", rephrase.DoubtModality},
		{"如果加班，可以申请调休。", "加班和申请调休均可。", rephrase.DoubtModality},
		{"存在风险时需审批。", "存在风险，需审批。", rephrase.DoubtModality},
		{"需要发票的话可以申请。", "需要发票，可以申请。", rephrase.DoubtModality},
		{"不是所有员工都有补贴。", "所有员工都没有补贴。", rephrase.DoubtModality},
		{"并非所有费用都能报销。", "所有费用都不能报销。", rephrase.DoubtModality},
		{"员工不都有补贴。", "员工都没有补贴。", rephrase.DoubtModality},

		{"仅主管可以审批。", "主管仅可以审批。", rephrase.DoubtOrder},

		// Comfort and promises.
		{"可以申请。", "可以申请，没问题，都会通过。", rephrase.DoubtContent},
		{"可以申请。", "可以申请，都能通过的。", rephrase.DoubtContent},
		{"迟到罚款50元。", "迟到没关系，罚款50元。", rephrase.DoubtContent},
		{"迟到罚款50元。", "迟到罚款50元，没问题。", rephrase.DoubtContent},
		{"遗失需赔偿。", "无需担心遗失，需赔偿。", rephrase.DoubtContent},
		{"离职需要赔偿培训费。", "别担心离职，需要赔偿培训费。", rephrase.DoubtContent},

		{"A组和B组可以报销，C组不行。", "A组可以报销，B组和C组不行。", rephrase.DoubtOrder},
	}
}

func TestCheckRefusesWhatMaySaySomethingElse(t *testing.T) {
	t.Parallel()
	for _, c := range refusals() {
		t.Run(c.phrased, func(t *testing.T) {
			t.Parallel()
			d, refused := errors.AsType[*rephrase.DoubtError](rephrase.Check(c.answer, c.phrased))
			if !refused {
				t.Fatalf("answer %q\nphrase %q\npassed", c.answer, c.phrased)
			}
			if c.doubt != "" && d.Doubt != c.doubt {
				t.Errorf("answer %q\nphrase %q\ndoubt %s (%s), want %s", c.answer, c.phrased, d.Doubt, d.Detail, c.doubt)
			}
		})
	}
}
