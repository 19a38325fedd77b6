package mask_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"deskmate/bot/mask"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"mobile", "我的手机是13800138000，请回电", "我的手机是138****8000，请回电"},
		{"mobile in groups", "138 0013 8000", "138 **** 8000"},
		{"mobile with dashes", "138-0013-8000", "138-****-8000"},
		{"mobile with dots", "138.0013.8000", "138.****.8000"},
		{"mobile full width", "１３８００１３８０００", "１３８****８０００"},
		{"mobile with wide dashes between blanks", "138 - 0013 - 8000", "138 - **** - 8000"},
		{"mobile with double blanks", "138  0013  8000", "138  ****  8000"},
		{"mobile with hard blanks", "138\u00a00013\u00a08000", "138\u00a0****\u00a08000"},
		{"mobile in other groups", "1380 013 8000", "138* *** 8000"},
		{"mobile as 3-3-5", "138 001 38000", "138 *** *8000"},
		{"country in brackets", "(+86) 138-0013-8000", "(+86) 138-****-8000"},
		{"mobile with country", "+86 13800138000", "+86 138****8000"},
		{"mobile with country in one", "8613800138000", "86138****8000"},
		{"mobile with 0086", "0086-13800138000", "0086-138****8000"},
		{"mobile as account name", "vx13800138000", "vx138****8000"},
		{"mobile as mail", "13800138000@139.com", "138****8000@139.com"},
		{"two mobiles", "13800138000/13900139000", "138****8000/139****9000"},
		{"mobile then code", "13800138000 123456", "138****8000 123456"},
		{"no mobile prefix", "12800138000", "12800138000"},
		{"longer than a mobile", "138001380001", "138001380001"},
		{"amount", "预算13800138000元", "预算13800138000元"},
		{"tail of a longer number", "2026-13800138000", "2026-13800138000"},

		{"ID", "身份证110101199003074215", "身份证110***********4215"},
		{"ID with good check digit, unnamed", "号码是11010519491231002X。", "号码是110***********002X。"},
		{"ID with small x", "11010519491231002x", "110***********002x"},
		{"ID in groups", "110105 19491231 002X", "110*** ******** 002X"},
		{"ID with a wrong check digit, unnamed", "单据110105194912310021", "单据110105194912310021"},
		{"ID with a wrong check digit, named", "身份证号：110105194912310021", "身份证号：110***********0021"},
		{"ID named further off", "身份证号码（我本人的号码）是：110105194912310021", "身份证号码（我本人的号码）是：110***********0021"},
		{"ID of old", "130503670401001", "130********1001"},
		{"15 digits that are none", "990503670401001", "990503670401001"},
		{"ID of no month", "110105194913310023", "110105194913310023"},

		{"landline", "电话010-88886666", "电话010-****6666"},
		{"landline in one", "01088886666", "010****6666"},
		{"landline of four", "0755-88886666", "0755-****6666"},
		{"landline in brackets", "(0571) 8888 6666", "(0571) **** 6666"},
		{"landline in wide brackets", "（0571）88886666", "（0571）****6666"},
		{"landline of seven", "0512-6666888", "0512-***6888"},
		{"landline with extension", "010-88886666-8001", "010-****6666-8001"},
		{"service line", "400-820-1234", "400-820-1234"},
		{"extension", "分机8001", "分机8001"},

		{"bank card", "卡6222021234567890128", "卡6222***********0128"},
		{"bank card in groups", "6222 0212 3456 7890 128", "6222 **** **** ***0 128"},
		{"visa", "4111111111111111", "4111********1111"},
		{"amex", "378282246310005", "3782*******0005"},
		{"bank card with a wrong digit", "4111111111111112", "4111111111111112"},
		{"named card with a wrong digit", "银行卡号 6222021234567890129", "银行卡号 6222***********0129"},
		{"named account of a firm", "账号：110060149018010012345", "账号：110060149018010012345"},
		{"named account", "收款账号：1100601490180100", "收款账号：1100********0100"},
		{"card with a wrong digit in groups", "6222 0212 3456 7890 129", "6222 **** **** ***0 129"},
		{"card with a wrong digit in dashes", "6222-0212-3456-7891", "6222-****-****-7891"},
		{"card by its kind", "招行卡6222021234567890129", "招行卡6222***********0129"},
		{"staff card", "工卡100234", "工卡100234"},
		{"order that is Luhn", "订单号4111111111111111", "订单号4111111111111111"},
		{"order by date", "2026112212345678", "2026112212345678"},
		{"serial", "SN4111111111111111", "SN4111111111111111"},

		{"passport", "护照号E12345678", "护照号E******78"},
		{"passport of two letters", "护照：EA1234567", "护照：EA*****67"},
		{"permit", "港澳通行证 C12345678", "港澳通行证 C******78"},
		{"unnamed code", "物料E12345678", "物料E12345678"},

		{"mail stays", "zhang.san@example.com", "zhang.san@example.com"},
		{"date", "2026-01-05 13:00:00", "2026-01-05 13:00:00"},
		{"day", "20260105", "20260105"},
		{"time stamp", "1767600000000", "1767600000000"},
		{"IP", "服务器 192.168.100.100:8080", "服务器 192.168.100.100:8080"},
		{"amounts", "1,000,000.00 元", "1,000,000.00 元"},
		{"version", "V3.2.1 / 10.15.7", "V3.2.1 / 10.15.7"},
		{"staff number", "工号100234", "工号100234"},
		{"invoice", "发票号码 24312000000012345678", "发票号码 24312000000012345678"},
		{"credit code", "税号 91110000100000000X", "税号 91110000100000000X"},
		{"nothing", "年假怎么请？", "年假怎么请？"},
		{"empty", "", ""},
		{"broken", "a\xff13800138000", "a�138****8000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := mask.Text(c.in)
			if got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
			}
			if again := mask.Text(got); again != got {
				t.Errorf("masking %q again makes %q", got, again)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"13800138000", "11010519491231002X", "6222 0212 3456 7890 128", "(0571) 8888 6666", "护照E12345678",
		"86-138-0013-8000 010-88886666", "身份证１１０１０１１９９００３０７４２１５", "4111111111111111 4111-1111-1111-1111",
		"0086", "86 ", "1 3 8 0 0 1 3 8 0 0 0", "*1*3*8", "0571)", "0755　88886666",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := mask.Text(s)
		if again := mask.Text(once); again != once {
			t.Errorf("Text isn't idempotent: %q, %q, %q", s, once, again)
		}
		if got, want := utf8.RuneCountInString(once), utf8.RuneCountInString(s); got != want {
			t.Errorf("%d characters became %d: %q, %q", want, got, s, once)
		}
		if strings.Count(once, "*") < strings.Count(s, "*") {
			t.Errorf("asterisks went missing: %q, %q", s, once)
		}
	})
}
