package llmtest

import "strings"

// LieNumbers says the approved answer with every digit one higher.
func LieNumbers() Behaviour {
	return Text(func(c Call) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0' + (r-'0'+1)%10
			}
			return r
		}, c.Answer())
	})
}

// LieNegation says the approved answer without its 不, 没, 无 and 禁止.
func LieNegation() Behaviour {
	drop := strings.NewReplacer("不得", "可以", "禁止", "可以", "不", "", "没", "", "无", "")
	return Text(func(c Call) string { return drop.Replace(c.Answer()) })
}

// LieURL says the approved answer and sends people to a page of its own.
func LieURL() Behaviour {
	return Text(func(c Call) string { return c.Answer() + "详情请见 https://evil.example/login" })
}

// LiePromise says the approved answer and promises what nobody approved.
func LiePromise() Behaviour {
	return Text(func(c Call) string { return c.Answer() + "我们保证今天免费为您办好。" })
}
