package pinyin

// compound is how a surname of two characters reads, where one of them alone reads
// otherwise; "" for any other.
func compound(surname string) string {
	switch surname {
	case "尉迟", "尉遲":
		return "yu chi"
	case "万俟", "萬俟":
		return "mo qi"
	case "长孙", "長孫":
		return "zhang sun"
	case "单于", "單于":
		return "chan yu"
	case "澹台", "澹臺":
		return "tan tai"
	}
	return ""
}

// single is how a character reads as a surname where that isn't its usual reading; several
// where its bearers differ, or some type the usual one. It is nil for any other.
func single(surname string) []string {
	switch surname {
	case "单", "單":
		return []string{"shan"}
	case "曾":
		return []string{"zeng"}
	case "仇":
		return []string{"qiu"}
	case "区", "區":
		return []string{"ou"}
	case "解":
		return []string{"xie"}
	case "查":
		return []string{"zha"}
	case "朴":
		return []string{"piao"}
	case "员", "員":
		return []string{"yun"}
	case "种":
		return []string{"chong"}
	case "句":
		return []string{"gou"}
	case "佴":
		return []string{"nai"}
	case "盖", "蓋":
		return []string{"ge", "gai"}
	case "缪", "繆":
		return []string{"miao", "mou"}
	case "乐", "樂":
		return []string{"yue", "le"}
	case "翟":
		return []string{"zhai", "di"}
	case "覃":
		return []string{"qin", "tan"}
	case "黑":
		return []string{"he", "hei"}
	case "召":
		return []string{"shao", "zhao"}
	case "繁":
		return []string{"po", "fan"}
	case "折":
		return []string{"she", "zhe"}
	case "秘":
		return []string{"bi", "mi"}
	case "洗":
		return []string{"xian", "xi"}
	case "柏":
		return []string{"bai", "bo"}
	case "谌", "諶":
		return []string{"chen", "shen"}
	case "牟":
		return []string{"mu", "mou"}
	case "隗":
		return []string{"wei", "kui"}
	case "祭":
		return []string{"zhai", "ji"}
	case "尉":
		return []string{"wei", "yu"}
	case "长", "長":
		return []string{"zhang", "chang"}
	case "郇":
		return []string{"xun", "huan"}
	case "吕", "呂":
		return []string{"lv", "lu"}
	}
	return nil
}
