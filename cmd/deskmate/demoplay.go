package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deskmate/wecom/wecomsim"
)

// theatre plays a conversation with the IT account and prints what each phone shows.
type theatre struct {
	d     *demo
	seen  map[string]int // bubbles of each phone that were printed
	names map[string]string
}

func newTheatre(d *demo) *theatre {
	t := &theatre{d: d, seen: map[string]int{}, names: map[string]string{}}
	for _, m := range demoMembers() {
		t.names[m.userID] = m.name
	}
	return t
}

// seats are asked in this order who got the session.
func (t *theatre) seats() []string { return demoApps()[0].seats }

func (t *theatre) print(who, text string) {
	_, _ = fmt.Fprintf(t.d.p.stdout, "%s │ %s\n", who, text)
}

// say writes as a member and prints the phone up to what it wrote.
func (t *theatre) say(who, text string) {
	msgID := t.d.sim.Say(demoIT, who, text)
	screen := t.d.sim.Screen(demoIT, who)
	t.printTo(who, 1+slices.IndexFunc(screen, func(b wecomsim.Bubble) bool { return b.MsgID == msgID }))
}

// printTo prints what the member's phone shows up to the at-th bubble.
func (t *theatre) printTo(who string, at int) {
	for _, b := range t.d.sim.Screen(demoIT, who)[t.seen[who]:at] {
		t.show(who, b)
	}
	t.seen[who] = at
}

// until prints what the member's phone shows, line by line, up to the bubble that
// contains text.
func (t *theatre) until(ctx context.Context, who, text string) (wecomsim.Bubble, error) {
	at, found, err := t.d.sim.Wait(ctx, demoIT, who, t.seen[who], func(b wecomsim.Bubble) bool {
		return b.From == wecomsim.FromApp && contains(b, text)
	})
	if err != nil {
		return found, fmt.Errorf("%s never saw 「%s」: %w", t.names[who], text, err)
	}
	t.printTo(who, at)
	return found, nil
}

// whoGot is the seat that the session went to.
func (t *theatre) whoGot(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	got := make(chan string, len(t.seats()))
	for _, seat := range t.seats() {
		go func() {
			if _, _, err := t.d.sim.Wait(ctx, demoIT, seat, 0, func(b wecomsim.Bubble) bool { return b.Card != nil }); err == nil {
				got <- seat
			}
		}()
	}
	select {
	case seat := <-got:
		return seat, nil
	case <-ctx.Done():
		return "", fmt.Errorf("no seat got the session: %w", ctx.Err())
	}
}

// press taps a card's button by its caption.
func (t *theatre) press(who string, b wecomsim.Bubble, caption string) error {
	i := slices.IndexFunc(b.Card.Buttons, func(button wecomsim.CardButton) bool { return button.Text == caption })
	if i < 0 {
		return fmt.Errorf("the card %q has no button %q", b.Title, caption)
	}
	t.print(t.names[who], "（点按「"+caption+"」）")
	return t.d.sim.Click(demoIT, who, b.MsgID, b.Card.Buttons[i].Key)
}

// contains reports whether a bubble says text, in whatever form.
func contains(b wecomsim.Bubble, text string) bool {
	if strings.Contains(b.Text, text) || strings.Contains(b.Title, text) {
		return true
	}
	return b.Card != nil && strings.Contains(b.Card.Body, text)
}

// show prints one bubble as the phone of who shows it.
func (t *theatre) show(who string, b wecomsim.Bubble) {
	from := "IT 服务台"
	if b.From != wecomsim.FromApp {
		from = t.names[who]
	}
	lines := strings.Split(b.Text, "\n")
	if b.Card != nil {
		lines = cardLines(*b.Card)
	}
	for i, line := range lines {
		if i == 0 {
			t.print(t.names[who], from+"："+line)
			continue
		}
		t.print(t.names[who], strings.Repeat("　", 3)+line)
	}
}

// cardLines is a card in text.
func cardLines(c wecomsim.CardView) []string {
	lines := []string{"【" + c.Title + "】" + c.Desc}
	if c.Body != "" {
		lines = append(lines, strings.Split(c.Body, "\n")...)
	}
	var buttons []string
	for _, b := range c.Buttons {
		buttons = append(buttons, "["+b.Text+"]")
	}
	for _, choice := range c.Choices {
		for _, o := range choice.Options {
			buttons = append(buttons, "☐"+o.Text)
		}
	}
	if c.Submit != nil {
		buttons = append(buttons, "["+c.Submit.Text+"]")
	}
	if c.Replaced != "" {
		buttons = []string{"（" + c.Replaced + "）"}
	}
	return append(lines, strings.Join(buttons, " "))
}

// explain says how to read what follows.
func (t *theatre) explain() {
	_, _ = fmt.Fprintln(t.d.p.stdout, "每行左边是谁的手机，右边是它显示的内容。")
}

// open opens the employee's conversation, sees the welcome, and plays.
func (t *theatre) open(ctx context.Context) error {
	t.explain()
	if err := t.d.sim.Enter(demoIT, demoEmployee); err != nil {
		return err
	}
	if _, err := t.until(ctx, demoEmployee, "您好"); err != nil {
		return err
	}
	return t.play(ctx)
}

// demoEmployee is who asks.
const demoEmployee = "wangfang"

// play is the conversation. Every step waits for what the person it is for sees.
func (t *theatre) play(ctx context.Context) error {
	const employee = demoEmployee
	t.say(employee, "在家连不上公司内网")
	if _, err := t.until(ctx, employee, "VPN 客户端"); err != nil {
		return err
	}
	t.say(employee, "工位的椅子坏了找谁修")
	miss, err := t.until(ctx, employee, "没有找到答案")
	if err != nil {
		return err
	}
	if err := t.press(employee, miss, "转人工"); err != nil {
		return err
	}
	if _, err := t.until(ctx, employee, "已为您接入坐席"); err != nil {
		return err
	}
	seat, err := t.whoGot(ctx)
	if err != nil {
		return err
	}
	if err := t.talk(ctx, employee, seat); err != nil {
		return err
	}
	return t.rate(ctx, employee)
}

// talk lets both sides speak and the seat end the session.
func (t *theatre) talk(ctx context.Context, employee, seat string) error {
	if _, err := t.until(ctx, seat, "#1 王芳"); err != nil {
		return err
	}
	t.say(seat, "您好，请告诉我工位号，我帮您报修。")
	if _, err := t.until(ctx, employee, "请告诉我工位号"); err != nil {
		return err
	}
	t.say(employee, "三楼 A-17，谢谢！")
	if _, err := t.until(ctx, seat, "王芳(财务部): 三楼 A-17"); err != nil {
		return err
	}
	t.say(seat, "已登记，今天下午有同事过来更换。")
	if _, err := t.until(ctx, employee, "今天下午有同事过来"); err != nil {
		return err
	}
	t.say(seat, "#结束")
	if _, err := t.until(ctx, employee, "服务聊天已结束"); err != nil {
		return err
	}
	_, err := t.until(ctx, seat, "已结束与王芳(财务部)的会话")
	return err
}

// rate answers the survey with a bad rating and a reason, and looks at the card
// afterwards.
func (t *theatre) rate(ctx context.Context, employee string) error {
	survey, err := t.until(ctx, employee, "请评价本次服务")
	if err != nil {
		return err
	}
	if err := t.press(employee, survey, "不满意"); err != nil {
		return err
	}
	why, err := t.changed(ctx, employee, survey, func(card wecomsim.CardView) bool { return len(card.Choices) > 0 })
	if err != nil {
		return err
	}
	t.show(employee, why)
	choice := why.Card.Choices[0]
	t.print(t.names[employee], "（选择「"+choice.Options[1].Text+"」并提交）")
	if err := t.d.sim.Submit(demoIT, employee, why.MsgID, map[string][]string{choice.Key: {choice.Options[1].ID}}); err != nil {
		return err
	}
	if _, err := t.until(ctx, employee, "感谢您的反馈"); err != nil {
		return err
	}
	done, err := t.changed(ctx, employee, survey, func(card wecomsim.CardView) bool { return card.Replaced != "" })
	if err != nil {
		return err
	}
	t.print(t.names[employee], "（评价卡片已变为「"+done.Card.Replaced+"」）")
	return nil
}

// changed waits until a card has become what it is to be.
func (t *theatre) changed(
	ctx context.Context, who string, card wecomsim.Bubble, is func(wecomsim.CardView) bool,
) (wecomsim.Bubble, error) {
	_, found, err := t.d.sim.Wait(ctx, demoIT, who, 0, func(b wecomsim.Bubble) bool { return b.MsgID == card.MsgID && is(*b.Card) })
	if err != nil {
		return found, fmt.Errorf("the card 「%s」 of %s never changed: %w", card.Card.Title, t.names[who], err)
	}
	return found, nil
}
