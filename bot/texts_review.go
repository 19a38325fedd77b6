package bot

// What people are told when a seat can't go on.

// What the employee is told: the place in the queue or, behind the first alone, the next opening
// follows.
const (
	textSeatGone   = "坐席已离开"
	textRearranged = "正在为您重新安排，"
)

// movedText tells a seat that a session was taken from it.
func movedText(employee, why string) string {
	reason := "您已不是该账号的坐席"
	switch why {
	case "may_not_answer":
		reason = "您已没有接待权限"
	case AwayUnreachable:
		reason = "消息无法送达给您"
	case AwayNoAnswer:
		reason = "长时间没有回复"
	}
	return reason + "，与" + employee + "的会话已转回排队，由其他坐席接待。"
}

// autoAwayText tells a seat that it was set away.
func autoAwayText(why string) string {
	reason := "消息无法送达给您"
	if why == AwayNoAnswer {
		reason = "您长时间没有回复"
	}
	return reason + "，已自动设为离开，不再分配新会话。恢复接待请发送 #上线。"
}

// seatLeftText tells an owner that a seat is gone.
func seatLeftText(account, seat, why string) string {
	if why == "removed" {
		return "「" + account + "」的坐席 " + seat + " 已被移除，正在接待的会话会重新安排给其他坐席。"
	}
	return "「" + account + "」的坐席 " + seat + " 已离职或不在应用可见范围内，不再分配会话；正在接待的会话会重新安排给其他坐席。"
}
