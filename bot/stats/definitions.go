package stats

import (
	"slices"

	"deskmate/model"
)

// Definitions say what each figure means, in the order in which docs/metrics.md lists them.
func Definitions() []model.StatFigure {
	return slices.Concat(surveyDefinitions(), partDefinitions(), funnelDefinitions(), serviceDefinitions(), botDefinitions(), durationDefinitions(), onlineDefinitions())
}

func define(page, unit, key, nameZH, nameEN, textZH, textEN string) model.StatFigure {
	return model.StatFigure{Key: key, Page: page, Unit: unit, NameZH: nameZH, NameEN: nameEN, TextZH: textZH, TextEN: textEN, Sessions: true}
}

func survey(unit, key, nameZH, nameEN, textZH, textEN string) model.StatFigure {
	return define("survey", unit, key, nameZH, nameEN, textZH, textEN)
}

func service(key, nameZH, nameEN, textZH, textEN string) model.StatFigure {
	return define("service", "count", key, nameZH, nameEN, textZH, textEN)
}

// byReason makes a figure one that comes by reason.
func byReason(f model.StatFigure) model.StatFigure {
	f.ByReason = true
	return f
}

func surveyDefinitions() []model.StatFigure {
	return []model.StatFigure{
		survey("count", model.StatSent, "发送数", "Sent", "发出满意度调查的会话数", "Sessions after which a survey was sent"),
		survey("count", model.StatCompleted, "评价数", "Completed", "员工已作出评价的调查数", "Surveys that the employee answered with a rating"),
		survey("share", model.StatCompletion, "评价率", "Completion rate", "评价数 ÷ 发送数", "Completed ÷ sent"),
		survey("count", model.StatGood, "满意", "Satisfied", "评价为“满意”的调查数", "Surveys rated satisfied"),
		survey("count", model.StatFair, "一般", "Neutral", "评价为“一般”的调查数", "Surveys rated neutral"),
		survey("count", model.StatBad, "不满意", "Unsatisfied", "评价为“不满意”的调查数", "Surveys rated unsatisfied"),
		survey("share", model.StatGoodShare, "满意占比", "Satisfied share", "满意 ÷ 评价数", "Satisfied ÷ completed"),
		survey("share", model.StatFairShare, "一般占比", "Neutral share", "一般 ÷ 评价数", "Neutral ÷ completed"),
		survey("share", model.StatBadShare, "不满意占比", "Unsatisfied share", "不满意 ÷ 评价数", "Unsatisfied ÷ completed"),
		survey("count", model.StatReasoned, "填写原因数", "With reasons", "员工选择了原因的评价数", "Ratings with reasons chosen"),
		byReason(survey("count", model.StatReason, "不满意原因", "Reasons", "选择该原因的评价数；可多选，占比以填写原因数为分母", "Ratings that name the reason; several may be chosen, shares are of ratings with reasons")),
		survey("count", model.StatCommented, "留言数", "Comments", "附有文字意见的调查数", "Surveys with a written comment"),
		byReason(survey("count", commented, "各评价的留言数", "Comments by rating", "附有文字意见的调查数，按评价分", "Surveys with a written comment, by rating")),
	}
}

func funnelDefinitions() []model.StatFigure {
	return []model.StatFigure{
		service(model.StatOpened, "会话数", "Sessions", "在该时段开始的会话数", "Sessions opened in the period"),
		service(model.StatAsked, "提问会话", "Asked", "向机器人提过问题的会话数", "Sessions in which the bot was asked a question"),
		service(model.StatHelped, "获得答案的会话", "Answered", "机器人直接回答，或员工点选了推荐问题的会话数", "Sessions in which the bot answered, or a suggestion was tapped"),
		service(model.StatTook, "采纳推荐的会话", "Suggestion accepted", "员工点选了推荐问题的会话数", "Sessions in which a suggestion was tapped"),
		service(model.StatUpSess, "点赞会话", "With 👍", "员工对答案点赞的会话数", "Sessions with a 👍 on an answer"),
		service(model.StatDownSess, "点踩会话", "With 👎", "员工对答案点踩的会话数", "Sessions with a 👎 on an answer"),
		service(model.StatMissSess, "未命中的会话", "With a miss", "机器人至少有一个问题答不上的会话数", "Sessions with a question that the bot could not answer"),
		service(model.StatHandoffs, "转人工", "Handed off", "转过人工的会话数", "Sessions that were handed off to people"),
		service(model.StatWaited, "等待过", "Waited", "转人工后一秒内没有坐席接待的会话数，含还没有或始终没有坐席接待的",
			"Sessions that were handed off and got no seat within a second; those that have none yet, or never got one, too"),
		service(model.StatServed, "人工接待", "Served", "有坐席接待的会话数；按坐席统计时归最后接待的坐席", "Sessions that a seat got; by seat: the one that served last"),
		service(model.StatReplied, "人工已回复", "Replied", "坐席发送过消息的会话数；按坐席统计时归发送消息的坐席", "Sessions in which a seat wrote; by seat: each seat that wrote"),
		service(model.StatEnded, "人工服务已结束", "Ended", "有坐席接待且已结束的会话数", "Sessions that a seat got and that are closed"),
		service(model.StatRated, "已评价", "Rated", "员工已作出评价的会话数", "Sessions that the employee rated"),
	}
}

func serviceDefinitions() []model.StatFigure {
	return []model.StatFigure{
		define("service", "share", model.StatHandRate, "转人工率", "Handoff rate", "转人工 ÷ 会话数", "Handed off ÷ sessions"),
		byReason(service(model.StatHandoff, "转人工原因", "Handoff reasons", "转人工的会话数，按原因分", "Sessions that were handed off, by reason")),
		byReason(service(model.StatClose, "结束方式", "Close reasons", "已结束的会话数，按结束方式分", "Closed sessions, by how they ended")),
		service("closed", "已结束", "Closed", "已结束的会话数", "Sessions that are closed"),
		service(model.StatUnserved, "未获接待", "Not served", "转人工后没有坐席接待就结束的会话数", "Sessions that were handed off and closed before a seat got them"),
		service(model.StatTransfers, "转接会话", "Transferred", "由两位或更多坐席接待的会话数", "Sessions that two or more seats had a part in"),
		service(model.StatTakes, "接待人次", "Taken", "坐席参与的会话数；有转接的会话对每位参与的坐席各计一次", "Sessions a seat had a part in; one with several seats counts for each"),
		service(model.StatIdleEnds, "超时结束", "Idle ends", "有坐席接待、因长时间无消息而结束的会话数", "Sessions that a seat got and that ended for want of messages"),
	}
}

func botDefinitions() []model.StatFigure {
	share := func(key, nameZH, nameEN, textZH, textEN string) model.StatFigure {
		return define("service", "share", key, nameZH, nameEN, textZH, textEN)
	}
	return []model.StatFigure{
		service(model.StatQuestions, "提问数", "Questions", "机器人收到的问题数，闲聊不计", "Questions that the bot was asked; small talk is none"),
		service(model.StatHits, "直接命中", "Hits", "机器人直接给出答案的问题数", "Questions that the bot answered at once"),
		share(model.StatHitRate, "命中率", "Hit rate", "直接命中 ÷ 提问数", "Hits ÷ questions"),
		service(model.StatSuggested, "推荐数", "Suggestions", "机器人给出“您是不是想问”的问题数", "Questions to which the bot made suggestions"),
		service(model.StatAccepted, "推荐采纳", "Suggestions accepted", "员工点选了推荐问题的提问数", "Questions of which a suggestion was tapped"),
		share(model.StatAcceptRate, "推荐采纳率", "Acceptance rate", "推荐采纳 ÷ 推荐数", "Suggestions accepted ÷ suggestions"),
		service(model.StatMissed, "未命中", "Misses", "机器人答不上的问题数", "Questions that the bot could not answer"),
		share(model.StatMissRate, "未命中率", "Miss rate", "未命中 ÷ 提问数", "Misses ÷ questions"),
		service(model.StatUp, "点赞", "👍", "答案获得点赞的问题数", "Questions whose answer got a 👍"),
		service(model.StatDown, "点踩", "👎", "答案被点踩的问题数", "Questions whose answer got a 👎"),
		service(model.StatSelf, "自助解决", "Self-service", "获得答案、未转人工且已结束的会话数", "Sessions that were answered and closed without a handoff"),
		share(model.StatSelfRate, "自助解决率", "Self-service rate", "自助解决 ÷ 提问会话", "Self-service ÷ sessions with a question"),
		byReason(service(model.StatEntry, "词条命中", "Hits by entry", "该词条直接命中或被点选的次数", "How often the entry answered or was tapped")),
	}
}

func durationDefinitions() []model.StatFigure {
	var list []model.StatFigure
	for _, d := range []struct{ key, nameZH, nameEN, textZH, textEN string }{
		{model.StatWait, "等待时长", "Wait", "从转人工到第一位坐席接待", "From the handoff to the first seat"},
		{
			model.StatFirst, "首次响应时长", "First reply", "从坐席接待到其发出第一条消息；全员接待时从会话发给全体坐席起",
			"From a seat getting the session to its first message; where all seats get it, from then on",
		},
		{model.StatHandling, "处理时长", "Handling", "从第一位坐席接待到会话结束；按坐席统计时归最后接待的坐席", "From the first seat to the end of the session; by seat: the one that served last"},
	} {
		for _, m := range []struct{ key, nameZH, nameEN, textZH, textEN string }{
			{".median", "中位数", "median", "的中位数，误差不超过 7%", "; the median, to 7 %"},
			{".p90", "90 分位", "90th percentile", "，九成会话不超过该值，误差不超过 7%", "; nine in ten take no longer, to 7 %"},
			{".avg", "平均值", "average", "的平均值", "; the average"},
			{partCount, "会话数", "sessions", "可计算的会话数", "; sessions of which it is known"},
		} {
			unit := "ms"
			if m.key == partCount {
				unit = "count"
			}
			list = append(list, define("service", unit, d.key+m.key, d.nameZH+" "+m.nameZH, d.nameEN+", "+m.nameEN, d.textZH+m.textZH, d.textEN+m.textEN))
		}
	}
	return list
}
