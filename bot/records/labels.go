package records

import (
	"strings"
	"time"

	"deskmate/model"
)

// labelled is what people read for a word of the model; the word itself where there is none.
func labelled[T ~string](word T, labels map[T]string) string {
	if label, ok := labels[word]; ok {
		return label
	}
	return string(word)
}

func stateLabel(s model.SessionState) string {
	return labelled(s, map[model.SessionState]string{
		model.StateBot: "机器人", model.StateQueued: "排队中", model.StateServing: "服务中", model.StateClosed: "已结束",
	})
}

func closeLabel(r model.CloseReason) string {
	return labelled(r, map[model.CloseReason]string{
		model.ClosedBySeat: "坐席结束", model.ClosedByEmployee: "员工结束", model.ClosedIdle: "超时结束",
		model.ClosedQueue: "排队超时", model.ClosedOffHours: "非工作时间", model.ClosedDisabled: "账号停用",
	})
}

func handoffLabel(r model.HandoffReason) string {
	return labelled(r, map[model.HandoffReason]string{
		model.HandoffKeyword: "关键词", model.HandoffButton: "按钮", model.HandoffMisses: "连续未命中", model.HandoffBotOff: "机器人关闭",
		model.HandoffDislike: "点踩", model.HandoffSeat: "坐席联系",
	})
}

func ratingLabel(r model.Rating) string {
	return labelled(r, map[model.Rating]string{model.RatingGood: "满意", model.RatingFair: "一般", model.RatingBad: "不满意"})
}

func senderLabel(k model.SenderKind) string {
	return labelled(k, map[model.SenderKind]string{
		model.FromEmployee: "员工", model.FromBot: "机器人", model.FromSeat: "坐席", model.FromSystem: "系统", model.FromNote: "备注",
	})
}

// contentText is a message as a line of text.
func contentText(c model.Content) string { return strings.TrimSpace(c.Words() + " " + c.Description) }

// clock writes times for people.
type clock struct{ zone *time.Location }

func (c clock) text(ms int64) string {
	if ms == 0 {
		return ""
	}
	return model.Time(ms).In(c.zone).Format("2006-01-02 15:04:05")
}

// Words are what a message says, whatever its type.
func (l Line) Words() string { return contentText(l.Content) }
