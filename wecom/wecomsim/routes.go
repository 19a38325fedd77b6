package wecomsim

// routes are the endpoints by their path after /cgi-bin/. Unknown paths get status 404.
func routes() map[string]endpoint {
	noUser := map[string]any{"department": []int64{}, "order": []int64{}, "is_leader_in_dept": []int{}}
	noUsers := map[string]any{"userlist": []any{}}
	return map[string]endpoint{
		"gettoken":          {method: "GET", open: true, serve: (*Server).getToken},
		"getcallbackip":     {method: "GET", assistant: assistantMay, serve: (*Server).getCallbackIP},
		"get_api_domain_ip": {method: "GET", assistant: assistantMay, serve: (*Server).getCallbackIP},
		"get_jsapi_ticket":  {method: "GET", serve: (*Server).getCorpTicket},
		"ticket/get":        {method: "GET", serve: (*Server).getAppTicket},

		"message/send":                 {method: "POST", serve: (*Server).messageSend},
		"message/recall":               {method: "POST", serve: (*Server).messageRecall},
		"message/update_template_card": {method: "POST", serve: (*Server).messageUpdate},
		"appchat/create":               {method: "POST", serve: (*Server).appchatCreate},
		"appchat/update":               {method: "POST", serve: (*Server).appchatUpdate},
		"appchat/get":                  {method: "GET", serve: (*Server).appchatGet},
		"appchat/send":                 {method: "POST", serve: (*Server).appchatSend},
		"webhook/send":                 {method: "POST", open: true, serve: (*Server).webhookSend},
		"webhook/upload_media":         {method: "POST", open: true, upload: true, serve: (*Server).webhookUpload},

		"aibot/response": {method: "POST", open: true, serve: (*Server).botResponse},

		"media/upload":    {method: "POST", upload: true, serve: (*Server).mediaUpload},
		"media/uploadimg": {method: "POST", upload: true, serve: (*Server).mediaUploadImg},
		"media/get":       {method: "GET", serve: (*Server).mediaGet},

		"agent/get":   {method: "GET", serve: (*Server).agentGet},
		"agent/list":  {method: "GET", serve: (*Server).agentList},
		"agent/set":   {method: "POST", serve: (*Server).agentSet},
		"menu/create": {method: "POST", serve: (*Server).menuCreate},
		"menu/get":    {method: "GET", serve: (*Server).menuGet},
		"menu/delete": {method: "GET", serve: (*Server).menuDelete},

		"user/get":                 {method: "GET", assistant: assistantNewIP, empty: noUser, serve: (*Server).userGet},
		"user/list":                {method: "GET", assistant: assistantNewIP, empty: noUsers, serve: (*Server).userList},
		"user/simplelist":          {method: "GET", assistant: assistantNewIP, empty: noUsers, serve: (*Server).userSimpleList},
		"user/list_id":             {method: "POST", assistant: assistantMay, serve: (*Server).userListID},
		"user/getuserid":           {method: "POST", assistant: assistantNewIP, serve: (*Server).userIDByMobile},
		"user/get_userid_by_email": {method: "POST", assistant: assistantNewIP, serve: (*Server).userIDByEmail},
		"department/list":          {method: "GET", assistant: assistantNewIP, serve: (*Server).departmentList},
		"department/simplelist":    {method: "GET", assistant: assistantMay, serve: (*Server).departmentSimpleList},
		"department/get":           {method: "GET", assistant: assistantNewIP, serve: (*Server).departmentGet},
		"tag/list":                 {method: "GET", assistant: assistantNewIP, serve: (*Server).tagList},
		"tag/get":                  {method: "GET", assistant: assistantNewIP, serve: (*Server).tagGet},

		"auth/getuserinfo":   {method: "GET", serve: (*Server).authGetUserInfo},
		"auth/getuserdetail": {method: "POST", serve: (*Server).authGetUserDetail},
		"user/getuserinfo":   {method: "GET", serve: (*Server).oldGetUserInfo},
	}
}
