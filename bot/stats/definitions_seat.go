package stats

import "deskmate/model"

// onlineDefinitions are figures that no session stands behind.
func onlineDefinitions() []model.StatFigure {
	list := []model.StatFigure{
		define("service", "ms", model.StatOnlineTime, "在线时长", "Online time",
			"坐席状态为“在线”的时长，非工作时间也计入；离开、离线和已不在可见范围内的不计。仍在线的计到当前；从开始记录起统计",
			"How long the seat's state was online, outside working hours, too; not away, offline, or out of the app's range. What goes on counts until now; known since it is recorded"),
		define("service", "count", model.StatOnlineSeats, "平均在线坐席", "Seats online",
			"该时段内坐席在线时长之和 ÷ 已经过的时段时长",
			"Online time of all seats in the hour of the week ÷ how long those hours have been"),
	}
	for i := range list {
		list[i].Sessions = false
	}
	return list
}

// partDefinitions are the figures of surveys by all who served. Only seats have them: over seats
// they don't add up, for a session with several counts for each.
func partDefinitions() []model.StatFigure {
	var list []model.StatFigure
	for _, f := range surveyDefinitions() {
		if f.ByReason {
			continue
		}
		f.Key = model.StatPart + f.Key
		f.NameZH, f.NameEN = f.NameZH+"（参与）", f.NameEN+", took part"
		f.TextZH, f.TextEN = f.TextZH+"；计入参与过接待的每位坐席", f.TextEN+"; counts for every seat that had a part in the session"
		list = append(list, f)
	}
	return list
}
