package match

import (
	"strings"
	"sync"
)

// traits are what decides the meaning of a question beyond the words it shares with
// another: negation, opposites, what is asked.
type traits struct {
	negated  bool
	asks     uint16 // bit set over askRows
	opposite sides
	numbers  []int // small ones that it names
}

// oppositesMax is how many rows the table of opposites has room for.
const oppositesMax = 120

// sides tells for each row of the table of opposites which sides a text names.
type sides [oppositesMax]uint8

// clash reports whether two texts name different sides of one row.
func (s *sides) clash(o *sides) bool {
	for i := range s {
		if s[i] != 0 && o[i] != 0 && s[i]&o[i] == 0 {
			return true
		}
	}
	return false
}

const (
	deniers = "不没未无非"     // before a word, they deny it
	modals  = "能可以会让给用需要" // may stand between
)

// denies reports whether a denies a word, as 不能报销 does, that b has without denial.
func denies(a, b []unit) bool {
	for i := range a {
		if !oneOf(deniers, a[i]) || i > 0 && i+1 < len(a) && a[i-1] == a[i+1] { // 能不能 asks
			continue
		}
		word := i + 1
		for word < len(a) && oneOf(modals, a[word]) {
			word++
		}
		if word+2 <= len(a) && !words().function[a[word]] && !words().function[a[word+1]] && hasFree(b, a[word], a[word+1]) {
			return true
		}
	}
	return false
}

// hasFree reports whether a text has two units in a row, and nothing in it is denied.
func hasFree(units []unit, first, second unit) bool {
	found := false
	for i, u := range units {
		if oneOf(deniers, u) {
			return false
		}
		found = found || i > 0 && units[i-1] == first && u == second
	}
	return found
}

func oneOf(set string, u unit) bool { return !u.word() && strings.ContainsRune(set, rune(u)) } //nolint:gosec // a character, not a word

// term is what a word of the lexicon says about a text.
type term struct {
	negates bool
	asks    uint16
	sides   []namedSide
}

type namedSide struct{ row, bit uint8 }

// lexicon holds the words that make traits.
type lexicon struct {
	terms    map[uint64]*term // by the hash of their units
	longest  map[unit]int     // of the words that begin with a unit
	function map[unit]bool    // units that carry little meaning
	numbers  map[unit]int     // small numbers in digits
}

// words gives the lexicon. It is made once: nobody changes it.
var words = sync.OnceValue(newLexicon) //nolint:gochecknoglobals // a constant, in effect

// traits reads a text from left to right, the longest word first.
func (l *lexicon) traits(units []unit) traits {
	t := traits{numbers: l.numerals(units)}
	for i := 0; i < len(units); {
		found, n := l.at(units[i:])
		i += max(n, 1)
		if found == nil {
			continue
		}
		t.negated = t.negated || found.negates
		t.asks |= found.asks
		for _, s := range found.sides {
			t.opposite[s.row] |= 1 << s.bit
		}
	}
	return t
}

// at finds the longest word that units begin with, and its length.
func (l *lexicon) at(units []unit) (found *term, length int) {
	h := uint64(0)
	for n := range min(l.longest[units[0]], len(units)) {
		h = mix(h ^ uint64(units[n]))
		if t := l.terms[h]; t != nil {
			found, length = t, n+1
		}
	}
	return found, length
}

// term gives the entry of a word, making it.
func (l *lexicon) term(word string) *term {
	units := encode(foldRunes(word)).units
	h := uint64(0)
	for _, u := range units {
		h = mix(h ^ uint64(u))
	}
	l.longest[units[0]] = max(l.longest[units[0]], len(units))
	if l.terms[h] == nil {
		l.terms[h] = &term{}
	}
	return l.terms[h]
}

func newLexicon() *lexicon {
	l := &lexicon{terms: map[uint64]*term{}, longest: map[unit]int{}, function: map[unit]bool{}, numbers: digits()}
	for _, u := range encode(functionUnits).units {
		l.function[u] = true
	}
	for _, u := range encode(functionWords).units {
		l.function[u] = true
	}
	for bit, row := range strings.Split(askRows, "\n") {
		for word := range strings.SplitSeq(row, " ") {
			l.term(word).asks |= 1 << bit
		}
	}
	for row, line := range strings.Split(oppositeRows, "\n") {
		for bit, side := range strings.Split(line, "/") {
			for word := range strings.SplitSeq(side, " ") {
				t := l.term(word)
				t.sides = append(t.sides, namedSide{uint8(row), uint8(bit)}) //nolint:gosec // a small table
			}
		}
	}
	for word := range strings.SplitSeq(negations, " ") {
		l.term(word).negates = true
	}
	for word := range strings.SplitSeq(harmless, " ") {
		l.term(word)
	}
	return l
}

// negations deny something. Those of harmless hold one and don't: 能不能 asks.
const (
	negations = "不 没 无 未 别再"
	harmless  = "能不能 可不可以 是不是 会不会 要不要 行不行 好不好 对不对 有没有 用不用 需不需要 " +
		"不好意思 不动产 不同 不良 未来 能否 是否 无线 无纸化 无人机"
)

// askRows are words for what a question asks for: one kind a row.
const askRows = "怎么办 如何 怎样 怎么 咋 流程 步骤 方法 办法" + "\n" +
	"为什么 为何 为啥 原因 怎么回事 咋回事" + "\n" +
	"哪里 哪儿 在哪 入口 地址 位置 地点" + "\n" +
	"什么时候 何时 多久 几天 几点 多长时间 啥时候 期限 时间" + "\n" +
	"多少 费用 收费 额度 几个 几次 价格 标准" + "\n" +
	"能否 可以 能不能 可不可以 是否 能 吗 会不会" + "\n" +
	"什么是 是什么 什么意思 含义 区别" + "\n" +
	"谁 哪位 哪个部门 找哪" + "\n" +
	"材料 资料 证件 条件 要求"

// oppositeRows is the table of opposites: a row is one matter, "/" parts its sides, of
// which a text can mean one only, and a blank parts words for the same side.
const oppositeRows = "入职 入司 报到/离职 辞职 退休/转正/调岗 转岗" + "\n" +
	"开通 启用 打开 开启 激活 开机/关闭 停用 禁用 注销 关掉 停掉 关机" + "\n" +
	"新增 添加 增加 加上/删除 移除 减少 去掉" + "\n" +
	"解绑 解除绑定/绑定" + "\n" +
	"解锁/锁定" + "\n" +
	"卸载/安装" + "\n" +
	"上传/下载" + "\n" +
	"导入/导出" + "\n" +
	"登出 退出登录/登录 登入 登陆" + "\n" +
	"取消 撤回 撤销/申请 提交" + "\n" +
	"国内 境内/国外 境外 海外" + "\n" +
	"买入/卖出" + "\n" +
	"转入/转出" + "\n" +
	"调入/调出" + "\n" +
	"领取 领用 借用 借阅/归还 退还" + "\n" +
	"收入/支出" + "\n" +
	"内网/外网" + "\n" +
	"内部/外部" + "\n" +
	"上班/下班" + "\n" +
	"上午 早上/下午/晚上 夜里" + "\n" +
	"提前/推迟 延期 延后 延迟" + "\n" +
	"实习/正式" + "\n" +
	"试用期/转正后 转正以后" + "\n" +
	"病假/事假/年假/婚假/丧假/陪产假/产假/调休/哺乳假/探亲假" + "\n" +
	"充值/提现" + "\n" +
	"男/女" + "\n" +
	"最多 最高 上限/最少 最低 下限" + "\n" +
	"手机端 移动端/电脑端 pc端 网页端" + "\n" +
	"公积金/社保" + "\n" +
	"扫描/打印/复印" + "\n" +
	"专票 专用发票/普票 普通发票" + "\n" +
	"成功/失败" + "\n" +
	"升级/降级 退回" + "\n" +
	"加入/退出" + "\n" +
	"续签/终止 解除" + "\n" +
	"发送/接收" + "\n" +
	"迟到/早退" + "\n" +
	"出差/请假/加班" + "\n" +
	"增员/减员" + "\n" +
	"公司电脑 办公电脑/个人电脑 自己的电脑" + "\n" +
	"今年 本年/明年 下一年/去年 上一年" + "\n" +
	"本月 这个月 当月/下个月 次月/上个月" + "\n" +
	"今天 今日/明天 明日/昨天 昨日" + "\n" +
	"本周 这周/下周/上周" + "\n" +
	"线上/线下" + "\n" +
	"前置/后置" + "\n" +
	"前门/后门" + "\n" +
	"左边 左侧/右边 右侧" + "\n" +
	"有线/无线" + "\n" +
	"显示/隐藏" + "\n" +
	"公开/私有 私密" + "\n" +
	"收款/付款" + "\n" +
	"付款方 付款人/收款方 收款人" + "\n" +
	"发货/收货" + "\n" +
	"甲方/乙方" + "\n" +
	"入境/出境" + "\n" +
	"进口/出口" + "\n" +
	"主账号 母账号/子账号" + "\n" +
	"高级/中级/初级" + "\n" +
	"高于 大于/低于 小于" + "\n" +
	"超过/不足 不满" + "\n" +
	"满/未满 不满" + "\n" +
	"以上/以下" + "\n" +
	"之前 以前 事前/之后 以后 事后" + "\n" +
	"长期/短期" + "\n" +
	"个人原因/公司原因" + "\n" +
	"本人/家属 家人 亲属" + "\n" +
	"父亲 爸爸/母亲 妈妈/配偶 老公 老婆 丈夫 妻子/孩子 子女" + "\n" +
	"全职/兼职" + "\n" +
	"全额/部分" + "\n" +
	"单面/双面" + "\n" +
	"黑白/彩色" + "\n" +
	"竖版/横版" + "\n" +
	"中文/英文 英语" + "\n" +
	"含税/不含税" + "\n" +
	"已/未" + "\n" +
	"太大/太小" + "\n" +
	"放大/缩小" + "\n" +
	"静音/外放" + "\n" +
	"春季/夏季/秋季/冬季" + "\n" +
	"夏令时/冬令时" + "\n" +
	"工作日/周末 节假日" + "\n" +
	"白班/夜班" + "\n" +
	"全天/半天" + "\n" +
	"固定电话 座机/移动电话 手机号" + "\n" +
	"毕业证/学位证/学历证/身份证" + "\n" +
	"抄送/密送" + "\n" +
	"往返/单程" + "\n" +
	"去程/返程" + "\n" +
	"托运/随身" + "\n" +
	"安卓/苹果 ios" + "\n" +
	"微信/qq/钉钉" + "\n" +
	"工行/农行/中行/建行/招行/交行" + "\n" +
	"恢复/备份" + "\n" +
	"加密/解密" + "\n" +
	"压缩/解压" + "\n" +
	"冻结/解冻" + "\n" +
	"挂失/补办" + "\n" +
	"签到/签退" + "\n" +
	"租入/租出" + "\n" +
	"奖励/处罚"

// functionUnits are characters that carry little of a question's meaning, and
// functionWords the same in English.
const (
	functionUnits = "的了吗呢吧啊呀么嘛我你您他她它们咱是在有要能可以会请怎样如何什为哪里个这那到和跟与及或就都也还又再想帮办需应该用去来把被给让对从向于以之其所得地着过下一上让做弄搞咋啥谁几多少哦"
	functionWords = "a an the i my me you your we our is are am be do does did can could would will to of in on at for from with and or it this that what how where when why which who please need want"
)
